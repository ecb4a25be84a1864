"""The events of a Chat Completions stream as chunks, with what servers of this API do each in their way.

The same reader takes a whole completion, for servers that answer a streaming request with one.
Source: https://platform.openai.com/docs/api-reference/chat/streaming
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

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
from .keeping import Keeping
from .nesting import Nesting
from .payload import count_of, failure_in, index_of, payload_of, says_done, words_of
from .refusal import refusal_in_stream

# After its last event a stream has only the end of the body left to say. Reading it lets the connection
# be used again; a server that keeps quiet instead is not waited for.
FAREWELL_SECONDS = 0.05
_FINISH_REASONS: Mapping[str, str] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "function_call": "tool_calls",
    "max_tokens": "length",
    "model_length": "length",
    "tool_use": "tool_calls",
    "model_context_window_exceeded": "length",
    "safety": "content_filter",
    "refusal": "content_filter",
    "sensitive": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "recitation": "content_filter",
    "spii": "content_filter",
}
# What a server says in place of a reason when it gave up.
_FAILURES = frozenset(
    {
        "error",
        "insufficient_system_resource",
        "abort",
        "aborted",
        "cancelled",
        "network_error",
        "function_call_filter",
        "malformed_function_call",
        "unexpected_tool_call",
    }
)
# Sources of the answer, sound, and OpenRouter's pictures.
_FURTHER = frozenset({"annotations", "audio", "images"})
# The type of a part of content that is thinking, and the field that it is in.
_THINKING: Mapping[str | None, str] = {"thinking": "thinking", "reasoning": "summary"}


@dataclass(slots=True)
class _ToolCall:
    """A call on its way. Nothing of it is passed on before its name is known."""

    index: int
    id: str = ""
    name: str = ""
    signature: str | None = None
    held: str = ""
    begun: bool = False
    has_arguments: bool = False
    unread: list[str] = field(default_factory=list)
    nesting: Nesting = field(default_factory=Nesting)

    def is_another(self, call_id: str, name: str, arguments: str) -> bool:
        """Some servers give every call the index 0; a further call then shows in a further id and name.

        Without ids it shows in a name after arguments that are whole: another one, or one that has arguments anew.
        Where there are none yet, another name is enough.
        """
        if not name:
            return False
        if call_id and self.id and call_id != self.id:
            return True
        if self.name and name != self.name and not (call_id or self.has_arguments):
            return True
        is_anew = name != self.name or (not call_id and arguments.lstrip().startswith("{"))
        return is_anew and self.has_arguments and self._is_whole()

    def take(self, call_id: str, name: str, arguments: str) -> ToolCallDelta | None:
        self.id = self.id or call_id
        self.name = self.name or name
        self.held += arguments
        self.unread.append(arguments)
        self.has_arguments = self.has_arguments or bool(arguments.strip())
        return self._delta() if self.name and (self.held or not self.begun) else None

    def close(self) -> ToolCallDelta | None:
        """The rest of it: a call without arguments has an empty object of them."""
        if not self.has_arguments:
            self.held, self.has_arguments = "{}", True
        return self._delta() if self.held or not self.begun else None

    def _is_whole(self) -> bool:
        """Rarely asked, but by some servers with every piece: what was read is not read again."""
        self.nesting.feed("".join(self.unread))
        self.unread = []
        return self.nesting.is_closed

    def _delta(self) -> ToolCallDelta:
        arguments, self.held = self.held, ""
        if self.begun:
            return ToolCallDelta(self.index, arguments=arguments)
        self.begun = True
        self.id = self.id or f"call_{secrets.token_hex(12)}"
        return ToolCallDelta(self.index, self.id, self.name, arguments, self.signature)


@dataclass(slots=True)
class _Choice:
    keeping: Keeping | None = None
    calls: list[_ToolCall] = field(default_factory=list)
    calls_by_index: dict[int, _ToolCall] = field(default_factory=dict)
    finish_reason: str | None = None
    has_said: bool = False

    def take_calls(self, entries: Sequence[Mapping[str, Any]]) -> tuple[ToolCallDelta, ...]:
        return tuple(delta for entry in entries if (delta := self._take_call(entry)))

    def finish(self, reason: str) -> str | None:
        """The reason where it is news: some servers repeat it."""
        if reason == "null":
            return None
        known = _FINISH_REASONS.get(_kind(reason), "stop")
        news = known if known != self.finish_reason else None
        self.finish_reason = known
        return news

    def close_calls(self) -> tuple[ToolCallDelta, ...]:
        return tuple(delta for call in self.calls if (delta := call.close()))

    def _take_call(self, entry: Mapping[str, Any]) -> ToolCallDelta | None:
        function = entry.get("function") or {}
        call_id, name = entry.get("id") or "", function.get("name") or ""
        arguments = _arguments(function.get("arguments"))
        if not (call_id or name or arguments):
            return None
        call = self._call(entry.get("index"), call_id, name, arguments)
        call.signature = call.signature or _signature(entry)
        return call.take(call_id, name, arguments)

    def _call(self, index: Any, call_id: str, name: str, arguments: str) -> _ToolCall:
        call = self.calls_by_index.get(index) if isinstance(index, int) else self._unnumbered(call_id, name)
        if call is None or call.is_another(call_id, name, arguments):
            call = _ToolCall(len(self.calls))
            self.calls.append(call)
            if isinstance(index, int):
                self.calls_by_index[index] = call
        return call

    def _unnumbered(self, call_id: str, name: str) -> _ToolCall | None:
        """Without an index, an id or name begins a call unless it is that of a call under way."""
        if call_id:
            return next((call for call in self.calls if call.id == call_id), None)
        return self.calls[-1] if self.calls and not name else None


class Reader:
    """Reads the events of one answer, one after the other.

    `keeping` is begun for each answer of which something is to be kept. `expected` is how many were asked for.
    """

    def __init__(self, keeping: Callable[[], Keeping] | None = None, expected: int = 1) -> None:
        self._keeping = keeping
        self._expected = expected
        self._choices: dict[int, _Choice] = {}
        self._done = False
        self._error: CompletionError | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the server has said so: with [DONE], or with a finish reason for every choice."""
        finished = (choice.finish_reason is not None for choice in self._choices.values())
        return self._done or (len(self._choices) >= self._expected and all(finished))

    @property
    def farewell(self) -> float | None:
        return FAREWELL_SECONDS if self._done else None

    def read(self, event: Event) -> Iterable[Chunk]:
        """What an event adds. Raises the `CompletionError` that it reports, after what else it says."""
        if says_done(event):
            self._done = True
            return ()
        if event.event == "error":
            raise failure_in(event.data)
        return self._read(event.data)

    def read_whole(self, body: bytes) -> Iterator[Chunk]:
        yield from self.read(Event(body))
        self._done = True

    def end(self) -> Iterator[Chunk]:
        """What remains to be said at the end. Raises if that was not the end of an answer."""
        if not self._choices:
            raise nothing_said()
        if not self.is_complete:
            raise cut_off()
        if not any(choice.has_said or choice.finish_reason for choice in self._choices.values()):
            raise nothing_said()
        for index, choice in self._choices.items():
            calls, state = choice.close_calls(), self._state(choice)
            if calls or state:
                yield Chunk(tool_calls=calls, choice=index, reasoning_state=state)

    def _read(self, data: bytes) -> Iterator[Chunk]:
        try:
            payload = payload_of(data)
            if choices := payload.get("choices"):
                for wire in choices:
                    if chunk := self._chunk(wire):
                        yield chunk
            if usage := _usage(payload):
                yield Chunk(usage=usage)
            error = refusal_in_stream(payload) if not choices or payload.get("error") else None
            if error := error or _stopped_early(payload) or self._error:
                raise error
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise BadUpstreamResponse("The provider sent something unexpected. Try again.") from exc

    def _chunk(self, wire: Mapping[str, Any]) -> Chunk | None:
        index = index_of(wire)
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice(self._keeping() if self._keeping else None)
        delta = wire.get("delta")
        if delta is None:
            delta = wire.get("message") or {}
        content, reasoning = _content(delta.get("content"))
        refusal = ""
        calls: tuple[ToolCallDelta, ...] = ()
        further = None
        # Nearly every delta is text and nothing else.
        if len(delta) > 1 or not content:
            if choice.keeping:
                choice.keeping.add(delta)
            reasoning = reasoning or _reasoning(delta)
            refusal = words_of(delta.get("refusal"))
            calls = choice.take_calls(entries) if (entries := _calls(delta)) else ()
            further = _further(delta)
        choice.has_said = choice.has_said or bool(content or reasoning or refusal or calls or further)
        reason = self._finish(choice, wire)
        state = None
        if reason:
            calls += choice.close_calls()
            state = self._state(choice)
        logprobs = _logprobs(wire)
        if content or reasoning or refusal or calls or reason or logprobs or further:
            return Chunk(
                content, reasoning, refusal, calls, reason, None, index, state, logprobs, further=further
            )
        return None

    def _state(self, choice: _Choice) -> ReasoningState | None:
        """Once for a choice."""
        keeping, choice.keeping = choice.keeping, None
        return keeping.state([call.signature for call in choice.calls]) if keeping else None

    def _finish(self, choice: _Choice, wire: Mapping[str, Any]) -> str | None:
        reason, error = wire.get("finish_reason"), wire.get("error")
        if error or (reason and _kind(reason) in _FAILURES):
            named = error or (None if reason == "error" else {"code": reason})
            unnamed = UpstreamError("The provider failed in the middle of the answer. Try again.")
            self._error = refusal_in_stream({"error": named}) or unnamed
            return None
        return choice.finish(reason) if reason else None


