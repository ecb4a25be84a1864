"""What a model answers, piece by piece, and the whole that the pieces make.

Source: https://platform.openai.com/docs/api-reference/chat/streaming
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from .adjustment import Adjustment
from .errors import BadUpstreamResponse
from .rate_limit import RateLimit
from .reasoning import ReasoningState
from .request import ToolCall


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """`index` counts the tool calls of one choice from 0; `id`, `name` and `signature` come with its first delta."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the upstream counted them; `None` where it did not say."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None

    def added_up(self) -> Usage:
        """The same, with nothing below zero and no part larger than what it is a part of."""
        prompt, completion = max(self.prompt_tokens, 0), max(self.completion_tokens, 0)
        cached = _part(self.cached_tokens, prompt)
        return replace(
            self,
            prompt_tokens=prompt,
            completion_tokens=completion,
            total_tokens=prompt + completion,
            cached_tokens=cached,
            cache_write_tokens=_part(self.cache_write_tokens, prompt - (cached or 0)),
            reasoning_tokens=_part(self.reasoning_tokens, completion),
        )


def _part(tokens: int | None, whole: int) -> int | None:
    return None if tokens is None else min(max(tokens, 0), whole)


class Chunk(NamedTuple):
    """One delta of one choice. Every field is optional; a chunk may carry several.

    A tuple, because one is made of every token: a frozen dataclass takes four times as long.

    `reasoning_state` comes at most once a choice, no later than its finish reason. `adjustments`, and the `limits`
    of the asker, come before anything that the model says: as soon as they are known, and the last of them hold.
    `logprobs` is OpenAI's object; `further` are fields of its message that are passed on as they are.
    """

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    choice: int = 0
    reasoning_state: ReasoningState | None = None
    logprobs: Mapping[str, Any] | None = None
    adjustments: tuple[Adjustment, ...] | None = None
    limits: tuple[RateLimit, ...] = ()
    further: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    content: str
    reasoning: str
    refusal: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str | None
    reasoning_state: ReasoningState | None = None
    logprobs: Mapping[str, Any] | None = None
    further: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    choices: tuple[Choice, ...]
    usage: Usage | None
    adjustments: tuple[Adjustment, ...] = ()
    limits: tuple[RateLimit, ...] = ()


@dataclass(slots=True)
class _GrowingToolCall:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    signature: str | None = None

    def add(self, delta: ToolCallDelta) -> None:
        self.id = self.id or delta.id or ""
        self.name = self.name or delta.name or ""
        self.arguments.append(delta.arguments)
        self.signature = self.signature or delta.signature

    def whole(self) -> ToolCall:
        return ToolCall(self.id, self.name, "".join(self.arguments), self.signature)


@dataclass(slots=True)
class GrowingChoice:
    """A choice while its deltas come in: adding costs the same however much there is already."""

    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    tool_calls: dict[int, _GrowingToolCall] = field(default_factory=dict)
    finish_reason: str | None = None
    reasoning_state: ReasoningState | None = None
    logprobs: list[Mapping[str, Any]] = field(default_factory=list)
    further: list[Mapping[str, Any]] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        self.content.append(chunk.content)
        self.reasoning.append(chunk.reasoning)
        self.refusal.append(chunk.refusal)
        self.finish_reason = chunk.finish_reason or self.finish_reason
        self.reasoning_state = chunk.reasoning_state or self.reasoning_state
        if chunk.logprobs:
            self.logprobs.append(chunk.logprobs)
        if chunk.further:
            self.further.append(chunk.further)
        for delta in chunk.tool_calls:
            self.tool_calls.setdefault(delta.index, _GrowingToolCall()).add(delta)

    @property
    def is_empty(self) -> bool:
        return not (self.tool_calls or any(self.content) or any(self.refusal))

    def whole(self) -> Choice:
        return Choice(
            content="".join(self.content),
            reasoning="".join(self.reasoning),
            refusal="".join(self.refusal),
            tool_calls=tuple(call.whole() for _, call in sorted(self.tool_calls.items())),
            finish_reason=self.finish_reason,
            reasoning_state=self.reasoning_state,
            logprobs=_joined(self.logprobs),
            further=_grown(self.further) or None,
        )


async def collect(chunks: AsyncIterable[Chunk]) -> Completion:
    """The whole answer that a stream makes; the last usage that it reports holds."""
    choices: dict[int, GrowingChoice] = {}
    usage = None
    adjustments: tuple[Adjustment, ...] = ()
    limits: tuple[RateLimit, ...] = ()
    async for chunk in chunks:
        choices.setdefault(chunk.choice, GrowingChoice()).add(chunk)
        usage = chunk.usage or usage
        adjustments = adjustments if chunk.adjustments is None else chunk.adjustments
        limits = chunk.limits or limits
    whole = tuple(choice.whole() for _, choice in sorted(choices.items()))
    return Completion(whole, usage, adjustments, limits)


def _joined(pieces: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of lists of tokens, under `content` and `refusal`, the whole lists."""
    if not pieces:
        return None
    names = dict.fromkeys(name for piece in pieces for name in piece)
    lists = {name: [piece[name] for piece in pieces if piece.get(name) is not None] for name in names}
    return {
        name: [token for tokens in found for token in tokens] if found else None
        for name, found in lists.items()
    }


def _grown(pieces: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Lists go on, as do sound and what is said in it; of anything else the last holds."""
    found: dict[str, list[Any]] = {}
    for piece in pieces:
        for name, value in piece.items():
            if value is not None:
                found.setdefault(name, []).append(value)
    return {name: _one_of(name, values) for name, values in found.items()}


def _one_of(name: str, values: list[Any]) -> Any:
    if all(isinstance(value, list) for value in values):
        return [each for value in values for each in value]
    if all(isinstance(value, dict) for value in values):
        return _grown(values)
    if name in ("data", "transcript") and all(isinstance(value, str) for value in values):
        return _sound(values) if name == "data" else "".join(values)
    return values[-1]


def _sound(pieces: list[str]) -> str:
    """Base64 in pieces: of one text, or each by itself, which its padding tells."""
    if not any(piece.endswith("=") for piece in pieces[:-1]):
        return "".join(pieces)
    try:
        return base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode()
    except ValueError as exc:
        raise BadUpstreamResponse("The provider sent sound that cannot be read. Try again.") from exc
