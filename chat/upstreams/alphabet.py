"""Names and ids as providers take them, of whatever another one has given."""

import hashlib
import re

_ALPHABET = re.compile(r"[a-zA-Z0-9_-]+")
_OUTSIDE = re.compile(r"[^a-zA-Z0-9_-]")


def no_longer_than(longest: int | None, text: str) -> str:
    return text if longest is None or len(text) <= longest else within_alphabet(text, longest)


def within_alphabet(text: str, longest: int = 256) -> str:
    """The same for the same text, and another for another."""
    if _ALPHABET.fullmatch(text) and len(text) <= longest:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{_OUTSIDE.sub('_', text)[: longest - len(mark) - 1]}_{mark}"
