"""How many tokens something is, where no upstream has counted it: four bytes of text are taken for one."""

from base64 import b64decode
from collections.abc import Sequence
from decimal import Decimal

import orjson

from chat.completions import Audio, ChatRequest, Chunk, Image, Message, Part, Text, Tool, Video
from chat.models.price import Media
from chat.upstreams.media import is_address

BYTES_A_TOKEN = 4
OF_A_MESSAGE = 4
OF_A_PICTURE = 1_000
# Of a document, a recording or a film that travels in the request; and of one that is only named there.
BYTES_A_TOKEN_OF_FILE = 20
OF_A_FILE_ELSEWHERE = 3_000
# An MP3 and a film as they usually are, and a WAV of speech whose header does not say it.
BYTES_A_SECOND_OF_SOUND = 16_000
BYTES_A_SECOND_OF_FILM = 250_000
BYTES_A_SECOND_OF_SPEECH = 32_000


def tokens_of_request(request: ChatRequest) -> int:
    return sum(map(_of_message, request.messages)) + _of_tools(request.tools)


def media_of(request: ChatRequest) -> Media:
    parts = [part for message in request.messages for part in message.parts]
    seconds = sum((_seconds(part) for part in parts), Decimal(0))
    return Media(sum(isinstance(part, Image) for part in parts), seconds)


def tokens_of_text(size: int) -> int:
    """`size` is in bytes."""
    return -(-size // BYTES_A_TOKEN)


def size_of(chunk: Chunk) -> int:
    """The bytes of what the model said in it."""
    size = _bytes(chunk.content + chunk.reasoning + chunk.refusal)
    for call in chunk.tool_calls:
        size += _bytes(call.arguments) + len(call.name or "")
    return size


def _of_message(message: Message) -> int:
    calls = sum(_bytes(call.arguments) + len(call.name) for call in message.tool_calls)
    said = calls + _bytes(message.reasoning) + _bytes(message.refusal)
    return OF_A_MESSAGE + tokens_of_text(said) + sum(map(_of_part, message.parts))


def _of_part(part: Part) -> int:
    match part:
        case Text(text):
            return tokens_of_text(_bytes(text))
        case Image():
            return OF_A_PICTURE
        case Audio(data):
            return OF_A_FILE_ELSEWHERE if is_address(data) else _of_file(data)
        case _:
            return _of_file(part.url) if part.url and part.url.startswith("data:") else OF_A_FILE_ELSEWHERE


def _seconds(part: Part) -> Decimal:
    """Of what travels in the request, by its size; of a film elsewhere nothing is known."""
    match part:
        case Audio(data, "wav"):
            return Decimal(_size(data)) / _bytes_a_second_of_wav(data)
        case Audio(data):
            return Decimal(_size(data)) / BYTES_A_SECOND_OF_SOUND
        case Video(url) if url.startswith("data:"):
            return Decimal(_size(url)) / BYTES_A_SECOND_OF_FILM
        case _:
            return Decimal(0)


def _bytes_a_second_of_wav(base64: str) -> int:
    """As its header says: https://www.rfc-editor.org/rfc/rfc2361 (nAvgBytesPerSec)."""
    try:
        header = b64decode(base64[:48])
    except ValueError:
        header = b""
    return int.from_bytes(header[28:32], "little") or BYTES_A_SECOND_OF_SPEECH


def _size(base64: str) -> int:
    return len(base64) * 3 // 4


def _of_file(base64: str) -> int:
    return max(_size(base64) // BYTES_A_TOKEN_OF_FILE, 1)


def _of_tools(tools: Sequence[Tool]) -> int:
    size = sum(
        len(tool.name) + _bytes(tool.description) + len(orjson.dumps(tool.parameters, default=str))
        for tool in tools
    )
    return tokens_of_text(size)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
