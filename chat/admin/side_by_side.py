import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

# Finding what is alike takes far longer the more lines there are.
MOST_LINES = 3000


@dataclass(frozen=True, slots=True)
class Row:
    left: str
    right: str
    is_same: bool


def side_by_side(left: Any, right: Any) -> Iterator[Row]:
    """Two JSON values line by line, what both say at the same height."""
    ours, theirs = _lines(left), _lines(right)
    for _, a, b, c, d in SequenceMatcher(None, ours, theirs).get_opcodes():
        is_same = ours[a:b] == theirs[c:d]
        for at in range(max(b - a, d - c)):
            yield Row(ours[a + at] if a + at < b else "", theirs[c + at] if c + at < d else "", is_same)


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "…"]
