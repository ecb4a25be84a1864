"""What a message is made of, as Gemini's parts.

Source: https://ai.google.dev/api/caching#Part
"""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from chat.completions import Audio, File, Image, InvalidRequest, Part, Text, Video

from .media import Media, read_base64, read_data_url

Wire = dict[str, Any]

_FILES = "https://generativelanguage.googleapis.com/"
_YOUTUBE = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"})
_TEXTS = re.compile(r"text/|application/(json|xml|javascript|x-yaml|yaml|toml|sql|x-sh)$|.*\+(json|xml)$")
_ANYTHING = "application/octet-stream"
_PICTURE = re.compile(r"\s*!\[[^\]]*\]\((data:image/[^)\s]+)\)\s*")


def is_known_to_gemini(url: str) -> bool:
    """Addresses that Gemini looks up by itself whatever the model: videos of YouTube and files put there."""
    return url.startswith(_FILES) or (urlsplit(url).hostname or "") in _YOUTUBE


def gemini_part(part: Part, where: str) -> Wire:
    """Raises `InvalidRequest` about the field `where` for a part that Gemini has no word for."""
    match part:
        case Text(text):
            return {"text": text}
        case Audio(data, audio_format):
            return inline(read_base64(data, f"audio/{audio_format}", where))
        case File(filename, _, str(file_id)):
            return _uploaded(file_id, filename)
        case File(filename, str(url)) if url.startswith("data:"):
            return _file(read_data_url(url, where), filename)
        case Video(_, float() | int() as fps):
            return {**gemini_part(replace(part, fps=None), where), "videoMetadata": {"fps": fps}}
        case Image(url) | Video(url) if url.startswith("data:"):
            return inline(read_data_url(url, where))
        case Image(url) | Video(url) | File(_, str(url)):
            return _linked(url)
    raise InvalidRequest(
        "This file has neither content nor an address.", param=f"{where}.type", code="invalid_value"
    )


def text_with_pictures(text: str) -> Iterator[Wire]:
    """Pictures that a model painted stand in the text of its answer; it wants them back as what they are."""
    if "(data:image/" not in text:
        if text:
            yield {"text": text}
        return
    for at, piece in enumerate(_PICTURE.split(text)):
        if at % 2:
            yield inline(read_data_url(piece, "messages"))
        elif piece:
            yield {"text": piece}


def inline(media: Media) -> Wire:
    return {"inlineData": {"mimeType": media.media_type, "data": media.data}}


def _file(media: Media, filename: str | None) -> Wire:
    media_type = media.media_type
    if media_type == _ANYTHING:
        media_type = mimetypes.guess_type(filename or "")[0] or _type_of_text(media.raw)
    if not _TEXTS.match(media_type):
        return inline(Media(media_type, media.data))
    text = media.raw.decode("utf-8", "replace")
    return {"text": f"{filename}:\n\n{text}" if filename else text}


def _type_of_text(raw: bytes) -> str:
    """Gemini refuses a file of no particular type, but most such files are text."""
    try:
        return _ANYTHING if "\0" in raw.decode() else "text/plain"
    except UnicodeDecodeError:
        return _ANYTHING


def _uploaded(file_id: str, filename: str | None) -> Wire:
    uri = file_id if "://" in file_id else f"{_FILES}v1beta/files/{file_id.removeprefix('files/')}"
    return _file_data(uri, mimetypes.guess_type(filename or "")[0])


def _linked(url: str) -> Wire:
    known = None if is_known_to_gemini(url) else mimetypes.guess_type(urlsplit(url).path)[0]
    return _file_data(url, known)


def _file_data(uri: str, media_type: str | None) -> Wire:
    return {"fileData": {"fileUri": uri, **({"mimeType": media_type} if media_type else {})}}
