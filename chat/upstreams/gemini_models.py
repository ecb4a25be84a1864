"""What Gemini lists of its models. Source: https://ai.google.dev/api/models#method:-models.list"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from chat.completions import BadUpstreamResponse

from .upstream import ModelInfo

# These take text, and answer it with something else or not at all.
_NO_CHAT = re.compile(r"-tts(-|$)|computer-use")


def read_gemini_models(body: bytes) -> tuple[list[ModelInfo], str | None]:
    """One page of models that answer, and what to ask with for the next page."""
    try:
        page = orjson.loads(body)
        entries = [entry for entry in page.get("models") or () if _answers(entry)]
        return [_model(entry) for entry in entries], page.get("nextPageToken")
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as exc:
        raise BadUpstreamResponse(
            "The provider's list of models cannot be read. An administrator can check the base URL in the admin, "
            "under Upstreams."
        ) from exc


def _answers(entry: Mapping[str, Any]) -> bool:
    methods = entry.get("supportedGenerationMethods")
    return (methods is None or "generateContent" in methods) and not _NO_CHAT.search(entry["name"])


def _model(entry: Mapping[str, Any]) -> ModelInfo:
    name = entry["name"].removeprefix("models/")
    title = entry.get("displayName") or ""
    return ModelInfo(
        id=name,
        display_name=title if title != name else "",
        description=entry.get("description") or "",
        context_window=entry.get("inputTokenLimit") or None,
    )
