"""What one streamed text has on the page, kept in step with the page by patches."""

import html as escaping
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


class Page:
    """Finished HTML, then one element, the tail, that changes; the tail may stand inside elements still open.

    <p>finished</p> <ul> <li>finished</li> <li id="…-tail">changes</li> </ul>

    htmx looks up the targets of all patches in a frame before it applies the first, so that no patch may aim
    at what another brings or takes away: what changes between two calls of `patches` is put together by place.
    """

    def __init__(self, prefix: str) -> None:
        self.blocks_id = f"{escaping.escape(prefix)}-blocks"
        self.tail_id = f"{escaping.escape(prefix)}-tail"
        self.open_id = f"{escaping.escape(prefix)}-open"
        self._finished: list[str] = []
        self._enclosures: list[Enclosure] = []
        self._tail_tag = TAIL
        self._tail = self._shown_tail = ""
        self._anchor = self._before_tail()
        self._patches: list[Patch] = []

    def insert(self, html: str) -> None:
        """Puts finished HTML before the tail."""
        if html:
            self._finished.append(html)

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
        if self._anchor.depth:
            last = "".join(self._finished[self._anchor.start :])
            self._patches.append(Patch(self._anchor.target, "outerHTML", last))
            self._anchor = Anchor(self.blocks_id, "beforeend", len(self._finished) + 1, 0)
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

    def _before_tail(self) -> Anchor:
        return Anchor(self.tail_id, "beforebegin", len(self._finished), len(self._enclosures))

    def _rest(self, depth: int) -> str:
        """The tail, and the ends of the elements open around it from `depth` on."""
        name = ' class="markup__tail"' if self._tail_tag == TAIL else ""
        tail = f'<{self._tail_tag}{name} id="{self.tail_id}">{self._tail}</{self._tail_tag}>'
        return tail + "".join(enclosure.closing for enclosure in reversed(self._enclosures[depth:]))
