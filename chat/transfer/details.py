"""Fields of a message, as far as what a file says of them is what they should be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chat.models.message import Status
from chat.models.storable import storable

from .values import LONGEST_TEXT

COUNTS = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")
LARGEST_COUNT = 2**31 - 1


def status_of(status: str) -> str:
    """Nobody writes on an answer that came from a file."""
    if status == Status.STREAMING:
        return Status.INTERRUPTED
    return status if status in Status.values else Status.COMPLETE


def details_of(details: Mapping[str, Any], created_at: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {name: details[name] for name in COUNTS if _is_count(details.get(name))}
    fields |= {
        name: float(details[name])
        for name in ("reasoning_seconds", "idle_seconds")
        if _is_span(details.get(name))
    }
    for name in ("first_token_at", "finished_at", "updated_at"):
        if isinstance(details.get(name), datetime):
            fields[name] = details[name]
    fields.setdefault("updated_at", created_at)
    fields["is_edited"] = details.get("is_edited") is True
    fields["finish_reason"] = storable(str(details.get("finish_reason") or ""))[:30]
    fields["tool_calls"] = _calls(details.get("tool_calls"))
    fields["error"] = _error(details.get("error"))
    return fields


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def _is_span(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < LARGEST_COUNT


def _calls(found: Any) -> list[dict[str, Any]]:
    calls = [each for each in found or () if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        {name: storable(str(call.get(name) or "")) for name in ("id", "name", "arguments")} for call in calls
    ]


def _error(found: Any) -> dict[str, Any] | None:
    if not isinstance(found, dict):
        return None
    code, wait = found.get("code"), found.get("retry_after")
    return {
        "message": storable(str(found.get("message") or ""))[:LONGEST_TEXT],
        "code": storable(code) if isinstance(code, str) else None,
        "retry_after": wait if _is_span(wait) else None,
    }
