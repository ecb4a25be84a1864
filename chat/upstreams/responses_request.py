"""A ChatRequest as the JSON of OpenAI's Responses API.

Source: https://platform.openai.com/docs/api-reference/responses/create
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from chat.completions import ChatRequest, File, Image, InvalidRequest, Message, Part, Text, Tool, ToolCall

from .alphabet import no_longer_than
from .media import plain_url
from .request_body import given

LEAST_OUTPUT = 16
_LONGEST_CALL_ID = 64


def responses_body(request: ChatRequest) -> dict[str, Any]:
    """Raises `InvalidRequest` for a part that the API has no word for. Nothing is stored at OpenAI."""
    extra = dict(request.extra)
    opening = _opening(request)
    asked = {
        "model": request.model,
        "instructions": "\n\n".join(message.text for message in opening) or None,
        "input": [*_input(request, len(opening))],
        "max_output_tokens": request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "reasoning": _reasoning(request.reasoning_effort),
        "text": given({"format": _format(request), "verbosity": extra.pop("verbosity", None)}) or None,
        **_tools(request),
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "stream": True,
    }
    return given({**extra, **asked})


def _opening(request: ChatRequest) -> list[Message]:
    """The messages that become instructions. A JSON object has to be spoken of outside of these, and something said."""
    opening = [*takewhile(lambda message: message.role in ("system", "developer"), request.messages)]
    has_to_stay = (request.response_format or {}).get("type") == "json_object"
    return [] if has_to_stay or len(opening) == len(request.messages) else opening


def _reasoning(effort: str | None) -> dict[str, Any]:
    return given({"effort": effort, "summary": None if effort == "none" else "auto"})


def _format(request: ChatRequest) -> dict[str, Any] | None:
    wanted = request.response_format
    if wanted is None:
        return None
    return {"type": wanted.get("type"), **(wanted.get("json_schema") or {})}


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    return {
        "tools": [_tool(tool) for tool in request.tools],
        "tool_choice": _tool_choice(request.tool_choice),
        "parallel_tool_calls": request.parallel_tool_calls,
    }


def _tool(tool: Tool) -> dict[str, Any]:
    """Here a tool is strict unless it says that it is not."""
    optional = given({"description": tool.description or None})
    parameters = tool.parameters or {"type": "object", "properties": {}}
    return {
        "type": "function",
        "name": tool.name,
        **optional,
        "parameters": parameters,
        "strict": bool(tool.strict),
    }


def _tool_choice(choice: str | None) -> Any:
    if choice and choice.startswith("function:"):
        return {"type": "function", "name": choice.removeprefix("function:")}
    return choice


def _input(request: ChatRequest, start: int) -> Iterator[dict[str, Any]]:
    for at, message in enumerate(request.messages):
        if at >= start:
            yield from _items(message, request.model, f"messages[{at}]")


def _items(message: Message, model: str, where: str) -> Iterator[dict[str, Any]]:
    match message.role:
        case "assistant":
            yield from _answer(message, model)
        case "tool":
            output = _content(message, where)
            yield {
                "type": "function_call_output",
                "call_id": _call_id(message.tool_call_id),
                "output": output,
            }
        case "user":
            yield {"role": "user", "content": _content(message, where)}
        case _:
            yield {"role": "developer", "content": message.text}


def _answer(message: Message, model: str) -> Iterator[dict[str, Any]]:
    """Reasoning that nothing follows is refused, and so is that of another model."""
    text = message.text or message.refusal
    state = message.reasoning_state
    if state and state.is_of("openai", model) and (text or message.tool_calls):
        yield from (dict(block) for block in state.blocks)
    if text:
        yield {"role": "assistant", "content": text}
    for call in message.tool_calls:
        yield _call(call)


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = call.arguments or "{}"
    return {"type": "function_call", "call_id": _call_id(call.id), "name": call.name, "arguments": arguments}


def _call_id(call_id: str | None) -> str:
    return no_longer_than(_LONGEST_CALL_ID, call_id or "")


def _content(message: Message, where: str) -> Any:
    match message.parts:
        case ():
            return ""
        case (Text(text),):
            return text
    return [_part(part, f"{where}.content[{n}]") for n, part in enumerate(message.parts)]


def _part(part: Part, where: str) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "input_text", "text": text}
        case Image(url, detail):
            return {"type": "input_image", "image_url": plain_url(url, where), "detail": detail or "auto"}
        case File(file_id=str(file_id)):
            return {"type": "input_file", "file_id": file_id}
        case File(filename, str(url)) if url.startswith("data:"):
            content = plain_url(url, where)
            return {"type": "input_file", "filename": filename or "file", "file_data": content}
    kind = type(part).__name__.lower()
    raise InvalidRequest(
        f"This model's provider does not take this kind of {kind}.",
        param=f"{where}.type",
        code="unsupported_value",
    )
