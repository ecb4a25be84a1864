"""Which of the files that models take one is, told by its content: a name says nothing that can be relied on.

Source of the frame header of MP3: https://www.iso.org/standard/22412.html (ISO/IEC 11172-3, 2.4.1.3)
"""

from chat.upstreams.media import media_type_of

from .document import office_type

TEXT = "text/plain"
PDF = "application/pdf"
MP3 = "audio/mpeg"
TAKEN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        PDF,
        "audio/wav",
        MP3,
        "video/mp4",
        "video/webm",
    }
)
ID3_VERSIONS = (2, 3, 4)


def type_of(raw: bytes) -> str | None:
    """A media type of those that models take, `text/plain` for every text in UTF-8, None for anything else.

    Raises Unreadable for an office document that unpacks to far too much.
    """
    found = media_type_of(raw)
    if is_text(raw):
        # Whatever it begins with: a text about "GIF89a" is one.
        return PDF if found == PDF else TEXT
    if office := office_type(raw):
        return office
    if is_mp3(raw):
        return MP3
    return found if found in TAKEN else None


def is_mp3(raw: bytes) -> bool:
    """Begins with a tag, or with a frame of layer III."""
    if raw[:3] == b"ID3":
        return raw[3:4] != b"" and raw[3] in ID3_VERSIONS
    if len(raw) < 4 or raw[0] != 0xFF:
        return False
    is_layer_3 = raw[1] & 0xE6 == 0xE2 and raw[1] & 0x18 != 0x08
    has_rate = raw[2] & 0xF0 not in (0x00, 0xF0) and raw[2] & 0x0C != 0x0C
    return is_layer_3 and has_rate


def is_text(raw: bytes) -> bool:
    try:
        return "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False
