"""What a model answers, piece by piece, and the whole that the pieces make.

Source: https://platform.openai.com/docs/api-reference/chat/streaming
"""

from collections.abc import AsyncIterable
from dataclasses import dataclass, field

from .request import ToolCall


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """`index` counts the tool calls of one choice from 0; `id` and `name` come with its first delta only."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the upstream counted them; `None` where it did not say."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """One delta of one choice. Every field is optional; a chunk may carry several."""

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    content: str
    reasoning: str
    refusal: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str | None


@dataclass(frozen=True, slots=True)
class Completion:
    choices: tuple[Choice, ...]
    usage: Usage | None


@dataclass(slots=True)
class _GrowingToolCall:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, delta: ToolCallDelta) -> None:
        self.id = self.id or delta.id or ""
        self.name = self.name or delta.name or ""
        self.arguments.append(delta.arguments)

    def whole(self) -> ToolCall:
        return ToolCall(self.id, self.name, "".join(self.arguments))


@dataclass(slots=True)
class GrowingChoice:
    """A choice while its deltas come in: adding costs the same however much there is already."""

    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    tool_calls: dict[int, _GrowingToolCall] = field(default_factory=dict)
    finish_reason: str | None = None

    def add(self, chunk: Chunk) -> None:
        self.content.append(chunk.content)
        self.reasoning.append(chunk.reasoning)
        self.refusal.append(chunk.refusal)
        self.finish_reason = chunk.finish_reason or self.finish_reason
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
        )


async def collect(chunks: AsyncIterable[Chunk]) -> Completion:
    """The whole answer that a stream makes; the last usage that it reports holds."""
    choices: dict[int, GrowingChoice] = {}
    usage = None
    async for chunk in chunks:
        choices.setdefault(chunk.choice, GrowingChoice()).add(chunk)
        usage = chunk.usage or usage
    return Completion(tuple(choice.whole() for _, choice in sorted(choices.items())), usage)
