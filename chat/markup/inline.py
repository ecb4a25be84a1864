"""Running text: where it may be cut without cutting anything in two, and how it looks before it ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .mathematics import match_inline

SHORTEST = 1_000
"""Characters after which running text is cut at the next word that begins with nothing open."""

LONGEST = 4_000
"""Characters after which it is cut anyway: the parser's time can grow with the square of its input."""

DEEPEST = 32

MARKS = re.compile(r"\\.|`+|\$\$?|!?\[|\]|\*+|_+|~~+", re.DOTALL)
MARKS_AND_PAUSES = re.compile(MARKS.pattern + r"|\s+|[。\uff01\uff1f\uff1b]", re.DOTALL)
BACKTICKS = re.compile("`+")
DESTINATION = re.compile(
    r"""\(\s*+(?:<[^<>\n]*+>|(?:[^\s()\\]|\\.|\([^\s()]*+\))*+)(?:\s++(?:"[^"]*+"|'[^']*+'))?\s*+\)""",
    re.DOTALL,
)
UNENDED_DESTINATION = re.compile(r"""\([^\s)]*+(?:\s++(?:["'][^\n]*+)?)?\Z""")


def segments(text: str) -> Iterator[str]:
    """The text in pieces that can each be parsed alone. Adding to the text changes only the last piece."""
    start = 0
    while end := cut(text[start : start + LONGEST]):
        yield text[start : start + end]
        start += end
    yield text[start:]


def cut(text: str) -> int | None:
    """Where the first piece of `text` ends, or None while that depends on what follows."""
    if len(text) < SHORTEST:
        return None
    for pause in Scan(text[:LONGEST]).walk(MARKS_AND_PAUSES):
        if pause >= SHORTEST:
            return pause
    if len(text) < LONGEST:
        return None
    space = text.rfind(" ", SHORTEST, LONGEST)
    return space + 1 if space >= 0 else LONGEST


def mend(text: str) -> str:
    """Text that stops in the middle, as if what is open had been closed; a link without a target is its label."""
    scan = Scan(text.rstrip().removesuffix("\\"))
    for _ in scan.walk(MARKS):
        pass
    text = scan.shown().rstrip()
    for opening in reversed(scan.opened):
        if "[" in opening.marker:
            text = text[: opening.start] + text[opening.start + len(opening.marker) :]
        else:
            text += opening.marker
    return text


@dataclass
class Opening:
    """Something that begins at `start` with `marker` and has not ended."""

    marker: str
    start: int


@dataclass
class Scan:
    """A walk over running text that knows what is open.

    It stops early, with `unended` set, at code, mathematics or a link target whose end is not in the text.
    """

    text: str
    opened: list[Opening] = field(default_factory=list)
    unended: Opening | None = None

    def walk(self, marks: re.Pattern[str]) -> Iterator[int]:
        """The places after a space, or a full stop that none follows, where nothing is open."""
        position = 0
        while (match := marks.search(self.text, position)) and len(self.opened) < DEEPEST:
            after = self._pass(match)
            if after is None:
                return
            position = after
            if not self.opened and position < len(self.text) and match[0][0] not in "\\`$![]*_~":
                yield position

    def shown(self) -> str:
        """The text with what is unended closed or left out."""
        if self.unended is None:
            return self.text
        marker, start = self.unended.marker, self.unended.start
        before, inside = self.text[:start], self.text[start + len(marker) :]
        match marker[0]:
            case "[" | "!":
                return before + inside[: inside.rfind("](")]
            case "`":
                return f"{before}{marker}{inside.rstrip('`')}{marker}" if inside.strip("`") else before
            case "*" | "_" | "~":
                return before
        return f"{before}`{inside}`" if inside.strip() and "`" not in inside else before

    def _pass(self, match: re.Match[str]) -> int | None:
        """The position after what begins here, None if that is not in the text."""
        match match[0][0]:
            case "`":
                return self._code(match)
            case "$" | "\\":
                return self._mathematics(match)
            case "[" | "!":
                self.opened.append(Opening(match[0], match.start()))
            case "]":
                return self._link(match)
            case "*" | "_" | "~":
                return self._emphasis(match)
        return match.end()

    def _wait(self, marker: str, start: int) -> None:
        self.unended = Opening(marker, start)

    def _code(self, match: re.Match[str]) -> int | None:
        for run in BACKTICKS.finditer(self.text, match.end()):
            if len(run[0]) == len(match[0]):
                return run.end()
        self._wait(match[0], match.start())
        return None

    def _mathematics(self, match: re.Match[str]) -> int | None:
        if whole := match_inline(self.text, match.start(), len(self.text)):
            return whole.end()
        rest = self.text[match.end() :]
        literal = match[0] not in ("$", "$$", "\\(", "\\[")
        money = match[0] == "$" and ("$" in rest or rest[:1].isspace() or rest[:1].isdigit())
        if literal or money:
            return match.end()
        self._wait(match[0], match.start())
        return None

    def _link(self, match: re.Match[str]) -> int | None:
        brackets = [index for index, opening in enumerate(self.opened) if "[" in opening.marker]
        if not brackets:
            return match.end()
        bracket = self.opened[brackets[-1]]
        del self.opened[brackets[-1] :]
        if UNENDED_DESTINATION.match(self.text, match.end()):
            self._wait(bracket.marker, bracket.start)
            return None
        target = DESTINATION.match(self.text, match.end())
        return target.end() if target else match.end()

    def _emphasis(self, match: re.Match[str]) -> int | None:
        before, after = self.text[: match.start()][-1:], self.text[match.end() : match.end() + 1]
        within = match[0][0] == "_" and before.isalnum() and after.isalnum()
        if within or (match[0][0] == "~" and len(match[0]) != 2):
            return match.end()
        left = len(match[0]) - (self._close(match[0]) if before.strip() else 0)
        if left and not after:
            self._wait(match[0][:left], match.end() - left)
            return None
        if left and after.strip():
            self.opened.append(Opening(match[0][:left], match.end() - left))
        return match.end()

    def _close(self, run: str) -> int:
        """How many of the markers of `run` close something."""
        closed = 0
        for index in reversed(range(len(self.opened))):
            opening = self.opened[index]
            if opening.marker[0] == run[0] and closed < len(run):
                taken = min(len(opening.marker), len(run) - closed)
                opening.marker = opening.marker[taken:]
                closed += taken
                del self.opened[index + bool(opening.marker) :]
        return closed
