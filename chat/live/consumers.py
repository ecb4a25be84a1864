"""The socket of a conversation: it parses, authorises, delegates and sends."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import ValidationError

from chat.models import Conversation

from . import following, frames, groups, showing
from .actions import perform
from .visit import SignedOut, visited_conversation, visited_temporary

SIGNED_OUT = 4401
NOT_FOUND = 4404
# A page connects again after any other code, with the cookie that the browser has by then: a new password
# gives the same person another session.
SESSION_ENDED = 4408


class ConversationConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One tab.

    `tip` is the public id of the last message of the branch that it shows, which is the one in use until it says
    otherwise. `elsewhere` are the answers that are written on other branches, and `shown` holds the number of the
    last frame that it was sent of each answer.
    """

    async def connect(self) -> None:
        self.shown: dict[str, int] = {}
        self.elsewhere: set[str] = set()
        self.tip = self.group = ""
        # A socket that is closed before it is accepted looks like a lost connection, and is opened for ever.
        await self.accept()
        if conversation := await self.visited(otherwise=SIGNED_OUT):
            self.tip = await database_sync_to_async(conversation.tip)()
            self.group = groups.watchers(conversation)
            await self.channel_layer.group_add(self.group, self.channel_name)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        # What its owner may do can have changed since it connected, so each message is authorised anew.
        if conversation := await self.visited():
            try:
                await perform(self, conversation, text_data or "")
            except ValidationError as error:
                await self.show(frames.notice(error))
            except Conversation.DoesNotExist:
                await self.close(NOT_FOUND)

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels tidies database connections in a thread before each message, where a frame would wait for
        # whoever uses the database.
        if message["type"] == "frame":
            await following.follow(self, message)
        else:
            await super().dispatch(message)

    async def show(self, html: str) -> None:
        await self.send(text_data=html)

    async def hint(self, elsewhere: set[str]) -> None:
        """Say quietly that answers are being written on other branches, or no longer are."""
        if elsewhere != self.elsewhere:
            self.elsewhere = elsewhere
            await self.show(frames.elsewhere(self.scope["url_route"]["kwargs"]["public_id"], elsewhere))

    async def branched(self, event: dict[str, Any]) -> None:
        if conversation := await self.visited():
            await showing.count_versions(self, conversation, event["parent"])

    async def visited(self, otherwise: int = SESSION_ENDED) -> Conversation | None:
        """The conversation; None, and the socket is closed, where it is no longer this person's to see."""
        try:
            return await database_sync_to_async(self._find)()
        except SignedOut:
            await self.close(otherwise)
        except Conversation.DoesNotExist:
            await self.close(NOT_FOUND)
        return None

    def _find(self) -> Conversation:
        return visited_conversation(self.scope)


class TemporaryConsumer(ConversationConsumer):
    """The one tab of a chat that is never written down, which begins when it connects."""

    def _find(self) -> Conversation:
        return visited_temporary(self.scope, may_begin=not self.group)


class UnknownAddressConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND)
