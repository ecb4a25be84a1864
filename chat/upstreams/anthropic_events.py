"""The events of Anthropic's Messages API as chunks. The same reader takes a whole message.

Source: https://platform.claude.com/docs/en/build-with-claude/streaming
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chat.completions import (
    BadUpstreamResponse,
    Chunk,
    ReasoningState,
    ToolCallDelta,
    Usage,
)
from chat.completions.sse import Event

from .endings import cut_off, nothing_said
from .payload import count_of, failure_in, payload_of, says_done
from .refusal import refusal_in_stream
from .unfenced import Unfenced

_FINISH_REASONS: Mapping[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
_NOTHING: Sequence[Chunk] = ()

Wire = Mapping[str, Any]


_FAREWELL_SECONDS = 1.0


@dataclass(slots=True)
class _Thinking:
    """A block that the model wants back as it was; `wire` is how it began."""

    wire: Wire
    thoughts: list[str]
    signature: list[str]

    @property
    def is_signed(self) -> bool:
        return self.wire["type"] != "thinking" or any(self.signature)

    def whole(self) -> Wire:
        if self.wire["type"] != "thinking":
            return self.wire
        return {**self.wire, "thinking": "".join(self.thoughts), "signature": "".join(self.signature)}


@dataclass(slots=True)
class _Call:
    """A tool's call. The answer itself may come as one: then it has no index of its own among the calls."""

    index: int | None
    given: str
    has_arguments: bool = False

    def take(self, arguments: str) -> Chunk | None:
        if not arguments:
            return None
        self.has_arguments = True
        if self.index is None:
            return Chunk(content=arguments)
        return Chunk(tool_calls=(ToolCallDelta(self.index, arguments=arguments),))

    def close(self) -> Chunk | None:
        """What has not come in pieces was given at the beginning; no arguments are an empty object."""
        return None if self.has_arguments else self.take(self.given)


