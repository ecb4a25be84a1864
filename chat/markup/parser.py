"""The one grammar: CommonMark, tables, strikethrough, task lists, footnotes, bare links, mathematics.

Raw HTML is not part of it, so that tags in a text are text.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from .effort import exhausted, spend
from .inline import mend, segments
from .links import bare_links_plugin
from .mathematics import mathematics_plugin
from .renderer import Renderer

DEEPEST = 24
"""Levels of blocks in blocks; a list counts two. What is deeper is shown as plain text."""

MOST_UNCLOSED = 64
"""Brackets without their other half in one piece of running text: each is followed to the end of the piece."""

MARKS = "*_[]`$\\~<&:@!"

# `data:` images pass here because the renderer puts their alt text in their place.
LINKED = re.compile(r"https?://|mailto:|/(?![/\\])|data:image/", re.IGNORECASE)


class Parser(MarkdownIt):
    """`whole` is for a text that is complete: its notes are collected at its end.

    In the environment, `open` says that the text goes on after what is there, `in_list` that it begins with an
    item of a list, and `prefix` begins every id.
    """

    def __init__(self, *, whole: bool) -> None:
        super().__init__("js-default")
        self.options["tasklists"] = True
        # The parser drops what is nested deeper than this; `too_deep` comes first and keeps it.
        self.options["maxNesting"] = DEEPEST + 8
        self.use(footnote_plugin, inline=False, move_to_end=whole, always_match_refs=not whole)
        self.use(mathematics_plugin).use(bare_links_plugin)
        self.disable(["html_block", "html_inline", "linkify"])
        self.block.ruler.before("table", "too_deep", too_deep)
        self.block.ruler.at("table", table_after_an_item, {"alt": ["paragraph", "reference"]})
        self.core.ruler.at("inline", inline)
        # Last, because plugins replace what a renderer that is already there does with their tokens.
        self.renderer = Renderer(self)

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return bool(LINKED.match(url))


def inline(state: StateCore) -> None:
    """Parses running text in pieces, and mends the last if the text is still open there."""
    tokens = [token for token in state.tokens if token.type == "inline"]
    if state.env.get("open") and tokens and _is_last(state, tokens[-1]):
        tokens[-1].content = mend(tokens[-1].content)
    for token in tokens:
        token.children = []
        for segment in segments(token.content):
            token.children += _running_text(state, segment)


def _running_text(state: StateCore, text: str) -> list[Token]:
    """Text made to be slow to parse, or more of it than anybody writes, stays as it was written."""
    spend(state.env, sum(map(text.count, MARKS)))
    if exhausted(state.env) or text.count("[") - text.count("]") > MOST_UNCLOSED:
        return [Token("as_written", "", 0, content=text)]
    return state.md.inline.parse(text, state.md, state.env, [])


def _is_last(state: StateCore, token: object) -> bool:
    for other in reversed(state.tokens):
        if other is token:
            return True
        if other.nesting != -1:
            return False
    return False


def table_after_an_item(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """An item of a list would be taken for the head of a table by the line under it, and only its list knows better."""
    is_item = state.env.get("in_list") and start == 0 and state.level == 0
    return not is_item and table(state, start, end, silent)


def too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.level < DEEPEST or silent:
        return False
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= state.blkIndent):
        last += 1
    token = state.push("plain", "", 0)
    token.content = state.getLines(start, last, state.blkIndent, False).strip()
    token.map = [start, last]
    state.line = last
    return True


WHOLE = Parser(whole=True)
PIECES = Parser(whole=False)
