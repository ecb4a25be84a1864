"""Reasoning that has to come back, in the extra fields by which clients of the families know it.

thinking_blocks                                      Claude, as LiteLLM has it
reasoning_details                                    OpenAI's encrypted reasoning, as OpenRouter has it
tool_calls[].extra_content.google.thought_signature  Gemini, as Google's own compatible API has it
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chat.completions import ReasoningState

_OPENAI = "openai-responses-v1"


def offered(state: ReasoningState) -> dict[str, Any]:
    """The extra fields of a message that carry this state."""
    if state.family == "anthropic":
        return {"thinking_blocks": list(state.blocks)}
    if state.family == "openai":
        return {"reasoning_details": [_detail(at, block) for at, block in enumerate(state.blocks)]}
    return {}


def reasoning_state(
    model: str, thinking: Sequence[Mapping[str, Any]] | None, details: Sequence[Mapping[str, Any]] | None
) -> ReasoningState | None:
    """What a client sends back. It is for the model that is asked, or else the upstream refuses it."""
    if thinking:
        return ReasoningState("anthropic", model, tuple(thinking))
    encrypted = [each for each in details or () if each.get("format") == _OPENAI and each.get("data")]
    return ReasoningState("openai", model, tuple(map(_block, encrypted))) if encrypted else None


def signature(extra_content: Mapping[str, Any] | None) -> str | None:
    match extra_content:
        case {"google": {"thought_signature": str(signed)}}:
            return signed
    return None


def with_signature(signed: str) -> dict[str, Any]:
    return {"extra_content": {"google": {"thought_signature": signed}}}


def _detail(at: int, block: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "reasoning.encrypted",
        "format": _OPENAI,
        "index": at,
        "id": block.get("id"),
        "data": block.get("encrypted_content"),
    }


def _block(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "reasoning", "id": detail.get("id"), "summary": [], "encrypted_content": detail["data"]}
