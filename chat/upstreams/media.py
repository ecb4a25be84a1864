"""Files inside a request: `data:` URLs taken apart, and their type told by their content.

Source: https://www.rfc-editor.org/rfc/rfc2397
"""

import base64
import binascii
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import puremagic

from chat.completions import InvalidRequest

_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),(.*)", re.DOTALL | re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")
_LONGEST_MAGIC = 4096
_ANYTHING = "application/octet-stream"
# What puremagic calls otherwise than the providers do.
_NAMES = {
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/mpeg3": "audio/mpeg",
}
# Their first bytes begin nothing else. Those of others also begin texts: "BM" would be a picture.
_CERTAIN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})


@dataclass(frozen=True, slots=True)
class Media:
    """`data` is base64 in the standard alphabet, with its padding."""

    media_type: str
    data: str

    @property
    def raw(self) -> bytes:
        return base64.b64decode(self.data)

    @property
    def url(self) -> str:
        return f"data:{self.media_type};base64,{self.data}"


def read_data_url(url: str, where: str) -> Media:
    """A type that the content shows to be wrong is corrected. Raises `InvalidRequest` about the field `where`."""
    found = _DATA_URL.fullmatch(url)
    if not found:
        raise InvalidRequest("This is not a data: URL.", param=where, code="invalid_value")
    media_type, parameters, payload = found.groups()
    if ";base64" in parameters.lower():
        return read_base64(payload, media_type, where)
    return _filled(unquote_to_bytes(payload), media_type, where)


def is_address(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def plain_url(url: str, where: str) -> str:
    """A `data:` URL with the type that its content shows and base64 in the standard alphabet; any other as it is."""
    return read_data_url(url, where).url if url[:5].lower() == "data:" else url


def read_base64(text: str, media_type: str, where: str) -> Media:
    """Nearly always it is in the standard alphabet, and need not be written again."""
    with suppress(ValueError):
        raw = binascii.a2b_base64(text, strict_mode=True)
        if raw:
            return Media(_better(_stated(media_type), media_type_of(raw)), text)
    plain = _WHITE_SPACE.sub("", unquote_to_bytes(text).decode("ascii", "replace") if "%" in text else text)
    plain = plain.rstrip("=").translate(_URL_SAFE)
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidRequest("This file is not valid base64.", param=where, code="invalid_value") from exc
    return _filled(raw, media_type, where)


def _filled(raw: bytes, media_type: str, where: str) -> Media:
    if not raw:
        raise InvalidRequest("This file is empty.", param=where, code="invalid_value")
    return media_of(raw, media_type)


def media_of(raw: bytes, media_type: str) -> Media:
    """`media_type` is what the file is said to be, or empty."""
    return Media(_better(_stated(media_type), media_type_of(raw)), base64.b64encode(raw).decode())


def _stated(media_type: str) -> str:
    return media_type.strip().lower()


def media_type_of(raw: bytes) -> str | None:
    """What the first bytes show the file to be, if they show anything."""
    try:
        matches = puremagic.magic_string(raw[:_LONGEST_MAGIC])
    except (puremagic.PureError, ValueError):
        return None
    # The likeliest first, of which some have no type: an MP3 also begins like a file of a forgotten shop.
    found: str | None = next((match.mime_type for match in matches if match.mime_type), None)
    return _NAMES.get(found, found) if found else None


def _better(stated: str, seen: str | None) -> str:
    """Content decides about pictures and PDFs; elsewhere many types share their first bytes."""
    is_picture = stated.startswith("image/") and (seen or "").startswith("image/")
    if seen and (stated in ("", _ANYTHING) or is_picture or seen in _CERTAIN):
        return seen
    return stated or _ANYTHING
