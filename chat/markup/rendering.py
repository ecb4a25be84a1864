"""A whole text as HTML."""

import html
import re

from .parser import WHOLE
from .sanitiser import sanitise

MOST_LINES = 50_000
"""Lines that are looked at for markup, at 5 to 30 microseconds each; those that follow are shown plain."""

# UTF-8 has no form for half of a surrogate pair, and HTML none for NUL.
UNWRITABLE = re.compile("[\0\ud800-\udfff]")
LINE_BREAK = re.compile(r"\r\n?")


def render(text: str, prefix: str, *, has_script: bool = True) -> str:
    """The text as sanitised HTML; `prefix` begins its ids, so that they differ from those of other texts.

    Without script, nothing in it is a button.
    """
    lines = LINE_BREAK.sub("\n", UNWRITABLE.sub("\ufffd", text)).split("\n", MOST_LINES)
    rest = "".join(f'<p class="plain">{html.escape(line)}</p>' for line in lines[MOST_LINES:])
    env = {"prefix": prefix} | ({} if has_script else {"without_script": True})
    return sanitise(WHOLE.render("\n".join(lines[:MOST_LINES]), env) + rest, prefix)
