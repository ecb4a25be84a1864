"""The events of OpenAI's Responses API as chunks.

Source: https://platform.openai.com/docs/api-reference/responses-streaming
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chat.completions import (
    BadUpstreamResponse,
    Chunk,
    CompletionError,
    ReasoningState,
    ToolCallDelta,
    UpstreamError,
    Usage,
)
from chat.completions.sse import Event

from .endings import cut_off, nothing_said
from .payload import count_of, payload_of, says_done
from .refusal import refusal_in_stream
from .response_chunks import FAREWELL_SECONDS

Payload = Mapping[str, Any]

_FINISH_REASONS: Mapping[str, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
# What a reasoning item must have to be taken back.
_REPLAYED = ("type", "id", "summary", "content", "encrypted_content")


@dataclass(slots=True)
class _ToolCall:
    index: int
    has_arguments: bool = False


class ResponsesReader:
    """Reads the events of one answer, one after the other."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._begun = False
        self._over = False
        self._has_reasoned = False
        self._calls: dict[int, _ToolCall] = {}
        self._reasoning: list[Payload] = []
        self._readers: Mapping[str, Callable[[Payload], Chunk | None]] = {
            "response.output_text.delta": self._text,
            "response.refusal.delta": self._refusal,
            "response.reasoning_summary_part.added": self._thought_begins,
            "response.reasoning_summary_text.delta": self._thought,
            "response.reasoning_text.delta": self._thought,
            "response.output_item.added": self._item_begins,
            "response.function_call_arguments.delta": self._arguments,
            "response.output_item.done": self._item_ends,
            "response.completed": self._completed,
            "response.incomplete": self._incomplete,
            "response.failed": self._failed,
            "error": self._error,
        }

    @property
    def is_complete(self) -> bool:
        return self._over

    @property
    def farewell(self) -> float | None:
        return FAREWELL_SECONDS if self._over else None

    def read(self, event: Event) -> Iterator[Chunk]:
        """What an event adds. Raises the `CompletionError` that it reports."""
        if says_done(event):
            return
        payload = payload_of(event.data)
        self._begun = True
        try:
            kind = payload.get("type") or ("error" if payload.get("error") else event.event)
            reader = self._readers.get(kind)
            chunk = reader(payload) if reader else None
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise BadUpstreamResponse("The provider sent something unexpected. Try again.") from exc
        if chunk is not None:
            yield chunk

    def read_whole(self, body: bytes) -> Iterator[Chunk]:
        """Only an error comes in one piece: the API streams when it is asked to."""
        unnamed = BadUpstreamResponse("The provider sent no stream where one was asked for. Try again.")
        raise refusal_in_stream(payload_of(body)) or unnamed

    def end(self) -> Iterator[Chunk]:
        """Nothing remains to be said at the end. Raises if that was not the end of an answer."""
        if not self._begun:
            raise nothing_said()
        if not self._over:
            raise cut_off()
        return iter(())

    def _text(self, event: Payload) -> Chunk | None:
        return Chunk(content=event["delta"]) if event["delta"] else None

    def _refusal(self, event: Payload) -> Chunk | None:
        return Chunk(refusal=event["delta"]) if event["delta"] else None

    def _thought_begins(self, event: Payload) -> Chunk | None:  # noqa: ARG002
        return Chunk(reasoning="\n\n") if self._has_reasoned else None

    def _thought(self, event: Payload) -> Chunk | None:
        self._has_reasoned = True
        return Chunk(reasoning=event["delta"]) if event["delta"] else None

    def _item_begins(self, event: Payload) -> Chunk | None:
        item = event["item"]
        if item["type"] != "function_call":
            return None
        call = self._calls[event["output_index"]] = _ToolCall(len(self._calls))
        return self._called(call, item.get("arguments") or "", item["call_id"], item["name"])

    def _arguments(self, event: Payload) -> Chunk | None:
        call = self._calls[event["output_index"]]
        return self._called(call, event["delta"]) if event["delta"] else None

    def _item_ends(self, event: Payload) -> Chunk | None:
        """A call may come without a delta of its arguments; reasoning is whole only now."""
        item = event["item"]
        if item["type"] == "reasoning" and item.get("encrypted_content"):
            self._reasoning.append({name: item[name] for name in _REPLAYED if item.get(name) is not None})
        if item["type"] != "function_call":
            return None
        if event["output_index"] not in self._calls:
            return self._item_begins(event)
        call = self._calls[event["output_index"]]
        return None if call.has_arguments else self._called(call, item.get("arguments") or "{}")

    def _completed(self, event: Payload) -> Chunk:
        return self._finished(event, "tool_calls" if self._calls else "stop")

    def _incomplete(self, event: Payload) -> Chunk:
        cause = (event["response"].get("incomplete_details") or {}).get("reason")
        if reason := _FINISH_REASONS.get(cause or ""):
            return self._finished(event, reason)
        raise UpstreamError("The provider broke off its answer. What arrived is kept; try again.")

    def _failed(self, event: Payload) -> Chunk:
        raise _failure(event["response"])

    def _error(self, event: Payload) -> Chunk:
        """Its own type is only that it is one."""
        raise _failure({name: value for name, value in event.items() if name != "type"})

    def _called(self, call: _ToolCall, arguments: str, call_id: str = "", name: str = "") -> Chunk:
        call.has_arguments = call.has_arguments or bool(arguments)
        return Chunk(tool_calls=(ToolCallDelta(call.index, call_id or None, name or None, arguments),))

    def _finished(self, event: Payload, reason: str) -> Chunk:
        self._over = True
        blocks = tuple(self._reasoning)
        state = ReasoningState("openai", self._model, blocks) if blocks else None
        return Chunk(finish_reason=reason, usage=_usage(event["response"]), reasoning_state=state)


def _failure(said: Payload) -> CompletionError:
    unnamed = UpstreamError("The provider reported a failure without a reason. Try again.")
    return refusal_in_stream(said) or unnamed


def _usage(response: Payload) -> Usage | None:
    wire = response.get("usage")
    if not wire:
        return None
    read, written = wire.get("input_tokens_details") or {}, wire.get("output_tokens_details") or {}
    prompt, completion = count_of(wire["input_tokens"]) or 0, count_of(wire["output_tokens"]) or 0
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=count_of(wire.get("total_tokens")) or prompt + completion,
        cached_tokens=count_of(read.get("cached_tokens")),
        cache_write_tokens=count_of(read.get("cache_write_tokens")),
        reasoning_tokens=count_of(written.get("reasoning_tokens")),
    )
