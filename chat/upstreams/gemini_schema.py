"""A JSON Schema without the words that Gemini does not know.

Source: https://ai.google.dev/gemini-api/docs/structured-output
"""

from collections.abc import Mapping
from typing import Any

# Under these stand names that people chose, each with a schema.
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_DROPPED = frozenset({"$schema", "title"})


def gemini_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [gemini_schema(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for word, value in schema.items():
        if word == "const":
            kept.setdefault("enum", [value])
        elif word in _MAPS and isinstance(value, Mapping):
            kept[word] = {name: gemini_schema(each) for name, each in value.items()}
        elif word in ("enum", "default", "example", "examples"):
            kept[word] = value
        elif word not in _DROPPED:
            kept[word] = gemini_schema(value)
    return kept
