"""Which of a provider's models to begin with: all of a few; of many, the newest of each line."""

import re
from collections.abc import Sequence

FEW = 12
MANY_LINES = 24

_DATE = re.compile(r"[-@]?(?:20\d{2}-?[01]\d-?[0-3]\d|[01]\d-[0-3]\d|\d{4})(?=$|[-:])")
_NUMBER = re.compile(r"\d+")
_ON_TRIAL = re.compile(r"preview|beta|(?<![a-z])exp(?![a-z])|experimental|audio|search|latest|image")


def preselected(model_ids: Sequence[str]) -> set[str]:
    """None where even the newest are too many to guess among."""
    if len(model_ids) <= FEW:
        return set(model_ids)
    newest: dict[str, str] = {}
    for model_id in sorted(filter(_is_settled, model_ids), key=_age):
        newest[_line(model_id)] = model_id
    return set(newest.values()) if len(newest) <= MANY_LINES else set()


def first_choice(model_ids: Sequence[str]) -> str:
    """The newest; of several the one with the shortest name, which is the plain one."""
    return max(model_ids, key=lambda model_id: (_version(model_id), -len(model_id)), default="")


def _is_settled(model_id: str) -> bool:
    return not _ON_TRIAL.search(model_id)


def _age(model_id: str) -> tuple[list[int], int]:
    """The oldest first; the name without a date, which moves along, after those with one."""
    return _version(model_id), -len(model_id)


def _version(model_id: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(_DATE.sub("", model_id))]


def _line(model_id: str) -> str:
    """The name without its version: `claude-opus-4-5-20251101` is of the line `claude-opus`."""
    return re.sub(r"[-_.:]+", "-", _NUMBER.sub("", _DATE.sub("", model_id))).strip("-")
