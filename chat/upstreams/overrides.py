"""What an administrator says that a model takes, in place of what `capabilities.toml` says of it."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from .capabilities import Capabilities, frozen
from .fitting import EFFORTS

if TYPE_CHECKING:
    from pydantic import TypeAdapter

KINDS = ("audio", "file", "image", "video")
_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "inputs": KINDS,
    "fetches": KINDS,
    "efforts": EFFORTS,
    "responses_efforts": EFFORTS,
    "budgets": EFFORTS,
}
_NAMES = frozenset(field.name for field in fields(Capabilities))


def overridden(can: Capabilities, said: Mapping[str, Any]) -> Capabilities:
    return replace(can, **{name: frozen(name, value) for name, value in said.items()})


def problem_with(said: Any) -> str:
    """What is wrong with it, in words that name the field; empty if nothing is."""
    if not isinstance(said, dict):
        return 'Write an object, such as {"inputs": ["image"]}.'
    if unknown := sorted(said.keys() - _NAMES):
        return f"Not known: {', '.join(unknown)[:200]}. What there is: {', '.join(sorted(_NAMES))}."
    return _wrong_type(said) or _wrong_word(said) or _negative(said)


def _wrong_type(said: Mapping[str, Any]) -> str:
    # Loaded with the first of them: few sites ever say anything, and each would start later for it.
    from pydantic import ValidationError

    try:
        _types().validate_json(json.dumps(said), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{first['loc'][0]}: {first['msg']}."
    return ""


def _wrong_word(said: Mapping[str, Any]) -> str:
    for name, words in _ONE_OF.items():
        if wrong := [word for word in said.get(name) or () if word not in words]:
            return f"{name}: {', '.join(wrong)[:200]} is none of {', '.join(words)}."
    return ""


def _negative(said: Mapping[str, Any]) -> str:
    numbers = {**said, **said.get("budgets", {})}
    wrong = [name for name, value in numbers.items() if isinstance(value, int | float) and value < 0]
    return f"{wrong[0]}: it cannot be less than 0." if wrong else ""


@cache
def _types() -> "TypeAdapter[Capabilities]":
    from pydantic import TypeAdapter

    return TypeAdapter(Capabilities)
