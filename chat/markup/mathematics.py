"""TeX as MathML, which browsers show without a script.

Inline `$…$` and `\\(…\\)`, display `$$…$$` and `\\[…\\]`. What cannot be converted is shown as its source.
"""

import html
import re
from functools import cache, lru_cache
from itertools import accumulate
from xml.etree.ElementTree import tostring

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

LONGEST = 4_000
"""Characters of TeX that are converted; 4,000 take about 50 ms at worst."""

LONGEST_BLOCK = 100
"""Lines that are searched for the end of display mathematics."""

DEEPEST = 40

BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
BRACES = {"{": 1, "}": -1}

# A closing dollar follows no space and is followed by no digit, so that "$5 and $6" is money.
INLINE = re.compile(
    r"""
      (?<![\d$]) \$ (?![\s$]) (?P<dollar> (?: \\. | [^$\\] )++ ) (?<!\s) \$ (?!\d)
    | \$\$ (?P<dollars> (?: \\. | [^$\\] )++ ) \$\$
    | \\\( (?P<parenthesis> .+? ) \\\)
    | \\\[ (?P<bracket> .+? ) \\\]
    """,
    re.VERBOSE | re.DOTALL,
)
CLOSING = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
REDEFINES = re.compile(r"\\(?:re)?newcommand|\\providecommand|\\[egx]?def(?![a-zA-Z])|\\let(?![a-zA-Z])")


def mathematics_plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("escape", "math_inline", math_inline)
    parser.block.ruler.before(
        "fence", "math_block", math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


@lru_cache(maxsize=256)
def mathml(source: str, tex: str, *, display: bool) -> str:
    """The <math> element for `tex`, or `source` as it was written if that is not valid TeX."""
    # Macros can define themselves into billions of symbols.
    if len(tex) > LONGEST or REDEFINES.search(tex) or not _is_balanced(tex):
        return in_source(source)
    try:
        return _convert(tex, display)
    except _not_convertible():
        return in_source(source)


def _is_balanced(tex: str) -> bool:
    """Whether every brace has its other half, at a depth that people write."""
    depths = list(accumulate(BRACES[brace] for brace in BRACE.findall(tex) if brace in BRACES))
    return not depths or (depths[-1] == 0 and min(depths) >= 0 and max(depths) <= DEEPEST)


@cache
def _not_convertible() -> tuple[type[Exception], ...]:
    """The converter raises its own errors, and lets those of its iterators and its recursion through."""
    from latex2mathml import exceptions

    own = (
        each for each in vars(exceptions).values() if isinstance(each, type) and issubclass(each, Exception)
    )
    return (*own, StopIteration, IndexError, KeyError, TypeError, ValueError, RuntimeError)


def _convert(tex: str, display: bool) -> str:
    # Loaded with the first formula: otherwise it would take a twentieth of the site's start.
    from latex2mathml.converter import Converter

    math = Converter(display="block" if display else "inline").convert_to_element(tex)
    for element in math.iter():
        # The converter writes symbols as character references, which serialising would escape again.
        element.text = html.unescape(element.text) if element.text else None
    return tostring(math, encoding="unicode")


def in_source(source: str) -> str:
    return f'<code class="math-error">{html.escape(source)}</code>'


def match_inline(text: str, start: int, end: int) -> re.Match[str] | None:
    """The mathematics that begins at `start`; its only group that is not None is the TeX."""
    closing = CLOSING.get(text[start : start + 2])
    # Otherwise every opening of many would be followed to the end of the text.
    if closing and text.find(closing, start + 2, end) < 0:
        return None
    return INLINE.match(text, start, end)


def math_inline(state: StateInline, silent: bool) -> bool:
    match = match_inline(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = match[match.lastgroup or 0].strip()
        token.markup = match[0]
        token.meta["display"] = match.lastgroup in ("dollars", "bracket")
    state.pos = match.end()
    return True


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Display mathematics on lines of its own, without a blank line in it.

    With `open` in the environment, what has no end yet reaches to the end of the text.
    """
    first = state.bMarks[start] + state.tShift[start]
    opening = state.src[first : first + 2]
    closing = CLOSING.get(opening)
    if closing is None or opening == "\\(" or state.is_code_block(start):
        return False
    last = _last_line(state, start, min(end, start + LONGEST_BLOCK), closing)
    if last is None:
        return False
    if not silent:
        _push_block(state, start, last, closing)
    return True


def _last_line(state: StateBlock, start: int, end: int, closing: str) -> int | None:
    for number in range(start, end):
        begin = state.bMarks[number] + state.tShift[number]
        line = state.src[begin + (2 if number == start else 0) : state.eMarks[number]].rstrip()
        if closing in line:
            return number if line.endswith(closing) and line.count(closing) == 1 else None
        if state.isEmpty(number) or state.sCount[number] < state.blkIndent:
            return None
    return end - 1 if end == state.lineMax and state.env.get("open") else None


def _push_block(state: StateBlock, start: int, last: int, closing: str) -> None:
    source = state.getLines(start, last + 1, state.blkIndent, False).strip()
    ended = len(source) > 2 and source.endswith(closing)
    token = state.push("math_block" if ended else "math_open", "math", 0)
    token.content = source[2:].removesuffix(closing).strip()
    token.markup = source
    token.meta["display"] = True
    token.map = [start, last + 1]
    state.line = last + 1
