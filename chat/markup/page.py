"""What one streamed text has on the page, kept in step with the page by patches."""

import html as escaping
from dataclasses import dataclass
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


TAIL = "div"


class Page:
    """Finished HTML, then one element, the tail, that changes; the tail may stand inside elements still open.

    <p>finished</p> <ul> <li>finished</li> <li id="…-tail">changes</li> </ul>
    """

    def __init__(self, prefix: str) -> None:
        self.blocks_id = f"{escaping.escape(prefix)}-blocks"
        self.tail_id = f"{escaping.escape(prefix)}-tail"
        self.open_id = f"{escaping.escape(prefix)}-open"
        self._finished: list[str] = []
        self._enclosures: list[Enclosure] = []
        self._tail_tag = TAIL
        self._tail = ""
        self._patches: list[Patch] = []

    def insert(self, html: str) -> None:
        """Puts finished HTML before the tail."""
        if html:
            self._finished.append(html)
            self._patch(self.tail_id, "beforebegin", html)

    def show(self, html: str) -> None:
        """Makes this the content of the tail."""
        if html != self._tail:
            self._tail = html
            self._patch(self.tail_id, "innerHTML", html)

    def enclose(self, opening: str, tail_tag: str, closing: str) -> None:
        """Opens an element around the tail, which becomes an empty `tail_tag`."""
        self._enclosures.append(Enclosure(len(self._finished), self._tail_tag, closing))
        self._finished.append(opening)
        self._tail_tag, self._tail = tail_tag, ""
        self._patch(self.tail_id, "outerHTML", opening + self._tail_element() + closing)

    def close(self) -> None:
        """Ends the only open element where the tail is, and begins an empty tail after it."""
        enclosure = self._enclosures.pop()
        self._finished.append(enclosure.closing)
        self._patch(self.tail_id, "outerHTML", "")
        self._tail_tag, self._tail = enclosure.outer_tail, ""
        self._patch(self.blocks_id, "beforeend", self._tail_element())

    def withdraw(self) -> None:
        """Takes the innermost open element, whose id is `open_id`, away; the tail stands in its place."""
        enclosure = self._enclosures.pop()
        del self._finished[enclosure.before :]
        self._tail_tag, self._tail = enclosure.outer_tail, ""
        self._patch(self.open_id, "outerHTML", self._tail_element())

    def html(self) -> str:
        closings = [enclosure.closing for enclosure in reversed(self._enclosures)]
        return "".join([*self._finished, self._tail_element(), *closings])

    def patches(self) -> list[Patch]:
        """What changed since the last call."""
        patches, self._patches = self._patches, []
        return patches

    def _tail_element(self) -> str:
        name = ' class="markup__tail"' if self._tail_tag == TAIL else ""
        return f'<{self._tail_tag}{name} id="{self.tail_id}">{self._tail}</{self._tail_tag}>'

    def _patch(self, target: str, swap: Swap, html: str) -> None:
        last = self._patches[-1] if self._patches else None
        if last and swap == "beforebegin" and (last.target, last.swap) == (target, swap):
            self._patches[-1] = Patch(target, swap, last.html + html)
        else:
            self._patches.append(Patch(target, swap, html))
