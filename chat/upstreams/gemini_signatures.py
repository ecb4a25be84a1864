"""What Gemini signs of an answer, so that it can go on from its own reasoning.

From Gemini 3 on, the first call of each step since the user last spoke is refused without a signature.
Source: https://ai.google.dev/gemini-api/docs/thought-signatures
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.completions import Message

from .gemini_parts import Wire

# What Gemini takes for a call that it did not sign itself.
UNSIGNED = "skip_thought_signature_validator"


@dataclass(frozen=True, slots=True)
class Signatures:
    """Those of one message: of its calls by their id, and of stretches of its text."""

    calls: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[tuple[int, int, str], ...] = ()

    @classmethod
    def of(cls, message: Message, model: str) -> "Signatures":
        state = message.reasoning_state
        if state is not None and not state.is_of("gemini", model):
            return cls()
        given = {call.id: call.signature for call in message.tool_calls if call.signature}
        blocks = state.blocks if state else ()
        return cls(
            {**given, **{each["call"]: each["thoughtSignature"] for each in blocks if "call" in each}},
            tuple((*each["text"], each["thoughtSignature"]) for each in blocks if "text" in each),
        )

    @staticmethod
    def of_call(call_id: str, signature: str) -> Wire:
        return {"call": call_id, "thoughtSignature": signature}

    @staticmethod
    def of_text(start: int, end: int, signature: str) -> Wire:
        return {"text": [start, end], "thoughtSignature": signature}
