"""The messages of a request, as they come over the wire, and in the unified format."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field

from chat.completions import InvalidRequest, Message, ReasoningState, ToolCall

from .continuity import reasoning_state, signature, signatures_in, thinking_within
from .parts import (
    AnswerContent,
    Cached,
    Content,
    RefusalPart,
    TextContent,
    TextPart,
    Wire,
    as_json_text,
    marked,
)


class Spoken(Cached):
    """What nobody knows of a message is kept, to be told that it goes no further."""

    model_config = ConfigDict(strict=True, extra="allow")


class Instructions(Spoken):
    role: Literal["system", "developer"]
    content: TextContent
    name: str | None = None

    def message(self, model: str) -> Message:  # noqa: ARG002
        return Message(self.role, marked(self.content, self.cache_control), self.name)


class Question(Spoken):
    role: Literal["user"]
    content: Content
    name: str | None = None

    def message(self, model: str) -> Message:  # noqa: ARG002
        return Message("user", marked(self.content, self.cache_control), self.name)


class CalledFunction(Wire):
    name: str = Field(min_length=1)
    arguments: Annotated[str, BeforeValidator(as_json_text)] = ""


class Call(Wire):
    id: str = Field(min_length=1)
    type: Literal["function"] = "function"
    function: CalledFunction
    extra_content: dict[str, Any] | None = None
    provider_specific_fields: Any = None

    def call(self, signatures: Mapping[str, str]) -> ToolCall:
        signed = signature(self.id, self.extra_content, self.provider_specific_fields)
        return ToolCall(
            self.id, self.function.name, self.function.arguments, signed or signatures.get(self.id)
        )


class Answer(Spoken):
    """Clients call reasoning by several names, and send it back under the one that they know."""

    role: Literal["assistant"]
    content: AnswerContent | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: list[Call] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking_blocks: list[dict[str, Any]] | None = None
    reasoning_details: list[dict[str, Any]] | None = None
    provider_specific_fields: Any = None

    def message(self, model: str) -> Message:
        parts = self.content or []
        signatures = signatures_in(self.reasoning_details)
        refusals = [part.refusal for part in parts if isinstance(part, RefusalPart)]
        return Message(
            "assistant",
            marked([part for part in parts if isinstance(part, TextPart)], self.cache_control),
            self.name,
            reasoning=self.reasoning_content or self.reasoning or "",
            refusal=self.refusal or "".join(refusals),
            tool_calls=tuple(call.call(signatures) for call in self.tool_calls or ()),
            reasoning_state=self._state(model),
        )

    def _state(self, model: str) -> ReasoningState | None:
        thinking = self.thinking_blocks or thinking_within(self.provider_specific_fields)
        return reasoning_state(model, thinking, self.reasoning_details)


class Result(Spoken):
    """Its name is that of the function, which the call has too."""

    role: Literal["tool"]
    name: str | None = None
    content: Content
    tool_call_id: str = Field(min_length=1)

    def message(self, model: str) -> Message:  # noqa: ARG002
        parts = marked(self.content, self.cache_control)
        return Message("tool", parts, tool_call_id=self.tool_call_id)


AnyMessage = Annotated[Instructions | Question | Answer | Result, Discriminator("role")]


def check_tool_turns(messages: Sequence[Message]) -> None:
    """Each call is answered before the next turn, and each result answers a call.

    Raises InvalidRequest, so that every upstream refuses alike.
    """
    open_calls: dict[str, int] = {}
    for at, message in enumerate(messages):
        if message.role == "tool":
            if open_calls.pop(message.tool_call_id or "", None) is None:
                raise _refusal(
                    "A message with role 'tool' must answer a tool call of the assistant message before it.",
                    f"messages[{at}].tool_call_id",
                )
            continue
        _check_answered(open_calls)
        open_calls = _calls_of(message, at)
    _check_answered(open_calls)


def _calls_of(message: Message, at: int) -> dict[str, int]:
    calls = {call.id: at for call in message.tool_calls}
    if len(calls) < len(message.tool_calls):
        raise _refusal("Two tool calls of one message have the same id.", f"messages[{at}].tool_calls")
    return calls


def _check_answered(open_calls: dict[str, int]) -> None:
    if open_calls:
        at = next(iter(open_calls.values()))
        raise _refusal(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. These have no response: {', '.join(open_calls)}.",
            f"messages[{at}].tool_calls",
        )


def _refusal(message: str, param: str) -> InvalidRequest:
    return InvalidRequest(message, param=param, code="invalid_value")
