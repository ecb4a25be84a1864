"""What a browser does with patches, on a string."""

import html
import re
from collections.abc import Sequence

from chat.markup import Patch, StreamedMarkup


class Tab:
    def __init__(self, streamed: StreamedMarkup) -> None:
        self.page = f'<div id="{streamed.blocks_id}">{streamed.html()}</div>'

    def apply(self, patches: Sequence[Patch]) -> None:
        """As htmx does, which looks up every target before it applies the first patch."""
        for patch in patches:
            element(self.page, patch.target)
        replaced = [patch.target for patch in patches if patch.swap == "outerHTML"]
        assert not any(patch.target in replaced for patch in patches if patch.swap != "outerHTML")
        for patch in patches:
            outer, inner_start, inner_end, end = element(self.page, patch.target)
            start, stop = {
                "beforebegin": (outer, outer),
                "beforeend": (inner_end, inner_end),
                "innerHTML": (inner_start, inner_end),
                "outerHTML": (outer, end),
            }[patch.swap]
            self.page = self.page[:start] + patch.html + self.page[stop:]

    @property
    def inside(self) -> str:
        return self.page[self.page.index(">") + 1 : self.page.rindex("<")]


def element(page: str, identifier: str) -> tuple[int, int, int, int]:
    """The positions before the element, after its opening tag, before its closing tag and after that."""
    openings = list(re.finditer(rf'<(\w+)[^>]*\bid="{identifier}"[^>]*>', page))
    assert len(openings) == 1, f"{len(openings)} elements with id {identifier}"
    opening, depth = openings[0], 1
    for tag in re.finditer(rf"<(/?){opening[1]}\b[^>]*>", page[opening.end() :]):
        depth += -1 if tag[1] else 1
        if not depth:
            return opening.start(), opening.end(), opening.end() + tag.start(), opening.end() + tag.end()
    raise AssertionError(f"{identifier} is not closed")


def text_of(markup: str) -> str:
    """What a reader reads, with the space between blocks made one."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())
