from __future__ import annotations

from typing import TYPE_CHECKING

from .public_id import is_public_id

if TYPE_CHECKING:
    from .conversation import Conversation
    from .message import Message, MessageQuerySet


class Branch:
    """The messages from the first of a conversation to one of its leaves, loaded in pieces.

    Costs one query for the shape of the tree, and one for each piece.
    """

    def __init__(self, conversation: Conversation, leaf_id: int | None) -> None:
        self.conversation = conversation
        self.path = self._path_to(leaf_id)

    def messages(self) -> list[Message]:
        return self._load(self.path)

    def latest(self, length: int) -> list[Message]:
        return self._load(self.path[-length:])

    def before(self, message: Message, length: int) -> list[Message]:
        place = self._place(message)
        return self._load(self.path[max(0, place - length) : place])

    def after(self, message: Message) -> list[Message]:
        return self._load(self.path[self._place(message) + 1 :])

    def length_after(self, message: Message) -> int:
        return len(self.path) - self._place(message) - 1

    def is_longer_than(self, messages: list[Message]) -> bool:
        """Whether there is something before the first of these messages."""
        return bool(messages) and messages[0].pk != self.path[0]

    def find(self, public_id: str) -> Message | None:
        """The message with this id if it is on this branch."""
        if not is_public_id(public_id):
            return None
        message = self._messages().filter(public_id=public_id).first()
        return message if message and message.pk in self.path else None

    def _place(self, message: Message) -> int:
        return self.path.index(message.pk)

    def _load(self, keys: list[int]) -> list[Message]:
        found = self._messages().in_bulk(keys)
        return [found[key] for key in keys]

    def _messages(self) -> MessageQuerySet:
        return self.conversation.messages.select_related("model", "parent")

    def _path_to(self, leaf_id: int | None) -> list[int]:
        parents = dict(self.conversation.messages.values_list("pk", "parent_id"))
        path: list[int] = []
        key = leaf_id
        while key is not None:
            path.append(key)
            key = parents[key]
        return path[::-1]
