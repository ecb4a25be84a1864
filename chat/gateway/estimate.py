"""How many tokens something is, where no upstream has counted it: four bytes of text are taken for one."""

from collections.abc import Sequence

import orjson

from chat.completions import Audio, ChatRequest, Chunk, Image, Message, Part, Text, Tool

BYTES_A_TOKEN = 4
OF_A_MESSAGE = 4
OF_A_PICTURE = 1_000
# Of a document, a recording or a film that travels in the request; and of one that is only named there.
BYTES_A_TOKEN_OF_FILE = 20
OF_A_FILE_ELSEWHERE = 3_000


def tokens_of_request(request: ChatRequest) -> int:
    return sum(map(_of_message, request.messages)) + _of_tools(request.tools)


def tokens_of_text(size: int) -> int:
    """`size` is in bytes."""
    return -(-size // BYTES_A_TOKEN)


def size_of(chunk: Chunk) -> int:
    """The bytes of what the model said in it."""
    size = _bytes(chunk.content) + _bytes(chunk.reasoning) + _bytes(chunk.refusal)
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
            return _of_file(data)
        case _:
            return _of_file(part.url) if part.url and part.url.startswith("data:") else OF_A_FILE_ELSEWHERE


def _of_file(base64: str) -> int:
    return max(len(base64) * 3 // 4 // BYTES_A_TOKEN_OF_FILE, 1)


def _of_tools(tools: Sequence[Tool]) -> int:
    size = sum(
        len(tool.name) + _bytes(tool.description) + len(orjson.dumps(tool.parameters, default=str))
        for tool in tools
    )
    return tokens_of_text(size)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
