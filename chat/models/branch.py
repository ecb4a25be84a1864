from __future__ import annotations

from typing import TYPE_CHECKING

from .tree import Tree, Versions

if TYPE_CHECKING:
    from .branched import Branched
    from .message import Message


class Branch:
    """The messages from the first of a conversation to one of its leaves, loaded in pieces.

    Costs one query for the shape of the tree, and one for each piece. What it loads knows its `versions`.
    """

    def __init__(self, conversation: Branched, leaf_id: int | None, tree: Tree | None = None) -> None:
        self.conversation = conversation
        self.tree = tree or Tree(conversation)
        self.path = self.tree.path_to(leaf_id)

    @classmethod
    def through(cls, conversation: Branched, public_id: str) -> Branch | None:
        """Of those with this message the one that was written on last; None if it is not there."""
        tree = Tree(conversation)
        key = tree.keys.get(public_id)
        return None if key is None else cls(conversation, tree.latest_below(key), tree)

    @classmethod
    def ending_with(cls, conversation: Branched, public_id: str) -> Branch:
        """The one to this message, whatever follows it; empty if it is not there."""
        tree = Tree(conversation)
        return cls(conversation, tree.keys.get(public_id), tree)

    @property
    def tip(self) -> str:
        """The public id of the last message; empty where there is none."""
        return self.tree.public_ids[self.path[-1]] if self.path else ""

    def messages(self) -> list[Message]:
        return self.load(self.path)

    def latest(self, length: int) -> list[Message]:
        return self.load(self.path[-length:])

    def around(self, public_id: str, length: int) -> list[Message]:
        """The latest ones if this one is among them; else those from the one before it on."""
        key = self.tree.keys.get(public_id)
        place = self.path.index(key) if key in self.path else len(self.path)
        begin = max(0, min(place - 1, len(self.path) - length))
        return self.load(self.path[begin : begin + length])

    def before(self, message: Message, length: int) -> list[Message]:
        place = self._place(message)
        return self.load(self.path[max(0, place - length) : place])

    def after(self, message: Message, length: int | None = None) -> list[Message]:
        place = self._place(message) + 1
        return self.load(self.path[place : length and place + length])

    def onward(self, public_id: str, length: int) -> list[Message]:
        """This message, which is on the branch, and those that follow it."""
        place = self.path.index(self.tree.keys[public_id])
        return self.load(self.path[place : place + length])

    def reply_to(self, public_id: str) -> str:
        """What follows this message, or what comes first for an empty id; empty where nothing does."""
        parent = self.tree.keys.get(public_id) if public_id else None
        replies = (key for key in self.path if self.tree.parents[key] == parent)
        return next((self.tree.public_ids[key] for key in replies), "")

    def parent_of(self, public_id: str) -> str:
        """What this message follows; empty for the first."""
        parent = self.tree.parents[self.tree.keys[public_id]]
        return self.tree.public_ids.get(parent, "") if parent else ""

    def versions_of(self, public_id: str) -> Versions:
        return self.tree.versions_of(self.tree.keys[public_id])

    def forked(self, message: Message, length: int) -> list[str]:
        """The public ids of those up to this message, the last of them, that have other versions."""
        path = self.path[: self._place(message) + 1]
        forked = [key for key in path if self.tree.versions_of(key).count > 1]
        return [self.tree.public_ids[key] for key in forked[-length:]]

    def length_after(self, message: Message) -> int:
        return len(self.path) - self._place(message) - 1

    def is_longer_than(self, messages: list[Message]) -> bool:
        """Whether there is something before the first of these messages."""
        return bool(messages) and messages[0].pk != self.path[0]

    def goes_on_after(self, messages: list[Message]) -> bool:
        return bool(messages) and messages[-1].pk != self.path[-1]

    def find(self, public_id: str) -> Message | None:
        """The message with this id if it is on this branch."""
        key = self.tree.keys.get(public_id)
        return self.load([key])[0] if key is not None and key in self.path else None

    def load(self, keys: list[int]) -> list[Message]:
        found = self.conversation.load(keys)
        for key, message in found.items():
            message.versions = self.tree.versions_of(key)
        # One may have been deleted since the tree was read.
        return [found[key] for key in keys if key in found]

    def _place(self, message: Message) -> int:
        return self.path.index(message.pk)
