"""How each element of the parsed text is written as HTML."""

import html
import re
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from . import code
from .effort import exhausted, spend
from .mathematics import in_source, mathml

Write = Callable[[Token, EnvType], str]

REMOTE = re.compile(r"https?://", re.IGNORECASE)


class Renderer(RendererHTML):
    """Writes as CommonMark does, except for the types of token in `WRITERS`."""

    def __init__(self, parser: MarkdownIt) -> None:
        super().__init__(parser)
        self.rules |= {kind: partial(_write, writer) for kind, writer in WRITERS.items()}  # type: ignore[misc]


def _write(writer: Write, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
    return writer(tokens[idx], env)


def fence(token: Token, env: EnvType) -> str:
    language = code.language_of(token.info)
    return code.figure(token.content, language, has_script="without_script" not in env) + "\n"


def plain(token: Token, _: EnvType) -> str:
    return f'<p class="plain">{html.escape(token.content)}</p>\n'


def as_written(token: Token, _: EnvType) -> str:
    return f"<span>{html.escape(token.content)}</span>"


def math_inline(token: Token, env: EnvType) -> str:
    spend(env, len(token.content))
    if exhausted(env):
        return in_source(token.markup)
    return mathml(token.markup, token.content, display=token.meta["display"])


def math_block(token: Token, env: EnvType) -> str:
    return f'<div class="math">{math_inline(token, env)}</div>\n'


def math_open(token: Token, _: EnvType) -> str:
    return f'<div class="math"><code class="math-open">{html.escape(token.content)}</code></div>\n'


def link_open(token: Token, _: EnvType) -> str:
    return f'<a{RendererHTML.renderAttrs(token)} target="_blank">'


def image(token: Token, env: EnvType) -> str:
    """Never an <img>: to load it would tell a stranger's server that the text is being read."""
    alt = html.escape("".join(child.content for child in token.children or []))
    source = str(token.attrGet("src") or "")
    if not REMOTE.match(source):
        return alt
    title = html.escape(str(token.attrGet("title") or source))
    host = html.escape(urlsplit(source).netloc.rpartition("@")[2])
    if "without_script" in env:
        return f'<a href="{html.escape(source)}" target="_blank">{alt or "Image"} ({host})</a>'
    return (
        f'<button type="button" class="remote-image" data-src="{html.escape(source)}" data-alt="{alt}"'
        f' title="{title}"><span class="remote-image__alt">{alt}</span>'
        f' <span class="remote-image__host">Load image from {host}</span></button>'
    )


def list_item_open(token: Token, _: EnvType) -> str:
    if "checked" not in token.meta:
        return "<li>"
    state = 'aria-label="Done" checked' if token.meta["checked"] else 'aria-label="To do"'
    return f'<li class="task"><input type="checkbox" disabled {state}> '


def cell_open(token: Token, _: EnvType) -> str:
    """Alignment is a class: the page's policy allows no inline style."""
    align = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} class="cell-{align}">' if align else f"<{token.tag}>"


def footnote_ref(token: Token, env: EnvType) -> str:
    """Where the text still grows the note is not known yet: its label stands there."""
    if "prefix" not in env:
        return f'<sup class="footnote-ref">{html.escape(token.meta["label"])}</sup>'
    link = f'<a href="#{_note(token, env)}" id="{_reference(token, env)}">{token.meta["id"] + 1}</a>'
    return f'<sup class="footnote-ref">{link}</sup>'


def footnote_open(token: Token, env: EnvType) -> str:
    return f'<li id="{_note(token, env)}">'


def footnote_anchor(token: Token, env: EnvType) -> str:
    back = f'href="#{_reference(token, env)}" class="footnote-back" aria-label="Back to the text"'
    return f" <a {back}>↩\ufe0e</a>"


def footnote_reference_open(token: Token, _: EnvType) -> str:
    label = html.escape(token.meta["label"])
    return f'<div class="footnote"><sup class="footnote-ref">{label}</sup>\n'


def _note(token: Token, env: EnvType) -> str:
    return html.escape(f"{env['prefix']}-note-{token.meta['id'] + 1}")


def _reference(token: Token, env: EnvType) -> str:
    again = f"-{token.meta['subId'] + 1}" if token.meta["subId"] else ""
    return f"{_note(token, env)}-reference{again}"


def _constant(text: str) -> Write:
    return lambda _token, _env: text


WRITERS: dict[str, Write] = {
    "as_written": as_written,
    "code_block": fence,
    "fence": fence,
    "footnote_anchor": footnote_anchor,
    "footnote_block_close": _constant("</ol></section>\n"),
    "footnote_block_open": _constant('<section class="footnotes"><ol>\n'),
    "footnote_close": _constant("</li>\n"),
    "footnote_open": footnote_open,
    "footnote_ref": footnote_ref,
    "footnote_reference_close": _constant("</div>\n"),
    "footnote_reference_open": footnote_reference_open,
    "image": image,
    "link_open": link_open,
    "list_item_open": list_item_open,
    "math_block": math_block,
    "math_inline": math_inline,
    "math_open": math_open,
    "plain": plain,
    "table_close": _constant("</table></div>\n"),
    "table_open": _constant('<div class="table" tabindex="0" role="region" aria-label="Table"><table>\n'),
    "td_open": cell_open,
    "th_open": cell_open,
}
