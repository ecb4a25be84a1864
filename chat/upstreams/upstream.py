"""The one shape of every adapter."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from chat.completions import ChatRequest, Chunk, Message

from .capabilities import Capabilities, capabilities
from .overrides import overridden


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: to connect, of silence between two bytes, and for the whole answer."""

    connect: float = 10
    silence: float = 180
    total: float = 1800


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as an upstream lists it. `created` is a Unix time."""

    id: str
    display_name: str = ""
    description: str = ""
    created: int | None = None
    context_window: int | None = None


class Upstream(ABC):
    """One provider, reached with one key.

    `extra` names the fields beyond those of `ChatRequest` that the family has a word for; `None` means any.
    `keeps_reasoning` says which of its answers may come with a `ReasoningState`: those that call tools, or any.
    """

    family: ClassVar[str]
    extra: ClassVar[frozenset[str] | None] = None
    keeps_reasoning: ClassVar[Literal["of calls", "always"] | None] = None
    default_base_url: ClassVar[str] = ""

    def __init__(
        self,
        base_url: str = "",
        api_key: str = "",
        timeouts: Timeouts | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> None:
        """`base_url` is what the family's official SDK takes; empty means the family's own.

        `overrides` are capabilities of the model that it is connected for, as an administrator knows them.
        """
        self.base_url = (base_url or self.default_base_url).rstrip("/")
        self.api_key = api_key
        self.timeouts = timeouts or Timeouts()
        self.overrides = overrides or {}

    @abstractmethod
    def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask, and yield the answer as it comes; before that, if there are any, the adjustments to what is asked.

        The stream ends normally only if the upstream said that the answer is complete; otherwise it raises
        a `CompletionError`. Closing the iterator closes the connection. Empty chunks are never yielded.
        """

    @abstractmethod
    async def models(self) -> list[ModelInfo]:
        """What this upstream offers. Raises a `CompletionError`."""

    def may_have_kept(self, history: Sequence[Message]) -> bool:
        """Whether one of the answers in it may have come with a `ReasoningState`."""
        if self.keeps_reasoning is None:
            return False
        answers = (message for message in history if message.role == "assistant")
        return any(answer.tool_calls or self.keeps_reasoning == "always" for answer in answers)

    def capabilities(self, model: str) -> Capabilities:
        """What the model takes."""
        can = self.known_capabilities(model)
        return overridden(can, self.overrides) if self.overrides else can

    def known_capabilities(self, model: str) -> Capabilities:
        """The same without what an administrator says of it."""
        return capabilities(self.family, model)
