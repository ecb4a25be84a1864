"""How each kind of open block grows on the page.

A kind moves from the source to the page what is final, once, and shows the rest in the tail. What it does
depends on the text so far, not on the pieces in which that came.
"""

import html as escaping
import re
from abc import ABC, abstractmethod

from markdown_it.rules_block.table import escapedSplit

from . import code
from .fragments import Fragments, row
from .inline import SHORTEST, cut
from .outline import LISTS, Block, outline
from .page import Page
from .source import Source

BULKY = 4_000
"""Characters of one block or item that are rendered anew each time; those that follow are shown plain."""

HUGE = 100_000
"""Characters of one block or item after which all that follows stays plain: to render it once takes seconds."""

LONG_LINE = 2_000
"""Characters of an unended line that are sent each time."""

AFTER_BLANK_LINE = re.compile(r"\n[ \t]*\n[^\s>]")


class Growth(ABC):
    def __init__(self, page: Page, fragments: Fragments) -> None:
        self.page = page
        self.fragments = fragments

    @abstractmethod
    def settle(self, source: Source, final: bool) -> "Growth":
        """Puts what is final on the page; returns how the rest grows. `final` says that nothing follows."""

    @abstractmethod
    def show(self, source: Source) -> None:
        """Shows the rest in the tail."""


class Previewed(Growth):
    """Growth whose rest is rendered anew each time, as long as it is short."""

    plain_tag = "div"

    @abstractmethod
    def preview(self, text: str) -> str:
        """What the tail shows of a text that stops in the middle."""

    @abstractmethod
    def goes_on(self, text: str) -> bool:
        """Whether `text` is still within one block, or one item."""

    def show(self, source: Source) -> None:
        self.page.show(self.preview(source.shown()) if source.shown().strip() else "")


class Blocks(Previewed):
    """Between blocks, and in those that do not grow by parts: paragraphs, headings, quotes, mathematics."""

    def settle(self, source: Source, final: bool) -> Growth:
        blocks = outline(source.settled())
        done = 0
        for block in blocks:
            if kind := _grows_by_parts(block, source):
                self._insert(source.lines[done : block.start])
                source.drop(block.start)
                return kind(self.page, self.fragments, source, block)
            if block is blocks[-1] and not (final or _is_closed(block, source.lines)):
                break
            self._insert(source.lines[done : block.end])
            done = block.end
        if not blocks and (final or len(source.lines) >= SHORTEST):
            self._insert(source.lines)
            done = len(source.lines)
        source.drop(done)
        return self._long(source)

    def preview(self, text: str) -> str:
        return self.fragments.blocks(_with_delimiters(text), unended=True)

    def goes_on(self, text: str) -> bool:
        return len(outline(text)) < 2

    def _insert(self, text: str) -> None:
        if text.strip():
            self.page.insert(self.fragments.blocks(text))

    def _long(self, source: Source) -> Growth:
        if len(source) < SHORTEST:
            return self
        blocks = outline(source.shown())
        if len(blocks) != 1:
            return self
        self._insert(source.lines[: blocks[0].start])
        source.drop(blocks[0].start)
        if blocks[0].kind == "paragraph_open":
            source.drop(len(source.shown()) - len(source.shown().lstrip()))
            return Prose(self.page, self.fragments) if cut(source.shown()) else self
        return Plain(self, source) if len(source) > BULKY else self


def _grows_by_parts(block: Block, source: Source) -> "type[Items | Rows | Code] | None":
    lines = source.lines
    if "\n" not in lines[block.start :]:
        return None
    if block.kind in LISTS:
        return None if _may_be_head(source.settled()[block.start :]) else Items
    if block.kind == "table_open":
        return Rows
    return Code if block.kind == "fence" and not _is_closed(block, lines) else None


def _may_be_head(text: str) -> bool:
    """Whether the only line of a list may yet turn out to be the head of a table."""
    line, _, following = text.partition("\n")
    return "|" in line and not following


