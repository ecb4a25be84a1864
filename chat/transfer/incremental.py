"""JSON of any size, one element at a time: what is larger than an element may be is passed over, unread.

Source of the events: https://github.com/ICRAR/ijson#events
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import ijson

PIECE = 64 * 1024
DEEPEST = 100
MOST_EVENTS = 2_000_000
MOST_CHARACTERS = 64 * 1024 * 1024
CONVERSATIONS = "conversations"
OPENING = frozenset({"start_map", "start_array"})
CLOSING = frozenset({"end_map", "end_array"})


class Unreadable(Exception):
    """The file is not the JSON that it should be, from here on. Its text is fit to show."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Element:
    """`header` is what stood in the object around it, before it. `is_too_large` is one that was passed over."""

    header: dict[str, Any]
    value: Any
    is_too_large: bool = False


def elements(file: Readable) -> Iterator[Element]:
    """The items of an array, or of the `conversations` of an object; an object without these is one itself.

    Raises Unreadable.
    """
    events = iter(ijson.basic_parse(file, buf_size=PIECE))
    try:
        event, _ = next(events)
        if event == "start_array":
            yield from _items(events, {})
        elif event == "start_map":
            yield from _of_object(events)
    except StopIteration:
        return
    except (ijson.JSONError, ValueError) as error:
        raise Unreadable(
            "The file is damaged, or not what it seems: its JSON breaks off or is wrong."
        ) from error


class Builder:
    """Puts together one value from its events, or nothing of one that is too large or too deep."""

    def __init__(self) -> None:
        self.value: Any = None
        self.is_too_large = False
        self._open: list[Any] = []
        self._keys: list[str] = []
        self._depth = self._events = self._characters = 0

    def add(self, event: str, value: Any) -> bool:
        """True when the value is complete."""
        self._measure(event, value)
        if not self.is_too_large:
            self._build(event, value)
        return self._depth == 0 and event != "map_key"

    def _measure(self, event: str, value: Any) -> None:
        self._events += 1
        self._depth += (event in OPENING) - (event in CLOSING)
        if isinstance(value, str):
            self._characters += len(value)
        too_much = self._events > MOST_EVENTS or self._characters > MOST_CHARACTERS
        if (too_much or self._depth > DEEPEST) and not self.is_too_large:
            self.is_too_large, self.value, self._open = True, None, []

    def _build(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._keys[-1] = value
        elif event in CLOSING:
            self._open.pop()
            self._keys.pop()
        elif event in OPENING:
            opened: Any = {} if event == "start_map" else []
            self._place(opened)
            self._open.append(opened)
            self._keys.append("")
        else:
            self._place(float(value) if isinstance(value, Decimal) else value)

    def _place(self, value: Any) -> None:
        if not self._open:
            self.value = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            self._open[-1][self._keys[-1]] = value


def _items(events: Iterator[tuple[str, Any]], header: dict[str, Any]) -> Iterator[Element]:
    while (first := next(events))[0] != "end_array":
        yield _element(header, first, events)


def _of_object(events: Iterator[tuple[str, Any]]) -> Iterator[Element]:
    whole: dict[str, Any] = {}
    has_items = False
    while (event := next(events))[0] != "end_map":
        key, first = event[1], next(events)
        if key == CONVERSATIONS and first[0] == "start_array":
            has_items = True
            yield from _items(events, dict(whole))
        else:
            whole[key] = _element({}, first, events).value
    if not has_items:
        yield Element({}, whole)


def _element(header: dict[str, Any], first: tuple[str, Any], events: Iterator[tuple[str, Any]]) -> Element:
    builder = Builder()
    event = first
    while not builder.add(*event):
        event = next(events)
    return Element(header, builder.value, builder.is_too_large)
