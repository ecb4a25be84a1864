"""Chunks of an answer as the JSON of OpenAI's Chat Completions, streamed and whole.

Source: https://platform.openai.com/docs/api-reference/chat/streaming
"""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import orjson

from chat.completions import Choice, Chunk, Completion, CompletionError, ToolCall, ToolCallDelta, Usage
from chat.completions.sse import encode

from .continuity import offered, with_signature

DONE = encode(b"[DONE]")


class Writing:
    """What every chunk of one answer says alike. `model` is the name that the client asked for."""

    def __init__(self, model: str, *, with_usage: bool = False) -> None:
        self.head: dict[str, Any] = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._beginning = b"data: " + orjson.dumps(self.head)[:-1] + b',"choices":['
        self._ending = b'],"usage":null}\n\n' if with_usage else b"]}\n\n"
        self._with_usage = with_usage
        self._usage: Usage | None = None
        self._begun: set[int] = set()
        self._calling: set[int] = set()
        self._finished: dict[int, str] = {}
        self._states: dict[int, dict[str, Any]] = {}

    # Streamed

    def write(self, chunk: Chunk) -> bytes:
        """The events that a chunk makes. Its finish reason waits for the end, which alone knows that it is one."""
        self._take(chunk)
        events = [self._chunk(chunk.choice, delta, logprobs=logprobs) for delta, logprobs in _deltas(chunk)]
        if events and chunk.choice not in self._begun:
            self._begun.add(chunk.choice)
            events.insert(0, self._beginning_of(chunk.choice))
        return b"".join(events)

    def end(self) -> bytes:
        """Every choice has one finish reason; then comes the usage, if it was asked for."""
        finishes = [self._finish(index) for index in sorted(self._begun | set(self._finished)) or [0]]
        usage = encode(orjson.dumps(self.head | {"choices": [], "usage": usage_json(self._usage)}))
        return b"".join(finishes) + (usage if self._with_usage else b"") + DONE

    def failed(self, error: CompletionError) -> bytes:
        """An error in the middle, and no finish reason: what came is not a whole answer."""
        return encode(orjson.dumps(error.envelope())) + DONE

    def _take(self, chunk: Chunk) -> None:
        if chunk.usage:
            self._usage = chunk.usage
        if chunk.tool_calls:
            self._calling.add(chunk.choice)
        if chunk.finish_reason:
            self._finished[chunk.choice] = chunk.finish_reason
        if chunk.reasoning_state:
            self._states[chunk.choice] = offered(chunk.reasoning_state)

    def _beginning_of(self, index: int) -> bytes:
        return self._chunk(index, {"role": "assistant", "content": ""})

    def _finish(self, index: int) -> bytes:
        head = b"" if index in self._begun else self._beginning_of(index)
        reason = finish_reason(self._finished.get(index), calls=index in self._calling)
        return head + self._chunk(index, self._states.get(index, {}), reason)

    def _chunk(
        self, index: int, delta: dict[str, Any], reason: str | None = None, logprobs: Any = None
    ) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        return self._beginning + orjson.dumps(choice) + self._ending

    # Whole

    def whole(self, completion: Completion) -> dict[str, Any]:
        choices = [
            {
                "index": index,
                "message": _message(choice),
                "logprobs": choice.logprobs,
                "finish_reason": finish_reason(choice.finish_reason, calls=bool(choice.tool_calls)),
            }
            for index, choice in enumerate(completion.choices)
        ]
        usage = usage_json(completion.usage)
        return {**self.head, "object": "chat.completion", "choices": choices, "usage": usage}


def finish_reason(reason: str | None, *, calls: bool) -> str:
    """An answer that is complete calls tools or does not, whatever its provider says, if it says anything."""
    if reason in (None, "stop", "tool_calls"):
        return "tool_calls" if calls else "stop"
    assert reason is not None
    return reason


def usage_json(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens or 0,
            "cache_write_tokens": usage.cache_write_tokens or 0,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }


def _deltas(chunk: Chunk) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each with the logprobs that go with it: clients join these too, so only one has them."""
    if chunk.reasoning:
        yield {"reasoning_content": chunk.reasoning}, None
    if chunk.content:
        yield {"content": chunk.content}, chunk.logprobs
    if chunk.refusal:
        yield {"refusal": chunk.refusal}, None if chunk.content else chunk.logprobs
    for call in chunk.tool_calls:
        for delta in _call_deltas(call):
            yield delta, None
    if chunk.further:
        yield dict(chunk.further), None
    if chunk.logprobs and not (chunk.content or chunk.refusal):
        yield {}, chunk.logprobs


def _call_deltas(call: ToolCallDelta) -> Iterator[dict[str, Any]]:
    """A call begins with its id and name; clients join what comes after."""
    if call.id:
        signed = with_signature(call.signature) if call.signature else {}
        function = {"name": call.name, "arguments": ""}
        begun = {"index": call.index, "id": call.id, "type": "function", "function": function, **signed}
        yield {"tool_calls": [begun]}
    if call.arguments:
        yield {"tool_calls": [{"index": call.index, "function": {"arguments": call.arguments}}]}


def _message(choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": choice.content or ("" if not (choice.tool_calls or choice.refusal) else None),
        "refusal": choice.refusal or None,
    }
    if choice.reasoning:
        message["reasoning_content"] = choice.reasoning
    if choice.tool_calls:
        message["tool_calls"] = [_call(call) for call in choice.tool_calls]
    returned = offered(choice.reasoning_state) if choice.reasoning_state else {}
    return message | returned | dict(choice.further or {})


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    signed = with_signature(call.signature) if call.signature else {}
    return {"id": call.id, "type": "function", "function": function, **signed}
