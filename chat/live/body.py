"""The fields of what a page sends over its socket."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

Body = Mapping[str, Any]

GARBLED = ValidationError("This page sent something that the site does not understand. Reload it.")


def parsed(text: str) -> Body:
    try:
        body = json.loads(text)["body"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GARBLED from error
    if not isinstance(body, dict):
        raise GARBLED
    return body


def field(body: Body, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise GARBLED
    return value


def fields(body: Body, name: str) -> list[str]:
    """All values of one name: hx-ws sends a single one as it is, and several as a list."""
    value = body.get(name, [])
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise GARBLED
    return values


def turn_id(body: Body) -> UUID:
    try:
        return UUID(field(body, "turn_id"))
    except ValueError as error:
        raise GARBLED from error
