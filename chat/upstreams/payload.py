"""The JSON of an event, and the failure that one may report."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from chat.completions import BadUpstreamResponse, CompletionError, UpstreamError
from chat.completions.sse import Event

from .refusal import refusal_in_stream

_LARGEST_NUMBER = 2**63


def says_done(event: Event) -> bool:
    """OpenAI's last word, which proxies also put behind the streams of other APIs."""
    return event.data.startswith(b"[DONE]")


def says_nothing(event: Event) -> bool:
    """Some servers keep a connection open with events that are empty."""
    return not event.data and event.event != "error"


def payload_of(data: bytes) -> Mapping[str, Any]:
    """Raises the `CompletionError` that something else than an object stands for."""
    payload = json_in(data)
    if isinstance(payload, dict):
        return payload
    raise refusal_in_stream(payload) or BadUpstreamResponse(
        "The provider sent something unexpected. Try again."
    )


def json_in(data: bytes) -> Any:
    """Half of a letter, which some servers cut between two events, becomes U+FFFD; what is no number becomes null."""
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(data)
    try:
        lenient = json.loads(data, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as exc:
        raise BadUpstreamResponse("The provider sent something that is not JSON. Try again.") from exc
    text = json.dumps(lenient, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def count_of(value: Any) -> int | None:
    """Tokens, which some write as `12.0`; what cannot be a number of them is not known."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < _LARGEST_NUMBER else None


def words_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def index_of(wire: Mapping[str, Any]) -> int:
    """Where there is one answer only, some leave it out."""
    index = wire.get("index")
    return index if isinstance(index, int) else 0


def failure_in(data: bytes) -> CompletionError:
    """What an event that can only mean failure says about it."""
    try:
        payload = orjson.loads(data)
    except orjson.JSONDecodeError:
        payload = {"message": data.decode()}
    unnamed = UpstreamError("The provider reported a failure without a reason. Try again.")
    return refusal_in_stream(payload) or unnamed
