"""Somebody who is signed in, and their tabs, on any of the processes: over HTTP and websockets only."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import yarl

from tests.site import Site

PATIENCE = 10


class Tab:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, **body: Any) -> None:
        await self.socket.send_str(json.dumps({"body": body}))

    async def until(self, pattern: str, patience: float = PATIENCE) -> str:
        async with asyncio.timeout(patience):
            while True:
                frame = await self.socket.receive_str()
                if re.search(pattern, frame, re.DOTALL):
                    return frame


class Visitor:
    """Keeps the cookies, which hold for every process."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def begin(self, site: Site, text: str, turn_id: str = "") -> str:
        """Begins a conversation and returns its id."""
        page = await (await self.session.get(f"{site.url}/")).text()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {
            "text": text,
            "model": "replayed",
            "turn_id": turn_id or str(uuid.uuid4()),
            "csrfmiddlewaretoken": token.group(1),
        }
        answer = await self.session.post(f"{site.url}/", data=form, allow_redirects=False)
        assert answer.status == 302, await answer.text()
        return answer.headers["Location"].removeprefix("/c/")

    @asynccontextmanager
    async def tab(self, site: Site, conversation: str, last: str = "") -> AsyncIterator[Tab]:
        address = f"{site.url}/ws/c/{conversation}"
        async with self.session.ws_connect(address, origin=site.url, max_msg_size=0) as socket:
            tab = Tab(socket)
            await tab.send(action="catch_up", last=last, status="")
            yield tab

    async def get(self, site: Site, path: str) -> aiohttp.ClientResponse:
        async with self.session.get(yarl.URL(site.url + path, encoded=True)) as answer:
            await answer.read()
            return answer

    async def page(self, site: Site, conversation: str) -> str:
        return await (await self.session.get(f"{site.url}/c/{conversation}")).text()


@asynccontextmanager
async def visitor(site: Site) -> AsyncIterator[Visitor]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        link = site.manage("create_user", f"visitor-{uuid.uuid4().hex[:8]}")
        match = re.search(r"/sign-in/\S+", link)
        assert match
        await session.get(f"{site.url}{match.group()}")
        yield Visitor(session)