def _kind(reason: str) -> str:
    """Gemini's OpenAI endpoint goes on with its own reason: `content_filter: RECITATION`."""
    return reason.lower().partition(":")[0]


def _content(content: Any) -> tuple[str, str]:
    """Text and thinking: Mistral and Databricks send both as a list of typed parts."""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        return "", ""
    text = "".join(part.get("text") or "" for part in content if part.get("type") == "text")
    return text, "".join(_text(part.get(_THINKING.get(part.get("type")))) for part in content)


def _reasoning(delta: Mapping[str, Any]) -> str:
    for name in ("reasoning_content", "reasoning"):
        if isinstance(text := delta.get(name), str) and text:
            return text
    return _text(delta.get("reasoning_details"))


def _text(parts: Any) -> str:
    if not isinstance(parts, list):
        return parts if isinstance(parts, str) else ""
    details = (part for part in parts if isinstance(part, dict))
    return "".join(words_of(part.get("text")) or words_of(part.get("summary")) for part in details)


def _further(delta: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if _FURTHER.isdisjoint(delta):
        return None
    return {name: delta[name] for name in sorted(_FURTHER) if delta.get(name)} or None


def _calls(delta: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    """Before there were several there was one, of a function; Snowflake sends it empty."""
    if calls := delta.get("tool_calls"):
        return calls
    function = delta.get("function_call")
    return [{"index": 0, "function": function}] if function else None


def _signature(entry: Mapping[str, Any]) -> str | None:
    """Of Gemini's OpenAI endpoint."""
    match entry:
        case {"extra_content": {"google": {"thought_signature": str(signed)}}}:
            return signed
    return None


def _arguments(arguments: Any) -> str:
    """JSON text; a few servers send the object itself."""
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else orjson.dumps(arguments).decode()


def _usage(payload: Mapping[str, Any]) -> Usage | None:
    wire = payload.get("usage") or _usage_elsewhere(payload)
    prompt = count_of(wire.get("prompt_tokens")) if wire else None
    if not wire or prompt is None:
        return None
    completion = count_of(wire.get("completion_tokens")) or 0
    read = wire.get("prompt_tokens_details") or {}
    written = wire.get("completion_tokens_details") or {}
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=count_of(wire.get("total_tokens")) or prompt + completion,
        # The other names are those of DeepSeek, Moonshot and Qwen.
        cached_tokens=_first(
            read.get("cached_tokens"), wire.get("prompt_cache_hit_tokens"), wire.get("cached_tokens")
        ),
        cache_write_tokens=_first(read.get("cache_write_tokens"), read.get("cache_creation_input_tokens")),
        reasoning_tokens=count_of(written.get("reasoning_tokens")),
    )


def _logprobs(wire: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Lists of tokens by what they are of."""
    logprobs = wire.get("logprobs")
    is_known = isinstance(logprobs, dict) and all(isinstance(each, list | None) for each in logprobs.values())
    return logprobs if is_known else None


def _stopped_early(payload: Mapping[str, Any]) -> CompletionError | None:
    """Groq says why beside its choices."""
    groq = payload.get("x_groq")
    return refusal_in_stream({"error": groq.get("error")}) if groq else None


def _usage_elsewhere(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Where Groq and Moonshot report it."""
    if groq := payload.get("x_groq"):
        return groq.get("usage")
    choices = payload.get("choices")
    return choices[0].get("usage") if choices else None


def _first(*values: Any) -> int | None:
    return next((count for value in values if (count := count_of(value)) is not None), None)
