"""The events of Gemini's streamGenerateContent as chunks; each is a whole GenerateContentResponse.

Source: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from chat.completions import (
    BadUpstreamResponse,
    Chunk,
    ReasoningState,
    ToolCallDelta,
    UpstreamAnswer,
    UpstreamAuthFailed,
    UpstreamError,
    Usage,
)
from chat.completions.sse import Event

from .endings import cut_off, nothing_said
from .gemini_calls import GrowingCall
from .gemini_signatures import Signatures
from .payload import index_of, json_in, says_done, words_of
from .refusal import refusal_in_stream

_FINISH_REASONS: Mapping[str, str] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "IMAGE_OTHER": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "ESCALATION": "content_filter",
}
_FAILURES: Mapping[str, str] = {
    "MALFORMED_FUNCTION_CALL": "The model called a tool in a way that cannot be read. Try again.",
    "UNEXPECTED_TOOL_CALL": "The model called a tool that it was not given. Try again.",
    "TOO_MANY_TOOL_CALLS": "The model called tools again and again without an answer. Try again.",
    "MISSING_THOUGHT_SIGNATURE": "The provider misses what the model thought before. Start a new conversation.",
    "MALFORMED_RESPONSE": "The model wrote something that cannot be read. Try again.",
    "NO_IMAGE": "The model painted no picture. Try again, or ask for it in other words.",
}
# The same question may well be answered the next time.
_CHANCE = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "OTHER"})
_FAREWELL_SECONDS = 1.0
_COUNTING_SECONDS = 3.0
_STOPPED = "The provider stopped the answer without saying why. Try again, or choose another model."
_UNEXPECTED = "The provider sent something unexpected. Try again."


@dataclass(slots=True)
class _Candidate:
    names: Mapping[str, str]
    length: int = 0
    after_picture: bool = False
    calls: int = 0
    call: GrowingCall | None = None
    signatures: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str | None = None
    continuation: str | None = None

    def text(self, text: str, signature: str | None) -> str:
        if self.after_picture and text:
            text, self.after_picture = f"\n\n{text}", False
        if signature:
            self.signatures.append(Signatures.of_text(self.length, self.length + len(text), signature))
        self.length += len(text)
        return text

    def picture(self, blob: Mapping[str, Any], signature: str | None) -> str:
        if not blob["mimeType"].startswith("image/"):
            return ""
        space = "\n\n" if self.length else ""
        self.after_picture = False
        said = self.text(f"{space}![Image](data:{blob['mimeType']};base64,{blob['data']})", signature)
        self.after_picture = True
        return said

    def take_call(self, wire: Mapping[str, Any], signature: str | None) -> Iterator[ToolCallDelta]:
        if self.call and not self.call.goes_on_in(wire):
            yield from self.close_call()
        if self.call is None:
            if not wire.get("name"):
                return
            self.call = GrowingCall(self.calls)
            self.calls += 1
        self.call.add(wire, signature)
        if not wire.get("willContinue"):
            yield from self.close_call()

    def close_call(self) -> Iterator[ToolCallDelta]:
        if call := self.call:
            self.call = None
            delta = call.whole(self.names)
            if delta.id and delta.signature:
                self.signatures.append(Signatures.of_call(delta.id, delta.signature))
            yield delta


class Reader:
    """Reads the events of one answer, one after the other."""

    def __init__(self, model: str, names: Mapping[str, str], choices: int = 1) -> None:
        """`names` are the real names of tools that were sent under another."""
        self._model = model
        self._names = names
        self._expected = choices
        self._candidates: dict[int, _Candidate] = {}
        self._usage: Mapping[str, Any] = {}
        self._used: Usage | None = None
        self._has_said = False
        self._failed_before = False
        self.is_new = True
        self.may_start_over = False

    @property
    def is_complete(self) -> bool:
        """Whether it has been finished, as far as one request may make it: Gemini has no other sign of the end."""
        return self._is_finished or self.continuation is not None

    @property
    def _is_finished(self) -> bool:
        finished = sum(candidate.finish_reason is not None for candidate in self._candidates.values())
        return finished >= self._expected

    @property
    def continuation(self) -> str | None:
        """What to ask with for the rest of an answer that is longer than one request may make it."""
        candidate = self._candidates.get(0)
        return candidate.continuation if candidate else None

    def go_on(self) -> None:
        """The rest will be read next."""
        self._used, self._usage = self._total(), {}
        self._candidates[0].continuation = None

    def start_over(self) -> None:
        """Another answer will be read instead of one of which nothing has been said."""
        self._used, self._usage = self._total(), {}
        self._candidates.clear()
        self.may_start_over, self._failed_before = False, True

    def read(self, event: Event) -> Iterator[Chunk]:
        return iter(()) if says_done(event) else self.read_whole(event.data)

    def read_whole(self, data: bytes) -> Iterator[Chunk]:
        """What a response adds, or a list of them. Raises the error that it reports, after what else it says."""
        payload = json_in(data)
        self.is_new = False
        try:
            for response in payload if isinstance(payload, list) else (payload,):
                yield from self._read(response)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as exc:
            raise BadUpstreamResponse(_UNEXPECTED) from exc

    @property
    def farewell(self) -> float | None:
        """Gemini says that an answer is finished, not that its stream is over; the tokens may be counted after."""
        if not self._is_finished:
            return None
        return _FAREWELL_SECONDS if self._usage else _COUNTING_SECONDS

    def counted(self) -> Iterator[Chunk]:
        """The tokens so far, if the upstream has said."""
        if usage := self._total():
            yield Chunk(usage=usage)

    def end(self) -> Iterator[Chunk]:
        """What remains to be said at the end. Raises if that was not the end of an answer."""
        complete = bool(self._candidates) and all(each.finish_reason for each in self._candidates.values())
        if complete:
            yield from self._finish()
        yield from self.counted()
        if not self._candidates:
            raise nothing_said()
        if not complete:
            raise cut_off()

    def _read(self, payload: Mapping[str, Any]) -> Iterator[Chunk]:
        usage = payload.get("usageMetadata")
        if usage and isinstance(usage.get("promptTokenCount"), int):
            self._usage = _with_counts_of(self._usage, usage)
        candidates = payload.get("candidates")
        for wire in candidates or ():
            if chunk := self._chunk(wire):
                self._has_said = True
                yield chunk
            if reason := wire.get("finishReason"):
                yield from self._finish_reason(wire, reason)
        if not candidates or "error" in payload:
            yield from self._unanswered(payload)

    def _chunk(self, wire: Mapping[str, Any]) -> Chunk | None:
        index = index_of(wire)
        candidate = self._candidates.get(index)
        if candidate is None:
            candidate = self._candidates[index] = _Candidate(self._names)
        content, reasoning = "", ""
        calls: list[ToolCallDelta] = []
        for part in (wire.get("content") or {}).get("parts") or ():
            if part.get("thought"):
                reasoning += part.get("text") or ""
            elif (text := part.get("text")) is not None:
                content += candidate.text(text, part.get("thoughtSignature"))
            elif (call := part.get("functionCall")) is not None:
                calls += candidate.take_call(call, part.get("thoughtSignature"))
            elif blob := part.get("inlineData"):
                content += candidate.picture(blob, part.get("thoughtSignature"))
        if content or reasoning or calls:
            return Chunk(content, reasoning, "", tuple(calls), None, None, index)
        return None

    def _finish_reason(self, wire: Mapping[str, Any], reason: str) -> Iterator[Chunk]:
        index = index_of(wire)
        candidate = self._candidates[index]
        if reason == "CONTINUATION" and (token := wire.get("continuationToken")):
            candidate.continuation = token
        elif reason in _FINISH_REASONS:
            candidate.finish_reason = _FINISH_REASONS[reason]
            refused = candidate.finish_reason == "content_filter" and not candidate.length
            if refused and (why := words_of(wire.get("finishMessage"))):
                yield Chunk(refusal=why, choice=index)
        elif reason != "FINISH_REASON_UNSPECIFIED":
            self.may_start_over = reason in _CHANCE and not (self._has_said or self._failed_before)
            _fail(words_of(reason), words_of(wire.get("finishMessage")))

    def _unanswered(self, payload: Mapping[str, Any]) -> Iterator[Chunk]:
        """Without candidates an event is an error, a prompt that was blocked, or only counts."""
        if error := refusal_in_stream(payload):
            raise error
        if blocked := (payload.get("promptFeedback") or {}).get("blockReason"):
            said = words_of(payload["promptFeedback"].get("blockReasonMessage"))
            self._candidates.setdefault(0, _Candidate(self._names)).finish_reason = "content_filter"
            self._expected = 1
            yield Chunk(refusal=said or f"The provider did not let the model answer this: {blocked}.")

    def _finish(self) -> Iterator[Chunk]:
        for index, candidate in sorted(self._candidates.items()):
            calls = tuple(candidate.close_call())
            reason = candidate.finish_reason
            if candidate.calls and reason == "stop":
                reason = "tool_calls"
            blocks = tuple(candidate.signatures)
            state = ReasoningState("gemini", self._model, blocks) if blocks else None
            yield Chunk(tool_calls=calls, finish_reason=reason, choice=index, reasoning_state=state)

    def _total(self) -> Usage | None:
        """The tokens of this request and of those that it continues."""
        now, before = _usage(self._usage), self._used
        if now is None or before is None:
            return now or before
        return Usage(
            before.prompt_tokens + now.prompt_tokens,
            before.completion_tokens + now.completion_tokens,
            before.total_tokens + now.total_tokens,
            cached_tokens=_sum(before.cached_tokens, now.cached_tokens),
            reasoning_tokens=_sum(before.reasoning_tokens, now.reasoning_tokens),
        )


def _fail(reason: str, words: str) -> NoReturn:
    said = UpstreamAnswer(200, words or reason, type=reason)
    if reason == "PUP_LIMITED_DISABLED":
        raise UpstreamAuthFailed(
            "The provider has limited the site's account. An administrator can find out why there.",
            upstream=said,
        )
    raise UpstreamError(_FAILURES.get(reason, _STOPPED), upstream=said)


def _with_counts_of(before: Mapping[str, Any], now: Mapping[str, Any]) -> Mapping[str, Any]:
    """Counts grow, and the last hold; but some events leave out all that the model has written."""
    written = ("candidatesTokenCount", "thoughtsTokenCount")
    if any(name in now for name in written):
        return now
    return {**now, **{name: before[name] for name in written if name in before}}


def _usage(wire: Mapping[str, Any]) -> Usage | None:
    if not wire:
        return None
    counts = {name: count for name, count in wire.items() if isinstance(count, int)}
    thoughts = counts.get("thoughtsTokenCount")
    prompt = counts.get("promptTokenCount", 0) + counts.get("toolUsePromptTokenCount", 0)
    completion = counts.get("candidatesTokenCount", 0) + (thoughts or 0)
    total = max(counts.get("totalTokenCount", 0), prompt + completion)
    return Usage(
        prompt,
        completion,
        total,
        cached_tokens=counts.get("cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )


def _sum(before: int | None, now: int | None) -> int | None:
    return now if before is None else before + (now or 0)
