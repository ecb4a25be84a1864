"""What a model may want back of its answer, in the fields by which servers of Chat Completions call it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from chat.completions import ReasoningState

from .payload import words_of

Wire = Mapping[str, Any]

_REASONING = ("reasoning_content", "encrypted_content")
# Kinds of detail that come in pieces, and the field that grows.
_GROWING = {"reasoning.text": "text", "reasoning.summary": "summary"}


class Keeping(Protocol):
    """Of one answer."""

    def add(self, delta: Wire) -> None: ...

    def state(self, signatures: Sequence[str | None]) -> ReasoningState | None:
        """With what each of its calls was signed."""
        ...


@dataclass(slots=True)
class Reasoning:
    """As DeepSeek and Qwen have it: text, or text that they encrypted."""

    family: str
    model: str
    _pieces: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _REASONING})

    def add(self, delta: Wire) -> None:
        for name, pieces in self._pieces.items():
            if isinstance(piece := delta.get(name), str):
                pieces.append(piece)

    def state(self, signatures: Sequence[str | None]) -> ReasoningState | None:
        """Plain reasoning only matters to the tool calls that follow from it."""
        said = {name: text for name, pieces in self._pieces.items() if (text := "".join(pieces))}
        if not said or not (signatures or "encrypted_content" in said):
            return None
        return ReasoningState(self.family, self.model, (said,))


@dataclass(slots=True)
class Details:
    """As OpenRouter and Gemini's OpenAI endpoint have it. It only matters to tool calls here too.

    Sources: https://openrouter.ai/docs/guides/best-practices/reasoning-tokens
    https://ai.google.dev/gemini-api/docs/thought-signatures
    """

    family: str
    model: str
    _details: list[Wire] = field(default_factory=list)

    def add(self, delta: Wire) -> None:
        details = delta.get("reasoning_details")
        if isinstance(details, list):
            self._details += (each for each in details if isinstance(each, dict))

    def state(self, signatures: Sequence[str | None]) -> ReasoningState | None:
        said: dict[str, Any] = {}
        if self._details:
            said["reasoning_details"] = [each for alike in self._alike() for each in _joined(alike)]
        if any(signatures):
            said["signatures"] = list(signatures)
        return ReasoningState(self.family, self.model, (said,)) if said and signatures else None

    def _alike(self) -> list[list[Wire]]:
        grouped = groupby(self._details, lambda each: (each.get("type"), each.get("index")))
        return [list(alike) for _, alike in grouped]


def _joined(alike: list[Wire]) -> list[Wire]:
    """The pieces of one detail as one; whole details as they are."""
    growing = _GROWING.get(words_of(alike[0].get("type")))
    if growing is None:
        return alike
    said = {name: value for piece in alike for name, value in piece.items() if value is not None}
    return [{**said, growing: "".join(words_of(piece.get(growing)) for piece in alike)}]
