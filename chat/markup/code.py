"""Code with a bar that names its language, highlighted by classes."""

import html
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, _TokenType
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 60_000
"""Characters of a block that are highlighted."""

LONGEST_LINE = 2_000
"""Some lexers take quadratic time over one line."""

PIECE = 4_000

# Most specific first. The class is what the style sheet colours; anything else keeps the colour of text.
CLASSES = (
    (Comment, "c"),
    (Keyword, "k"),
    (String, "s"),
    (Number, "m"),
    (Name.Builtin, "n"),
    (Name.Class, "n"),
    (Name.Constant, "m"),
    (Name.Decorator, "n"),
    (Name.Function, "n"),
    (Name.Tag, "k"),
    (Name.Attribute, "n"),
    (Operator.Word, "k"),
    (Operator, "o"),
    (Punctuation, "o"),
)


def figure(code: str, language: str, *, has_script: bool = True) -> str:
    return (
        (opening(language) if has_script else opening_to_read(language)) + highlight(code, language) + CLOSING
    )


def opening(language: str, identifier: str = "") -> str:
    """Everything before the code itself; `identifier` is the id of the figure while it is still open."""
    name = html.escape(language)
    anchor = f' id="{identifier}"' if identifier else ""
    return (
        f'<figure class="code"{anchor} data-language="{name}"><figcaption class="code__bar">'
        f'<span class="code__language">{name}</span>'
        '<button type="button" class="code__copy" data-copy>Copy</button>'
        '</figcaption><pre tabindex="0"><code>'
    )


def opening_to_read(language: str) -> str:
    """The same where no script answers to a button."""
    bar = f'<figcaption class="code__bar"><span class="code__language">{html.escape(language)}</span></figcaption>'
    return f'<figure class="code">{bar if language else ""}<pre tabindex="0"><code>'


CLOSING = "</code></pre></figure>"


def closes(line: str, marker: str) -> bool:
    """Whether a line ends the code that the fence `marker` began."""
    fence = line.strip(" \t")
    indented = len(line) - len(line.lstrip(" ")) > 3 or line.startswith("\t")
    return not indented and len(fence) >= len(marker) and set(fence) == {marker[0]}


def language_of(info: str) -> str:
    """The first word of what follows a fence."""
    return (info.split() or [""])[0][:40]


def highlight(code: str, language: str) -> str:
    """The code as HTML, with `<span class="k">` and the like where the language is known."""
    lexer = _lexer(language.lower())
    if lexer is None or len(code) > LONGEST or max(map(len, code.split("\n"))) > LONGEST_LINE:
        return _plain(code)
    spans = groupby(lexer(stripnl=False, ensurenl=False).get_tokens(code), key=lambda token: _class(token[0]))
    return "".join(_span(name, "".join(text for _, text in tokens)) for name, tokens in spans)


def _plain(code: str) -> str:
    """In pieces: the sanitiser takes quadratic time over one text with many ampersands."""
    pieces = (code[start : start + PIECE] for start in range(0, len(code), PIECE))
    return "".join(f"<span>{html.escape(piece)}</span>" for piece in pieces)


@lru_cache(maxsize=256)
def _lexer(language: str) -> "type[Lexer] | None":
    # Loaded with the first code: it would take a part of the site's start.
    from pygments.lexers import get_lexer_by_name

    try:
        return type(get_lexer_by_name(language)) if language else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=1024)
def _class(token: _TokenType) -> str:
    return next((name for kind, name in CLASSES if token in kind), "")


def _span(name: str, text: str) -> str:
    return f'<span class="{name}">{html.escape(text)}</span>' if name else html.escape(text)
