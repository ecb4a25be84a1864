"""What a model does not do, or not while it reasons, asked of it in another way. What was changed is reported."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import orjson

from chat.completions import Adjustment, ChatRequest, Message, Part, Text

from .capabilities import Capabilities, When

_Substituted = tuple[ChatRequest, tuple[Adjustment, ...]]

_AS_AN_OBJECT = "Answer with a single JSON object and nothing else."
_BY_THE_SCHEMA = "Answer with a single JSON object and nothing else. It has to fit this JSON Schema:\n"


def substituted(request: ChatRequest, can: Capabilities) -> _Substituted:
    adjustments: tuple[Adjustment, ...] = ()
    steps: tuple[Callable[[ChatRequest, Capabilities], _Substituted], ...] = (
        _schema_in_words,
        _without_reasoning,
        _with_an_open_choice,
        _object_in_words,
        _with_the_word_json,
    )
    for step in steps:
        request, made = step(request, can)
        adjustments += made
    return request, adjustments


def _schema_in_words(request: ChatRequest, can: Capabilities) -> _Substituted:
    if _format(request) != "json_schema" or can.json_schema != "never":
        return request, ()
    assert request.response_format is not None
    schema = (request.response_format.get("json_schema") or {}).get("schema") or {}
    told = _instructed(request, _BY_THE_SCHEMA + orjson.dumps(schema).decode())
    changed = replace(told, response_format={"type": "json_object"})
    return changed, (Adjustment("response_format", "json_object"),)


def _without_reasoning(request: ChatRequest, can: Capabilities) -> _Substituted:
    """What was asked for in so many words comes before reasoning, which can be left out of one answer."""
    clash = can.reasons(request.reasoning_effort) and "without reasoning" in _conditions(request, can)
    if not clash or not can.can_answer_at_once:
        return request, ()
    return replace(request, reasoning_effort="none"), (Adjustment("reasoning_effort", "none"),)


def _with_an_open_choice(request: ChatRequest, can: Capabilities) -> _Substituted:
    if not request.forces_tools or _holds(can.forced_tools, request, can):
        return request, ()
    return replace(request, tool_choice="auto"), (Adjustment("tool_choice", "auto"),)


def _object_in_words(request: ChatRequest, can: Capabilities) -> _Substituted:
    if _format(request) != "json_object" or _holds(can.json_object, request, can):
        return request, ()
    told = request if _speaks_of_json(request) else _instructed(request, _AS_AN_OBJECT)
    return replace(told, response_format=None), (Adjustment("response_format"),)


def _with_the_word_json(request: ChatRequest, can: Capabilities) -> _Substituted:
    if _format(request) != "json_object" or not can.json_word or _speaks_of_json(request):
        return request, ()
    return _instructed(request, _AS_AN_OBJECT), (Adjustment("messages", "with an instruction to write JSON"),)


def _format(request: ChatRequest) -> str:
    return (request.response_format or {}).get("type") or "text"


def _conditions(request: ChatRequest, can: Capabilities) -> Iterator[When]:
    if request.forces_tools:
        yield can.forced_tools
    if _format(request) == "json_object":
        yield can.json_object
    if _format(request) == "json_schema":
        yield can.json_schema


def _holds(when: When, request: ChatRequest, can: Capabilities) -> bool:
    match when:
        case "without reasoning":
            return not can.reasons(request.reasoning_effort)
        case "without tools":
            return not request.tools
    return when == "always"


def _speaks_of_json(request: ChatRequest) -> bool:
    return any("json" in message.text.lower() for message in request.messages)


def _instructed(request: ChatRequest, instruction: str) -> ChatRequest:
    """Behind the instructions that the messages begin with, else behind what the user said last.

    No message is put in between, so that errors still name the place where the asker sees the part.
    """
    messages = list(request.messages)
    opening = next((at for at, each in enumerate(messages) if not _instructs(each)), len(messages))
    asked = max((at for at, each in enumerate(messages) if each.role == "user"), default=None)
    at = opening - 1 if opening else asked
    if at is None:
        return replace(request, messages=(Message("system", (Text(instruction),)), *messages))
    messages[at] = replace(messages[at], parts=_with_text(messages[at].parts, instruction))
    return replace(request, messages=tuple(messages))


def _with_text(parts: tuple[Part, ...], text: str) -> tuple[Part, ...]:
    match parts:
        case (*before, Text(said) as last):
            return (*before, replace(last, text=f"{said}\n\n{text}"))
    return (*parts, Text(text))


def _instructs(message: Message) -> bool:
    return message.role in ("system", "developer")
