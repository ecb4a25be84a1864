"""What one streamed text has on the page, kept in step with the page by patches."""

import html as escaping
import re
from dataclasses import dataclass, replace
from typing import Literal

Swap = Literal["beforeend", "beforebegin", "outerHTML", "innerHTML"]


@dataclass(frozen=True, slots=True)
class Patch:
    """`target` is the id of an element, without `#`."""

    target: str
    swap: Swap
    html: str


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An element still open on the page: how much stood before it, and what follows the tail in it."""

    before: int
    outer_tail: str
    closing: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where on the page the finished HTML from `start` on goes.

    The first `depth` open elements are on the page already, around it.
    """

    target: str
    swap: Swap
    start: int
    depth: int


TAIL = "div"
# In characters of HTML: a few screens, so that of a long answer the browser lays out only what is near.
PART_LENGTH = 8_000
PART_BEGINS = '<div class="markup__part" id="{id}">'
PART_ENDS = "</div>"


class Page:
    """Finished HTML, then one element, the tail, that changes; the tail may stand inside elements still open.

    <p>finished</p> <ul> <li>finished</li> <li id="…-tail">changes</li> </ul>

    All of it stands in parts, of which CSS leaves those out that are out of view: without them every frame
    costs the browser more the longer the answer is.

    htmx looks up the targets of all patches in a frame before it applies the first, so that no patch may aim
    at what another brings or takes away: what changes between two calls of `patches` is put together by place.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = escaping.escape(prefix)
        self.blocks_id = f"{self.prefix}-blocks"
        self.tail_id = f"{self.prefix}-tail"
        self.open_id = f"{self.prefix}-open"
        self._finished: list[str] = []
        self._enclosures: list[Enclosure] = []
        self._tail_tag = TAIL
        self._part = 0
        self._begin_part()
        self._tail = self._shown_tail = ""
        self._anchor = self._before_tail()
        self._patches: list[Patch] = []

    def insert(self, html: str) -> None:
        """Puts finished HTML before the tail."""
        if len(self._enclosures) == 1 and self._part_length > PART_LENGTH:
            self._end_part()
            self._begin_part()
        if html:
            self._finished.append(html)
            self._part_length += len(html)

    def show(self, html: str) -> None:
        """Makes this the content of the tail."""
        self._tail = html

    def enclose(self, opening: str, tail_tag: str, closing: str) -> None:
        """Opens an element around the tail, which becomes an empty `tail_tag`."""
        if self._anchor.swap == "beforebegin":
            self._anchor = replace(self._anchor, swap="outerHTML")
        self._enclosures.append(Enclosure(len(self._finished), self._tail_tag, closing))
        self._finished.append(opening)
        self._tail_tag, self._tail = tail_tag, ""

    def close(self) -> None:
        """Ends the only open element where the tail is, and begins an empty tail after it."""
        if self._anchor.depth > 1:
            last = "".join(self._finished[self._anchor.start :])
            self._patches.append(Patch(self._anchor.target, "outerHTML", last))
            self._anchor = Anchor(self._part_id, "beforeend", len(self._finished) + 1, 1)
        enclosure = self._enclosures.pop()
        self._finished.append(enclosure.closing)
        self._tail_tag, self._tail = enclosure.outer_tail, ""

    def withdraw(self) -> None:
        """Takes the innermost open element, whose id is `open_id`, away; the tail stands in its place."""
        enclosure = self._enclosures.pop()
        del self._finished[enclosure.before :]
        self._tail_tag, self._tail = enclosure.outer_tail, ""
        if len(self._enclosures) < self._anchor.depth:
            self._anchor = Anchor(self.open_id, "outerHTML", enclosure.before, len(self._enclosures))

    def html(self) -> str:
        return "".join(self._finished) + self._rest(0)

    def text(self) -> str:
        """The finished HTML without the parts that it stands in."""
        begins = PART_BEGINS.format(id=rf"{re.escape(self.prefix)}-part-\d+")
        return re.sub(f"(?:^|{PART_ENDS}){begins}", "", "".join(self._finished))

    def patches(self) -> list[Patch]:
        """What changed since the last call, for a page that has what that call gave."""
        new = "".join(self._finished[self._anchor.start :])
        patches = self._patches
        if self._anchor.swap != "beforebegin":
            patches.append(
                Patch(self._anchor.target, self._anchor.swap, new + self._rest(self._anchor.depth))
            )
        elif new:
            patches.append(Patch(self.tail_id, "beforebegin", new))
        if self._anchor.swap == "beforebegin" and self._tail != self._shown_tail:
            patches.append(Patch(self.tail_id, "innerHTML", self._tail))
        self._patches, self._anchor, self._shown_tail = [], self._before_tail(), self._tail
        return patches

    @property
    def _part_id(self) -> str:
        return f"{self.prefix}-part-{self._part}"

    def _begin_part(self) -> None:
        self._part += 1
        self._part_length = 0
        self._enclosures = [Enclosure(len(self._finished), TAIL, PART_ENDS)]
        self._finished.append(PART_BEGINS.format(id=self._part_id))

    def _end_part(self) -> None:
        last = "".join(self._finished[self._anchor.start :])
        swap: Swap = "beforeend" if self._anchor.swap == "beforeend" else "outerHTML"
        self._patches.append(Patch(self._anchor.target, swap, last))
        self._finished.append(self._enclosures.pop().closing)
        self._anchor = Anchor(self.blocks_id, "beforeend", len(self._finished), 0)

    def _before_tail(self) -> Anchor:
        return Anchor(self.tail_id, "beforebegin", len(self._finished), len(self._enclosures))

    def _rest(self, depth: int) -> str:
        """The tail, and the ends of the elements open around it from `depth` on."""
        name = ' class="markup__tail"' if self._tail_tag == TAIL else ""
        tail = f'<{self._tail_tag}{name} id="{self.tail_id}">{self._tail}</{self._tail_tag}>'
        return tail + "".join(enclosure.closing for enclosure in reversed(self._enclosures[depth:]))
