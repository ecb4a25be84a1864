"""A browser tab as far as the socket goes: it opens it with a session, sends forms and keeps what comes."""

import asyncio
import re
import uuid
from typing import Any, Self

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from chat.models import Conversation, User
from chatsite.asgi import application
from tests.live.page import Page

PATIENCE = 5


class Tab:
    def __init__(self, conversation_id: str, user: User | None) -> None:
        self.path = f"/ws/c/{conversation_id}"
        self.user = user
        self.frames: list[str] = []
        self.page = Page()
        self.client = Client()

    @classmethod
    def of(cls, conversation: Conversation) -> Self:
        return cls(conversation.public_id, conversation.owner)

    async def __aenter__(self) -> Self:
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
        if self.user:
            await sync_to_async(self.client.force_login)(self.user)
            session = self.client.cookies[settings.SESSION_COOKIE_NAME].value
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        self.socket = WebsocketCommunicator(application, self.path, headers=headers)
        accepted, _ = await self.socket.connect()
        assert accepted
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.disconnect()

    async def send(self, **body: Any) -> None:
        await self.socket.send_json_to({"headers": {}, "body": body})

    async def ask(self, text: str, model: str = "", turn_id: str = "") -> None:
        await self.send(action="ask", text=text, model=model, turn_id=turn_id or str(uuid.uuid4()))

    async def catch_up(self, last: str = "", status: str = "") -> None:
        await self.send(action="catch_up", last=last, status=status)

    @property
    def article(self) -> str:
        """The last article, as it stands on the page."""
        return self.page.article

    async def receive(self, patience: float = PATIENCE) -> str:
        frame = await self.socket.receive_from(patience)
        self.frames.append(frame)
        self.page.receive(frame)
        return frame

    async def until(self, pattern: str) -> str:
        """The first frame, from now on, that the regular expression is found in."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await self.receive()
                if re.search(pattern, frame, re.DOTALL):
                    return frame

    async def is_silent(self) -> bool:
        return await self.socket.receive_nothing(0.2, 0.01)

    async def closed_with(self) -> int:
        event = await self.socket.receive_output(PATIENCE)
        assert event["type"] == "websocket.close", event
        return event["code"]


def ended(status: str) -> str:
    """What the frame at the end of an answer holds."""
    return rf'hx-swap="outerHTML[^"]*".*data-status="{status}"'


def article_of(frame: str) -> str:
    """The article in a frame, without the announcement of its end that comes with it."""
    return frame[: frame.index("</article>")]
