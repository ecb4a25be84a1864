"""Calls of functions, which Gemini sends whole, or in pieces of their arguments by JSONPath.

Source: https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content#FunctionCall
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson

from chat.completions import ToolCallDelta

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|\"([^\"]*)\")\]")
_VALUES = ("stringValue", "numberValue", "boolValue")


@dataclass(slots=True)
class GrowingCall:
    index: int
    id: str = ""
    name: str = ""
    signature: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)

    def goes_on_in(self, wire: Mapping[str, Any]) -> bool:
        """A piece of it has its id, or else no name."""
        if self.id and (call_id := wire.get("id")):
            return bool(call_id == self.id)
        return not wire.get("name")

    def add(self, wire: Mapping[str, Any], signature: str | None) -> None:
        self.id = self.id or wire.get("id") or ""
        self.name = self.name or wire.get("name") or ""
        self.signature = self.signature or signature
        self.arguments |= wire.get("args") or {}
        for piece in wire.get("partialArgs") or ():
            _put(self.arguments, piece)

    def whole(self, names: Mapping[str, str]) -> ToolCallDelta:
        self.id = self.id or f"call_{secrets.token_hex(12)}"
        arguments = orjson.dumps(self.arguments).decode()
        return ToolCallDelta(self.index, self.id, names.get(self.name, self.name), arguments, self.signature)


def _put(arguments: dict[str, Any], piece: Mapping[str, Any]) -> None:
    """Strings come in pieces. Raises `ValueError` for a path into nowhere."""
    path = _path(piece.get("jsonPath") or "")
    value = next((piece[name] for name in _VALUES if name in piece), None)
    target: Any = arguments
    for step, following in pairwise(path):
        target = _at(target, step, [] if isinstance(following, int) else {})
    before = _at(target, path[-1], None)
    if isinstance(before, str) and isinstance(value, str):
        value = before + value
    target[path[-1]] = value


def _at(target: Any, step: str | int, missing: Any) -> Any:
    """What stands there; what is missing is put there, in a list only at its end."""
    if isinstance(target, dict):
        return target.setdefault(str(step), missing)
    if isinstance(target, list) and isinstance(step, int) and step <= len(target):
        if step == len(target):
            target.append(missing)
        return target[step]
    raise ValueError(step)


def _path(path: str) -> list[str | int]:
    steps: list[str | int] = [
        int(found[2]) if found[2] else found[1] or found[3] or found[4] or ""
        for found in _STEP.finditer(path)
    ]
    if not steps:
        raise ValueError(path)
    return steps
