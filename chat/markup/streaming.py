"""A text that is shown while it is written."""

from collections.abc import Iterator

from .fragments import Fragments
from .growth import Blocks, Growth
from .page import Page, Patch
from .rendering import UNWRITABLE
from .source import Source

STEP = 4_000
"""Characters looked at together; many blocks that come at once would be looked at again and again."""


class StreamedMarkup:
    """The page shows `<div class="markup" id="{blocks_id}">{html()}</div>` and applies every patch in order.

    Finished blocks, list items, table rows and lines of code are put there once; only the text that is still
    open is rendered again. What the whole text finally looks like is `render`'s to say: references to what
    comes later, for one, are resolved only there.
    """

    def __init__(self, prefix: str) -> None:
        """`prefix` begins every id and must be unique on the page."""
        self._page = Page(prefix)
        self._growth: Growth = Blocks(self._page, Fragments())
        self._source = Source()
        self._arrived: list[str] = []
        self._held = ""

    @property
    def blocks_id(self) -> str:
        return self._page.blocks_id

    def append(self, text: str) -> None:
        self._arrived.append(text)

    def advance(self) -> list[Patch]:
        """What changes on the page by what was appended since the last call."""
        for step in self._steps():
            self._source.add(step)
            self._settle(final=False)
        if self._arrived:
            self._growth.show(self._source)
        self._arrived.clear()
        return self._page.patches()

    def finish(self) -> list[Patch]:
        """As `advance`, and everything that is open ends here."""
        self._arrived.append("\n")
        for step in self._steps():
            self._source.add(step)
            self._settle(final=False)
        self._settle(final=True)
        self._growth.show(self._source)
        return self._page.patches()

    def html(self) -> str:
        """What is on the page after the patches given so far."""
        return self._page.html()

    def amounts_to(self, html: str) -> bool:
        """Whether the page, once nothing follows, shows what `render` made of the whole text."""
        return self._page.text() == html

    def _steps(self) -> Iterator[str]:
        text = UNWRITABLE.sub("\ufffd", self._held + "".join(self._arrived))
        # The other half of a line break may follow.
        self._held = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        return (text[start : start + STEP] for start in range(0, len(text), STEP))

    def _settle(self, *, final: bool) -> None:
        while (growth := self._growth.settle(self._source, final)) is not self._growth:
            self._growth = growth
