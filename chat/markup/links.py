"""Addresses that stand in running text become links."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

SCHEME = re.compile(r"(?<!\w)https?\Z", re.IGNORECASE)
# Neither quotes, angle brackets nor the punctuation of Chinese and Japanese belong to an address.
ADDRESS = re.compile(r"://\w[^\s<>\"`「」『』【】、。\uff01-\uff1f]*")
TRAILING = "?!.,:;*_~'"


def bare_links_plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.push("bare_link", bare_link)


def bare_link(state: StateInline, silent: bool) -> bool:
    """Runs at the colon: the scheme is in what was taken for text."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.src, max(0, state.pos - 5), state.pos)
    match = ADDRESS.match(state.src, state.pos, state.posMax)
    if not (scheme and match and state.pending.endswith(scheme[0])):
        return False
    rest = _without_punctuation(match[0])
    state.pending = state.pending.removesuffix(scheme[0])
    _push(state, scheme[0] + rest)
    state.pos += len(rest)
    return True


def _without_punctuation(address: str) -> str:
    address = address.rstrip(TRAILING)
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(TRAILING)
    return address


def _push(state: StateInline, address: str) -> None:
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(address)}
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)