def _is_closed(block: Block, lines: str) -> bool:
    """Whether this is a fence with its last line."""
    _, _, rest = lines[block.start : block.end].rstrip("\n").partition("\n")
    return block.kind == "fence" and code.closes(rest.rpartition("\n")[2], block.token.markup)


def _with_delimiters(text: str) -> str:
    """A table's head is shown as one before the line under it has come."""
    last = text[text.rstrip("\n").rfind("\n") + 1 :].strip()
    if not last.startswith("|") or text.endswith("\n\n"):
        return text
    columns = len(escapedSplit(last.removeprefix("|").removesuffix("|")))
    return text.rstrip("\n") + "\n" + "|-" * columns + "|"


class Prose(Growth):
    """A long paragraph: grows by pieces of running text."""

    # Stands before the rest, so that it cannot begin a block of another kind.
    BEFORE = "x"

    def __init__(self, page: Page, fragments: Fragments) -> None:
        super().__init__(page, fragments)
        page.enclose("<p>", "span", "</p>\n")

    def settle(self, source: Source, final: bool) -> Growth:
        blocks = outline(self.BEFORE + source.settled())
        end = blocks[0].end - len(self.BEFORE)
        if final or len(blocks) > 1 or source.lines[end:]:
            return self._end(source, end)
        while end := cut(source.shown()) or 0:
            self.page.insert(self.fragments.prose(source.shown()[:end]))
            source.drop(end)
        return self

    def show(self, source: Source) -> None:
        self.page.show(self.fragments.prose(source.shown(), unended=True))

    def _end(self, source: Source, end: int) -> Growth:
        text = source.lines[:end].rstrip()
        while piece := cut(text):
            self.page.insert(self.fragments.prose(text[:piece]))
            text = text[piece:]
        self.page.insert(self.fragments.prose(text))
        self.page.close()
        source.drop(end)
        return Blocks(self.page, self.fragments)


class Items(Previewed):
    """A list: grows by items. A blank line makes those that follow loose."""

    plain_tag = "li"

    def __init__(self, page: Page, fragments: Fragments, source: Source, block: Block) -> None:  # noqa: ARG002
        super().__init__(page, fragments)
        self.loose = False
        start = f' start="{block.token.attrs["start"]}"' if "start" in block.token.attrs else ""
        page.enclose(f"<{block.token.tag}{start}>\n", "li", f"</{block.token.tag}>\n")

    def settle(self, source: Source, final: bool) -> Growth:
        blocks = outline(source.settled(), in_list=True)
        *finished, last = blocks[0].items
        for start, end in finished:
            self._insert(source.lines[start:end], followed=True)
        if final or len(blocks) > 1:
            self._insert(source.lines[last[0] : last[1]], followed=False)
            self.page.close()
            source.drop(last[1])
            return Blocks(self.page, self.fragments)
        source.drop(last[0])
        return Plain(self, source) if len(source) > BULKY else self

    def preview(self, text: str) -> str:
        return self.fragments.item(text, loose=self.loose, unended=True)[0]

    def goes_on(self, text: str) -> bool:
        blocks = outline(text, in_list=True)
        return len(blocks) < 2 and len(blocks[0].items) < 2

    def _insert(self, text: str, *, followed: bool) -> None:
        blank = followed and not text.rpartition("\n")[0].rpartition("\n")[2].strip()
        inside, self.loose = self.fragments.item(text, loose=self.loose or blank)
        self.page.insert(f"<li>{inside}</li>\n")


