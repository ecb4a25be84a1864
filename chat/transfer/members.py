"""The files that came along in an archive, by their names and by the ids in these. They are never unpacked."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

OPENAI_ID = re.compile(r"file[-_][A-Za-z0-9]+")


class Members:
    def __init__(self, names: Iterable[str] = ()) -> None:
        self._known: dict[str, str] = {}
        for name in names:
            for key in _keys(name):
                self._known.setdefault(key, name)

    def find(self, *keys: str) -> str:
        """The first that has one of these as its name, its last name, its stem or its id; empty for none."""
        return next((self._known[key] for key in keys if key and key in self._known), "")


def _keys(name: str) -> list[str]:
    path = PurePosixPath(name.replace("\\", "/"))
    found = OPENAI_ID.match(path.name)
    return [name, path.name, path.stem, *([found[0]] if found else [])]
