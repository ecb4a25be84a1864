"""What `GET {base}/models` lists, in any of the shapes that it comes in."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from chat.completions import BadUpstreamResponse

from .upstream import ModelInfo

_CONTEXT_WINDOWS = (
    "context_length",
    "context_window",
    "max_model_len",
    "max_context_length",
    "max_input_tokens",
)


def read_models(body: bytes) -> list[ModelInfo]:
    """{"data": […]} · {"models": […]} · […], each entry an object or only an id."""
    try:
        listing = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise _unreadable() from exc
    models = {model.id: model for model in _models(_entries(listing))}
    return list(models.values())


def _entries(listing: Any) -> list[Any]:
    match listing:
        case {"data": list() as entries} | {"models": list() as entries} | [*entries]:
            return entries
    raise _unreadable()


def _models(entries: list[Any]) -> Iterator[ModelInfo]:
    for entry in entries:
        match entry:
            case str():
                yield ModelInfo(entry)
            case {"lifecycle": "retired"}:
                pass
            case {"id": str(name)} | {"model": str(name)} | {"name": str(name)}:
                yield _model(name, entry)


def _model(name: str, entry: Mapping[str, Any]) -> ModelInfo:
    title = entry.get("display_name") or entry.get("name") or ""
    return ModelInfo(
        id=name,
        display_name=title if title != name else "",
        description=entry.get("description") or "",
        created=_whole(entry.get("created")) or _moment(entry.get("created_at")),
        context_window=next(filter(None, (_whole(entry.get(field)) for field in _CONTEXT_WINDOWS)), None),
    )


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value > 0 else None


def _moment(value: Any) -> int | None:
    try:
        return _whole(datetime.fromisoformat(value).timestamp())
    except (TypeError, ValueError):
        return None


def _unreadable() -> BadUpstreamResponse:
    return BadUpstreamResponse(
        "The provider's list of models cannot be read. An administrator can check the base URL in the admin, "
        "under Upstreams."
    )
