"""The part of a streamed text that is not final."""

import re
from dataclasses import dataclass

# The start of a line that may yet become a list, a heading, a fence, a rule, or what follows a table's head.
UNDECIDED = re.compile(
    r"[ \t]*(?:[-=*_+#>`~|:$\\ \t]+|\d{1,9}[.)]?|(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]?\]?|\\\[?|!?\[\^?)[ \t]*"
)


# The start of a line that may yet turn out to be running text: "```a` b", "$$a$$ b".
MAY_BE_TEXT = re.compile(r"[ \t]*(?:```|~~~|\$\$|\\\[)")


@dataclass
class Source:
    """Complete lines, and one that has not ended."""

    lines: str = ""
    line: str = ""

    def __len__(self) -> int:
        return len(self.lines) + len(self.line)

    def add(self, text: str) -> None:
        complete, newline, self.line = (self.line + text).rpartition("\n")
        self.lines += complete + newline

    def drop(self, end: int) -> None:
        """Forgets the first `end` characters."""
        self.line = self.line[max(0, end - len(self.lines)) :]
        self.lines = self.lines[end:]

    def take_lines(self) -> str:
        lines, self.lines = self.lines, ""
        return lines

    def take_line(self, step: int) -> str:
        """As many times `step` characters of the unended line as there are."""
        end = len(self.line) // step * step
        taken, self.line = self.line[:end], self.line[end:]
        return taken

    def decided(self) -> str:
        """The unended line, unless nobody can say yet what it will be."""
        return "" if UNDECIDED.fullmatch(self.line) else self.line

    def shown(self) -> str:
        return self.lines + self.decided()

    def settled(self) -> str:
        """As much as says for sure where its blocks begin, whatever follows."""
        return self.lines if MAY_BE_TEXT.match(self.line) else self.shown()
