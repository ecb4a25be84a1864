"""What is wrong with a request, in the words and by the path that clients of OpenAI know."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chat.completions import InvalidRequest

_TAG = {"union_tag_invalid", "union_tag_not_found"}
_BOUNDS = {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "literal_error",
    "string_too_long",
    "string_too_short",
}


def invalid(error: ValidationError, sent: dict[str, Any]) -> InvalidRequest:
    """About the first thing that is wrong; `sent` is the body that was read."""
    details = error.errors(include_url=False)[0]
    path = _path(details, sent)
    return InvalidRequest(_message(details, path), param=path, code=_code(details))


def _path(details: ErrorDetails, sent: Any) -> str:
    """`messages[2].content[1].type`: pydantic's own has the names of the union's members in between."""
    steps = list(_steps(details["loc"], sent))
    if (
        details["type"] in _TAG
        and isinstance(details["input"], dict)
        and _last(steps, sent) == details["input"]
    ):
        steps.append(str(details["ctx"]["discriminator"]).strip("'"))
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _steps(loc: Sequence[int | str], value: Any) -> Iterator[int | str]:
    for at, step in enumerate(loc):
        is_last = at == len(loc) - 1
        if isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else None
            yield step
        elif isinstance(step, str) and isinstance(value, dict) and (step in value or is_last):
            value = value.get(step)
            yield step


def _last(steps: Sequence[int | str], value: Any) -> Any:
    for step in steps:
        value = value[step]
    return value


def _code(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "missing" or kind == "union_tag_not_found":
        return "missing_required_parameter"
    if kind == "too_short":
        return "empty_array"
    return "invalid_value" if kind in _TAG | _BOUNDS else "invalid_type"


def _message(details: ErrorDetails, path: str) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if path == "model" and kind == "missing":
        return "You must provide a model parameter."
    if kind == "missing" or kind == "union_tag_not_found":
        return f"Missing required parameter: '{path}'."
    if kind == "too_short":
        return f"Invalid '{path}': empty array. Expected at least one element."
    if kind == "union_tag_invalid":
        return f"Invalid value: '{context['tag']}' in '{path}'. Supported values are: {context['expected_tags']}."
    if kind == "list_type" and path.endswith("content"):
        return f"Invalid '{path}': expected a string or an array of parts."
    words = details["msg"].removeprefix("Input should be ")
    return f"Invalid '{path}': expected {words}."