class Rows(Growth):
    """A table: grows by rows."""

    def __init__(self, page: Page, fragments: Fragments, source: Source, block: Block) -> None:  # noqa: ARG002
        super().__init__(page, fragments)
        head, delimiters, _ = source.lines.split("\n", 2)
        self.head = f"{head}\n{delimiters}\n"
        source.drop(len(self.head))
        page.enclose(fragments.table(self.head) + "\n<tbody>\n", "tr", "</tbody>\n</table></div>\n")

    def settle(self, source: Source, final: bool) -> Growth:
        text = source.settled()
        end = outline(self.head + text)[0].end - len(self.head)
        rows = source.lines[:end]
        if rows:
            self.page.insert(self.fragments.rows(self.head, rows))
        source.drop(len(rows))
        if not (final or text[end:]):
            return self
        self.page.close()
        return Blocks(self.page, self.fragments)

    def show(self, source: Source) -> None:
        line = source.decided()[:LONG_LINE]
        self.page.show(row(self.fragments.rows(self.head, line, unended=True)) if line else "")


class Code(Growth):
    """A fence that is open: grows by lines, and is highlighted when it closes."""

    def __init__(self, page: Page, fragments: Fragments, source: Source, block: Block) -> None:
        super().__init__(page, fragments)
        opening, _, source.lines = source.lines.partition("\n")
        self.text = [opening + "\n"]
        self.indent = len(opening) - len(opening.lstrip(" "))
        self.marker = block.token.markup
        self.within_line = False
        language = code.language_of(block.token.info)
        page.enclose(code.opening(language, page.open_id), "span", code.CLOSING)

    def settle(self, source: Source, final: bool) -> Growth:
        while source.lines:
            line, newline, source.lines = source.lines.partition("\n")
            if not self.within_line and code.closes(line, self.marker):
                return self._end(line + newline)
            self._grow(line + newline)
            self.within_line = False
        if final:
            return self._end("")
        self._grow(source.take_line(LONG_LINE))
        return self

    def show(self, source: Source) -> None:
        may_close = not self.within_line and not source.line.strip(f"{self.marker[0]} ")
        self.page.show("" if may_close else self._unindented(source.line))

    def _grow(self, text: str) -> None:
        if text:
            self.text.append(text)
            self.page.insert(self._unindented(text))
            self.within_line = True

    def _unindented(self, text: str) -> str:
        spaces = 0 if self.within_line else min(self.indent, len(text) - len(text.lstrip(" ")))
        return escaping.escape(text[spaces:], quote=False)

    def _end(self, closing: str) -> Growth:
        self.page.withdraw()
        self.page.insert(self.fragments.blocks("".join(self.text) + closing))
        return Blocks(self.page, self.fragments)


class Plain(Growth):
    """A block or item too long to be rendered anew each time: it grows as plain text until it ends."""

    def __init__(self, within: Previewed, source: Source) -> None:
        super().__init__(within.page, within.fragments)
        self.within = within
        self.text = source.lines[: source.lines.rfind("\n", 0, BULKY) + 1]
        self.checked = len(self.text)
        source.drop(len(self.text))
        tag, shown = within.plain_tag, within.preview(self.text) if self.text else ""
        self.page.enclose(
            f'<{tag} id="{self.page.open_id}">{shown}<p class="plain">', "span", f"</p></{tag}>"
        )

    def settle(self, source: Source, final: bool) -> Growth:
        grown = source.take_lines() + source.take_line(LONG_LINE)
        self.text += grown
        self.page.insert(escaping.escape(grown, quote=False))
        if len(self.text) > HUGE or (not final and self._goes_on(len(grown), source.settled())):
            return self
        self.page.withdraw()
        lines, newline, line = self.text.rpartition("\n")
        source.lines, source.line = lines + newline, line + source.line
        return self.within

    def show(self, source: Source) -> None:
        self.page.show(escaping.escape(source.line, quote=False))

    def _goes_on(self, grown: int, line: str) -> bool:
        """Looks rarely: to look takes time in proportion to the whole text."""
        recent = self.text[-grown - 3 :] + line if grown else self.text[-3:] + line
        if not AFTER_BLANK_LINE.search(recent) and len(self.text) < 1.25 * self.checked:
            return True
        self.checked = len(self.text)
        return self.within.goes_on(self.text + line)
