"""The temporary chats of this process, each known by an id that only one page has: after a reload it is gone."""

import time

from chat.models import Conversation, TemporaryConversation, User

# A hidden tab has no socket, and comes back.
SECONDS_AWAY = 4 * 60 * 60
MOST_EACH = 3


class TemporaryChats:
    def __init__(self) -> None:
        self._chats: dict[str, TemporaryConversation] = {}
        self._visited_at: dict[str, float] = {}

    def visited(self, user: User, public_id: str, *, may_begin: bool) -> TemporaryConversation:
        """Raises Conversation.DoesNotExist for one that is gone or somebody else's."""
        self._forget_old()
        chat = self._chats.get(public_id)
        if chat is None and may_begin:
            chat = self._begin(user, public_id)
        if chat is None or chat.owner.pk != user.pk:
            raise Conversation.DoesNotExist
        self._visited_at[public_id] = time.monotonic()
        return chat

    def _begin(self, user: User, public_id: str) -> TemporaryConversation:
        own = [each for each, chat in self._chats.items() if chat.owner.pk == user.pk]
        for oldest in sorted(own, key=lambda each: self._visited_at[each])[
            : max(0, len(own) - MOST_EACH + 1)
        ]:
            self._forget(oldest)
        chat = self._chats[public_id] = TemporaryConversation(owner=user, public_id=public_id)
        return chat

    def _forget_old(self) -> None:
        now = time.monotonic()
        for public_id, visited_at in list(self._visited_at.items()):
            if now - visited_at > SECONDS_AWAY:
                self._forget(public_id)

    def _forget(self, public_id: str) -> None:
        del self._chats[public_id], self._visited_at[public_id]


temporary_chats = TemporaryChats()
