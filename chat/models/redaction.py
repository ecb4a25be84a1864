"""Bodies as they may be kept: without secrets and files, and of a size that a page can show."""

from __future__ import annotations

import json
import math
import re
from typing import Any

REMOVED = "[removed]"
SECRET_NAMES = frozenset(
    """authorization proxyauthorization apikey xapikey xgoogapikey accesstoken refreshtoken idtoken token
    clientsecret secret secretkey password passwd cookie setcookie privatekey""".split()
)
SECRETS = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|xox[abp])[-_][\w-]{8,}|\bAIza[\w-]{20,}|(?<=bearer )[\w.~+/=-]{8,}", re.IGNORECASE
)
DATA_URL = re.compile(r"(data:[\w.+-]+/[\w.+-]+(?:;[\w=.+-]+)*,)([\w+/=%-]{40,})")
ENCODED = re.compile(r"[\w+/=\s-]{200,}")
DEEPEST = 60
# In characters: of one text, tried in this order until the whole fits.
LONGEST_TEXTS = (20_000, 2_000, 200)
LARGEST = 200_000


def kept_form(body: Any) -> Any:
    """A JSON value without secrets, whose JSON is at most `LARGEST` characters long."""
    for longest in LONGEST_TEXTS:
        kept = _without_secrets(body, longest, DEEPEST)
        size = len(json.dumps(kept))
        if size <= LARGEST:
            return kept
    return {"left out": f"This body is too long to be kept: {size:,} characters after shortening."}


def _without_secrets(value: Any, longest: int, depth: int) -> Any:
    if isinstance(value, str):
        return _shortened(value, longest)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if not isinstance(value, dict | list | tuple):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        return {
            _plain(str(name)): REMOVED
            if _is_secret(str(name))
            else _without_secrets(each, longest, depth - 1)
            for name, each in value.items()
        }
    return [_without_secrets(each, longest, depth - 1) for each in value]


def _is_secret(name: str) -> bool:
    return re.sub("[^a-z]", "", name.lower()) in SECRET_NAMES


def _shortened(text: str, longest: int) -> str:
    if ENCODED.fullmatch(text) and " " not in text:
        return f"[{len(text):,} characters of encoded data]"
    text = DATA_URL.sub(lambda found: f"{found[1]}[{len(found[2]):,} characters]", text)
    text = SECRETS.sub(REMOVED, _plain(text))
    return text if len(text) <= longest else f"{text[:longest]}… [{len(text):,} characters in all]"


def _plain(text: str) -> str:
    """Without what PostgreSQL or UTF-8 cannot hold: NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
