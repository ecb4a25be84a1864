"""A ChatRequest as the JSON of OpenAI's Chat Completions, which every compatible server takes too.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chat.completions import (
    Audio,
    ChatRequest,
    File,
    Image,
    InvalidRequest,
    Message,
    Part,
    Role,
    Text,
    Tool,
    ToolCall,
    Video,
)

from .alphabet import no_longer_than
from .media import is_address, plain_url

_SHOWN_BELOW = "The user shows the result after this."


def without_reasoning(message: Message) -> Mapping[str, Any]:  # noqa: ARG001
    """Most servers of this API take no reasoning back, and many refuse a field that they do not know."""
    return {}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where servers of this API differ.

    max_tokens    what the limit is called
    instructions  the role of the system's messages
    no_content    what stands for the text of a message that only calls tools
    joins_text    a message of several texts is sent as one
    audio_prefix  what stands before the base64 of a sound
    longest_id    how long the id of a call may be; None is any
    marks_cache   a text may be marked as the end of what is to be cached
    signs_calls   a call has the signature that the model gave it
    reasoning     the fields that give a model its reasoning back
    """

    max_tokens: str = "max_tokens"
    instructions: Role = "system"
    no_content: str | None = None
    joins_text: bool = False
    audio_prefix: str = ""
    longest_id: int | None = None
    marks_cache: bool = False
    signs_calls: bool = False
    reasoning: Callable[[Message], Mapping[str, Any]] = without_reasoning


def request_body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """Raises `InvalidRequest` for a part that the dialect has no word for."""
    asked = {
        **request.extra,
        "model": request.model,
        "messages": [*_messages(request, dialect)],
        dialect.max_tokens: request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "n": request.n if request.n > 1 else None,
        "response_format": request.response_format,
        "reasoning_effort": request.reasoning_effort,
        **_tools(request),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return given(asked)


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    return {
        "tools": [_tool(tool) for tool in request.tools],
        "tool_choice": _tool_choice(request.tool_choice),
        "parallel_tool_calls": request.parallel_tool_calls,
    }


def _tool(tool: Tool) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description or None,
        "parameters": tool.parameters or {"type": "object", "properties": {}},
        "strict": tool.strict,
    }
    return {"type": "function", "function": given(function)}


def _tool_choice(choice: str | None) -> Any:
    if choice and choice.startswith("function:"):
        return {"type": "function", "function": {"name": choice.removeprefix("function:")}}
    return choice


def _messages(request: ChatRequest, dialect: Dialect) -> Iterator[dict[str, Any]]:
    """A result of a tool is text here: its files follow behind the results, as the user's."""
    shown: list[dict[str, Any]] = []
    for at, message in enumerate(request.messages):
        if shown and message.role != "tool":
            yield {"role": "user", "content": shown}
            shown = []
        files = [*_files(message, at, dialect)] if message.role == "tool" else []
        yield _message(_text_alone(message) if files else message, at, dialect)
        shown += files
    if shown:
        yield {"role": "user", "content": shown}


def _files(message: Message, at: int, dialect: Dialect) -> Iterator[dict[str, Any]]:
    for n, part in enumerate(message.parts):
        if not isinstance(part, Text):
            yield _part(part, f"messages[{at}].content[{n}]", dialect)


def _text_alone(message: Message) -> Message:
    texts = tuple(part for part in message.parts if isinstance(part, Text))
    return replace(message, parts=texts or (Text(_SHOWN_BELOW),))


def _message(message: Message, at: int, dialect: Dialect) -> dict[str, Any]:
    role = dialect.instructions if message.role in ("system", "developer") else message.role
    written = {
        "role": role,
        "name": None if role == "tool" else message.name,
        "tool_calls": [_tool_call(call, dialect) for call in message.tool_calls] or None,
        "tool_call_id": message.tool_call_id and no_longer_than(dialect.longest_id, message.tool_call_id),
    }
    reasoning = dialect.reasoning(message) if role == "assistant" else {}
    return {**given(written), **reasoning, "content": _content(message, at, dialect)}


def _content(message: Message, at: int, dialect: Dialect) -> Any:
    match message.parts:
        case ():
            return dialect.no_content if message.tool_calls else message.refusal
        case (Text(text, mark),) if not (mark and dialect.marks_cache):
            return text
    texts = [part.text for part in message.parts if isinstance(part, Text)]
    if dialect.joins_text and len(texts) == len(message.parts):
        return "\n\n".join(texts)
    return [_part(part, f"messages[{at}].content[{n}]", dialect) for n, part in enumerate(message.parts)]


def _tool_call(call: ToolCall, dialect: Dialect) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    signed = {"google": {"thought_signature": call.signature}} if call.signature else None
    made = {
        "id": no_longer_than(dialect.longest_id, call.id),
        "type": "function",
        "function": function,
        "extra_content": signed if dialect.signs_calls else None,
    }
    return given(made)


def _part(part: Part, where: str, dialect: Dialect) -> dict[str, Any]:
    match part:
        case Text(text, mark):
            return given(
                {"type": "text", "text": text, "cache_control": mark if dialect.marks_cache else None}
            )
        case Image(url, detail):
            return {"type": "image_url", "image_url": given({"url": plain_url(url, where), "detail": detail})}
        case Audio(data, audio_format):
            whole = data if is_address(data) else dialect.audio_prefix + data
            return {"type": "input_audio", "input_audio": {"data": whole, "format": audio_format}}
        case File(file_id=str(file_id)):
            return {"type": "file", "file": {"file_id": file_id}}
        case File(filename, str(url)) if url.startswith("data:"):
            content = {"filename": filename or "file", "file_data": plain_url(url, where)}
            return {"type": "file", "file": content}
        case Video(url, fps):
            return given({"type": "video_url", "video_url": {"url": plain_url(url, where)}, "fps": fps})
    kind = type(part).__name__.lower()
    raise InvalidRequest(
        f"This model's provider does not take this kind of {kind}.",
        param=f"{where}.type",
        code="unsupported_value",
    )


def given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
