"""A whole text as HTML."""

import re

from .parser import WHOLE
from .sanitiser import sanitise

# UTF-8 has no form for half of a surrogate pair, and HTML none for NUL.
UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def render(text: str, prefix: str) -> str:
    """The text as sanitised HTML; `prefix` begins its ids, so that they are unique on a page of many texts."""
    env = {"prefix": prefix}
    return sanitise(WHOLE.render(UNWRITABLE.sub("\ufffd", text), env), prefix)
