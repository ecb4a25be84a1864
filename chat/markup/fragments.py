"""Parts of a text as sanitised HTML, while the rest of it is still to come."""

from collections import ChainMap
from typing import Any

from markdown_it.rules_core import StateCore
from markdown_it.rules_core.text_join import text_join
from markdown_it.token import Token

from .parser import PIECES, inline
from .sanitiser import sanitise

THEAD = "</thead>"
TBODY, ROW = ("<tbody>", "</tbody>"), ("<tr>", "</tr>")


class Fragments:
    """Remembers the definitions of links. Text that is `unended` is shown as if it had an end."""

    def __init__(self) -> None:
        self._environment: dict[str, Any] = {"references": {}}

    def blocks(self, text: str, *, unended: bool = False) -> str:
        return sanitise(self._html(*self._parse(text, unended)))

    def item(self, text: str, *, loose: bool, unended: bool = False) -> tuple[str, bool]:
        """What is in the only <li> of a list, and whether that has blank lines in it."""
        tokens, env = self._parse(text, unended, in_list=True)
        paragraphs = [token for token in tokens if token.level == 2 and token.type.startswith("paragraph_")]
        loose = loose or any(not token.hidden for token in paragraphs)
        for token in paragraphs:
            token.hidden = not loose
        html = sanitise(self._html(tokens, env))
        return html[html.index(">", html.index("<li")) + 1 : html.rindex("</li>")], loose

    def table(self, head: str) -> str:
        """A table as far as its head, not closed; `head` is two lines."""
        return sanitise(self._html(*self._parse(head, unended=False))).partition(THEAD)[0] + THEAD

    def rows(self, head: str, text: str, *, unended: bool = False) -> str:
        """The <tr> elements of the lines in `text` under the two lines of `head`."""
        return _between(sanitise(self._html(*self._parse(head + text, unended))), TBODY).lstrip("\n")

    def prose(self, text: str, *, unended: bool = False) -> str:
        """Running text without a paragraph around it."""
        env = self._env(unended)
        state = StateCore("", PIECES, env, [Token("inline", "", 0, content=text)])
        inline(state)
        text_join(state)
        return sanitise(self._html(state.tokens, env))

    def _parse(
        self, text: str, unended: bool, *, in_list: bool = False
    ) -> tuple[list[Token], dict[str, Any]]:
        self._environment["in_list"] = in_list
        env = self._env(unended)
        return PIECES.parse(text, env), env

    def _env(self, unended: bool) -> dict[str, Any]:
        """Half a definition must not be remembered."""
        if not unended:
            return self._environment
        references = ChainMap[str, Any]({}, self._environment["references"])
        return {**self._environment, "open": True, "references": references}

    def _html(self, tokens: list[Token], env: dict[str, Any]) -> str:
        return str(PIECES.renderer.render(tokens, PIECES.options, env))


def _between(html: str, tags: tuple[str, str]) -> str:
    return html.partition(tags[0])[2].partition(tags[1])[0]


def row(html: str) -> str:
    """What is in the first <tr>."""
    return _between(html, ROW)
