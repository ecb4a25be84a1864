"""What a model needs back of its own reasoning to go on from there, in the words of its API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ReasoningState:
    """Signed, encrypted or plain reasoning of one assistant message.

    Only the `family` and `model` that wrote it can read it. `blocks` are JSON objects in their order, whose shape
    is the business of the family's adapter.
    """

    family: str
    model: str
    blocks: tuple[Mapping[str, Any], ...]

    def is_of(self, family: str, model: str) -> bool:
        return (self.family, self.model) == (family, model)
