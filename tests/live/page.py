"""What htmx makes of the frames that come: the last article that a tab was sent, as it stands now."""

import re

from tests.markup.browser import element

PARTIAL = re.compile(r'<hx-partial hx-target="#([^"]+)" hx-swap="(\w+)[^"]*">(.*?)</hx-partial>', re.DOTALL)
PRESERVED = re.compile(r'<div [^>]*id="([^"]+)" hx-preserve></div>')


class Page:
    def __init__(self) -> None:
        self.article = ""

    def receive(self, frame: str) -> None:
        for target, swap, html in PARTIAL.findall(frame):
            if "<article" in html:
                begins, ends = html.rindex("<article"), html.rindex("</article>")
                self.article = PRESERVED.sub(self._kept, html[begins:ends] + "</article>")
            elif f'id="{target}"' in self.article:
                self._swap(target, swap, html)

    def _kept(self, coming: re.Match[str]) -> str:
        start, *_, end = element(self.article, coming[1])
        return self.article[start:end]

    def _swap(self, target: str, swap: str, html: str) -> None:
        start, begins, ends, end = element(self.article, target)
        replaced = {
            "beforebegin": (start, start),
            "beforeend": (ends, ends),
            "innerHTML": (begins, ends),
            "outerHTML": (start, end),
        }[swap]
        self.article = self.article[: replaced[0]] + html + self.article[replaced[1] :]