class Reader:
    """Reads the events of one answer, one after the other.

    `names` are those of tools, as they were sent, where they were asked for under another.
    """

    def __init__(
        self,
        model: str,
        names: Mapping[str, str] | None = None,
        answer_tool: str | None = None,
        *,
        may_be_fenced: bool = False,
    ) -> None:
        self.is_complete = False
        self._model = model
        self._names = names or {}
        self._answer_tool = answer_tool
        self._unfenced = Unfenced() if may_be_fenced else None
        self._begun = False
        self._has_tools_of_its_own = False
        self._blocks: dict[int, _Thinking | _Call] = {}
        self._reasoning: list[_Thinking] = []
        self._calls = 0
        self._usage: dict[str, Any] = {}
        self._stop_reason: str | None = None
        self._refusal = ""

    @property
    def farewell(self) -> float | None:
        """Tools that the provider runs itself may be followed by another message in the same body."""
        goes_on = self._has_tools_of_its_own and self._stop_reason in ("tool_use", "pause_turn")
        return _FAREWELL_SECONDS if self.is_complete and not goes_on else None

    def read(self, event: Event) -> Iterable[Chunk]:
        """What an event adds. Raises the `CompletionError` that it reports."""
        if says_done(event):
            return _NOTHING
        if event.event == "error":
            raise failure_in(event.data)
        payload = payload_of(event.data)
        if payload.get("error"):
            raise failure_in(event.data)
        try:
            return self._take(payload.get("type") or event.event, payload)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise BadUpstreamResponse("The provider sent something unexpected. Try again.") from exc

    def read_whole(self, body: bytes) -> Iterator[Chunk]:
        message = payload_of(body)
        if not isinstance(message.get("content"), list):
            raise refusal_in_stream(message) or BadUpstreamResponse(
                "The provider sent something unexpected. Try again."
            )
        try:
            yield from self._take_whole(message)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise BadUpstreamResponse("The provider sent something unexpected. Try again.") from exc

    def end(self) -> Iterator[Chunk]:
        """What remains to be said at the end. Raises if that was not the end of an answer."""
        if not self._begun:
            raise nothing_said()
        if not self.is_complete:
            raise cut_off()
        for index in list(self._blocks):
            yield from self._end_block(index)
        last = Chunk(
            content=self._unfenced.rest() if self._unfenced else "",
            refusal=self._refusal,
            finish_reason=self._finish_reason(),
            reasoning_state=self._reasoning_state(),
        )
        if last != Chunk():
            yield last

    def _take(self, kind: str, event: Wire) -> Iterable[Chunk]:
        match kind:
            case "content_block_delta":
                return self._take_delta(event)
            case "content_block_start":
                return self._begin_block(event["index"], event["content_block"])
            case "content_block_stop":
                return self._end_block(event["index"])
            case "message_start":
                return self._begin(event["message"])
            case "message_delta":
                return self._conclude(event["delta"], event.get("usage"))
            case "message_stop":
                self.is_complete = self._begun
        return _NOTHING

    def _take_whole(self, message: Wire) -> Iterator[Chunk]:
        yield from self._begin(message)
        for index, block in enumerate(message["content"]):
            yield from self._begin_block(index, block)
            yield from self._end_block(index)
        yield from self._conclude(message, None)
        self.is_complete = True

    def _begin(self, message: Wire) -> Iterable[Chunk]:
        """Content at the beginning of a streamed message is of an earlier one, and has been read there."""
        self._begun = True
        self.is_complete = False
        self._blocks.clear()
        return self._count(message.get("usage"))

    def _begin_block(self, index: int, block: Wire) -> Iterable[Chunk]:
        self._begun = True
        self._has_tools_of_its_own = self._has_tools_of_its_own or _is_run_by_the_provider(block)
        match block["type"]:
            case "text":
                return self._said(_text(block.get("text")))
            case "thinking" | "redacted_thinking":
                return self._begin_thinking(index, block)
            case "tool_use":
                return self._begin_call(index, block)
        return _NOTHING

    def _begin_thinking(self, index: int, block: Wire) -> Iterable[Chunk]:
        thoughts, signature = _text(block.get("thinking")), _text(block.get("signature"))
        thinking = self._blocks[index] = _Thinking(block, [thoughts], [signature])
        self._reasoning.append(thinking)
        return (Chunk(reasoning=thoughts),) if thoughts else _NOTHING

    def _begin_call(self, index: int, block: Wire) -> Iterable[Chunk]:
        given, name = orjson.dumps(block.get("input") or {}).decode(), block["name"]
        if name == self._answer_tool:
            self._blocks[index] = _Call(None, given)
            return _NOTHING
        call_id = block.get("id") or f"call_{secrets.token_hex(12)}"
        delta = ToolCallDelta(self._calls, call_id, self._names.get(name, name))
        self._blocks[index] = _Call(self._calls, given)
        self._calls += 1
        return (Chunk(tool_calls=(delta,)),)

    def _take_delta(self, event: Wire) -> Iterable[Chunk]:
        delta = event["delta"]
        match delta["type"]:
            case "text_delta":
                return self._said(_text(delta["text"]))
            case "thinking_delta":
                thoughts = _text(delta["thinking"])
                self._thinking(event).thoughts.append(thoughts)
                return (Chunk(reasoning=thoughts),) if thoughts else _NOTHING
            case "input_json_delta":
                call = self._blocks.get(event["index"])
                chunk = call.take(_text(delta["partial_json"])) if isinstance(call, _Call) else None
                return (chunk,) if chunk else _NOTHING
            case "signature_delta":
                self._thinking(event).signature.append(_text(delta["signature"]))
        return _NOTHING

    def _thinking(self, event: Wire) -> _Thinking:
        block = self._blocks[event["index"]]
        if not isinstance(block, _Thinking):
            raise TypeError(block)
        return block

    def _said(self, text: str) -> Iterable[Chunk]:
        if self._unfenced:
            text = self._unfenced.feed(text)
        return (Chunk(text),) if text else _NOTHING

    def _end_block(self, index: int) -> Iterable[Chunk]:
        call = self._blocks.pop(index, None)
        chunk = call.close() if isinstance(call, _Call) else None
        return (chunk,) if chunk else _NOTHING

    def _conclude(self, delta: Wire, usage: Wire | None) -> Iterable[Chunk]:
        self._stop_reason = _text(delta.get("stop_reason")) or self._stop_reason
        if delta.get("stop_reason") == "refusal":
            self._refusal = _text((delta.get("stop_details") or {}).get("explanation"))
        return self._count(usage)

    def _count(self, wire: Wire | None) -> Iterable[Chunk]:
        """Counts are of the whole answer so far; one that is null is as it was."""
        known = {name: value for name, value in (wire or {}).items() if value is not None}
        self._usage |= known
        counts = "input_tokens" in known or "output_tokens" in known
        return (Chunk(usage=self._tokens()),) if counts else _NOTHING

    def _tokens(self) -> Usage:
        """Neither what is read from the cache nor what is written to it is part of `input_tokens`."""
        counted = self._usage
        read = count_of(counted.get("cache_read_input_tokens"))
        written = count_of(counted.get("cache_creation_input_tokens"))
        prompt = (count_of(counted.get("input_tokens")) or 0) + (read or 0) + (written or 0)
        completion = count_of(counted.get("output_tokens")) or 0
        thoughts = count_of(counted.get("output_tokens_details", {}).get("thinking_tokens"))
        return Usage(prompt, completion, prompt + completion, read, written, thoughts)

    def _finish_reason(self) -> str | None:
        if self._stop_reason is None:
            return None
        reason = _FINISH_REASONS.get(self._stop_reason, "stop")
        return "stop" if reason == "tool_calls" and self._answer_tool and not self._calls else reason

    def _reasoning_state(self) -> ReasoningState | None:
        """Reasoning that was cut off before it was signed is not taken back."""
        blocks = tuple(block.whole() for block in self._reasoning if block.is_signed)
        return ReasoningState("anthropic", self._model, blocks) if blocks else None


def _is_run_by_the_provider(block: Wire) -> bool:
    """Its own tools, and those of the client that its own code calls."""
    caller = block.get("caller") or {}
    return block["type"] == "server_tool_use" or caller.get("type", "direct") != "direct"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise TypeError(value)
