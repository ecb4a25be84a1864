from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .branched import Branched


@dataclass(frozen=True, slots=True)
class Versions:
    """The public ids of the messages that can stand in one place, and which of them does."""

    public_ids: tuple[str, ...]
    place: int

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def count(self) -> int:
        return len(self.public_ids)

    @property
    def previous(self) -> str:
        return self.public_ids[self.place - 1] if self.place else ""

    @property
    def next(self) -> str:
        return self.public_ids[self.number] if self.number < self.count else ""


class Tree:
    """Which message of a conversation follows which: one query, which reads none of their text."""

    def __init__(self, conversation: Branched) -> None:
        self.parents: dict[int, int | None] = {}
        self.replies: dict[int | None, list[int]] = {}
        self.public_ids: dict[int, str] = {}
        for key, parent, public_id in conversation.shape():
            self.parents[key] = parent
            self.replies.setdefault(parent, []).append(key)
            self.public_ids[key] = public_id

    @cached_property
    def keys(self) -> dict[str, int]:
        return {public_id: key for key, public_id in self.public_ids.items()}

    def path_to(self, key: int | None) -> list[int]:
        path: list[int] = []
        while key in self.parents:
            path.append(key)
            key = self.parents[key]
        return path[::-1]

    def below(self, key: int) -> list[int]:
        """This message and all that follow it, on any branch."""
        found = [key]
        for each in found:
            found += self.replies.get(each, [])
        return found

    def latest_below(self, key: int) -> int:
        """The end of the branch through this message that was written on last."""
        return max(self.below(key))

    def versions_of(self, key: int) -> Versions:
        siblings = self.replies[self.parents[key]]
        return Versions(tuple(self.public_ids[each] for each in siblings), siblings.index(key))

    def beside(self, key: int) -> int | None:
        """The end of the branch that is next to this message: that of another version, or what comes before."""
        siblings = self.replies[self.parents[key]]
        place = siblings.index(key)
        if len(siblings) > 1:
            return self.latest_below(siblings[place - 1] if place else siblings[1])
        return self.parents[key]
