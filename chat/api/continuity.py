"""Reasoning that has to come back, in the extra fields by which clients of the families know it.

thinking_blocks                                      Claude, as LiteLLM has it
reasoning_details                                    OpenAI's encrypted reasoning, as OpenRouter has it
tool_calls[].extra_content.google.thought_signature  Gemini, as Google's own compatible API has it

These are handed out. Further ways of LiteLLM and OpenRouter to say the same are only read, in the history of a
conversation that began there:

provider_specific_fields                             of a message or a call, with the names of LiteLLM
tool_calls[].id                                      Gemini's signature behind `__thought__`
reasoning_details                                    also of Claude and Gemini
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chat.completions import ReasoningState

Details = Sequence[Mapping[str, Any]]

_OPENAI = "openai-responses-v1"
_CLAUDE = "anthropic-claude-v1"
_GEMINI = "google-gemini-v1"
_BEFORE_SIGNATURE = "__thought__"


def offered(state: ReasoningState) -> dict[str, Any]:
    """The extra fields of a message that carry this state."""
    if state.family == "anthropic":
        return {"thinking_blocks": list(state.blocks)}
    if state.family == "openai":
        return {"reasoning_details": [_detail(at, block) for at, block in enumerate(state.blocks)]}
    return {}


def reasoning_state(model: str, thinking: Details | None, details: Details | None) -> ReasoningState | None:
    """What a client sends back. It is for the model that is asked, or else the upstream refuses it."""
    if blocks := thinking or [*_thinking_blocks(details or ())]:
        return ReasoningState("anthropic", model, tuple(blocks))
    encrypted = [each for each in details or () if each.get("format") == _OPENAI and each.get("data")]
    return ReasoningState("openai", model, tuple(map(_block, encrypted))) if encrypted else None


def thinking_within(specific: Any) -> Details | None:
    match specific:
        case {"thinking_blocks": list(blocks)}:
            return [block for block in blocks if isinstance(block, dict)]
    return None


def signature(call_id: str, extra_content: Mapping[str, Any] | None, specific: Any) -> str | None:
    match extra_content, specific:
        case ({"google": {"thought_signature": str(signed)}}, _) | (_, {"thought_signature": str(signed)}):
            return signed
    return call_id.partition(_BEFORE_SIGNATURE)[2] or None


def signatures_in(details: Details | None) -> dict[str, str]:
    """By the id of the call that each belongs to."""
    found: dict[str, str] = {}
    for detail in details or ():
        match detail:
            case {"format": fmt, "id": str(call_id), "data": str(signed)} if fmt == _GEMINI:
                found[call_id] = signed
    return found


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


def _thinking_blocks(details: Details) -> Iterator[dict[str, Any]]:
    """A block that was streamed may come as its pieces, of one index, with the signature in the last."""
    text, index = "", None
    for detail in details:
        if detail.get("format") != _CLAUDE:
            continue
        if detail.get("index") != index:
            text, index = "", detail.get("index")
        match detail:
            case {"type": "reasoning.text"}:
                text += _text_of(detail)
                if isinstance(signed := detail.get("signature"), str):
                    yield {"type": "thinking", "thinking": text, "signature": signed}
                    text = ""
            case {"type": "reasoning.encrypted", "data": str(data)}:
                yield {"type": "redacted_thinking", "data": data}


def _text_of(detail: Mapping[str, Any]) -> str:
    text = detail.get("text")
    return text if isinstance(text, str) else ""
