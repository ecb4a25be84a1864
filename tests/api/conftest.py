"""A program with a key of the owner's, in front of the site's own ASGI application and a replayed upstream."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chat.models import ApiKey, LanguageModel, Route, Upstream, User
from chat.upstreams import close_clients
from chatsite.asgi import application
from tests.replay import ReplayServer

ASK = "/v1/chat/completions"
HELLO = {"model": "replayed", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(autouse=True)
def database(transactional_db: None) -> None:
    """Requests are answered in threads of their own, which see only what is committed."""


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest.fixture
def upstream(server: ReplayServer) -> Upstream:
    return Upstream.objects.create(name="Replay", family="compatible", base_url=server.base_url)


@pytest.fixture
def model(upstream: Upstream) -> LanguageModel:
    return routed("replayed", upstream)


@pytest.fixture
def secret(owner: User, model: LanguageModel) -> str:
    return ApiKey(owner=owner, name="A program").issue()


@pytest_asyncio.fixture
async def program(secret: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client({"authorization": f"Bearer {secret}"}) as program:
        yield program
    await close_clients()


@pytest_asyncio.fixture
async def anonymous() -> AsyncIterator[httpx.AsyncClient]:
    async with client({}) as anonymous:
        yield anonymous
    await close_clients()


def client(headers: dict[str, str], app: Callable[..., Any] = application) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


def upstream_of(family: str, server: ReplayServer) -> Upstream:
    """The server, in the place of a provider of this family."""
    base = server.base_url.removesuffix("/v1") if family in ("anthropic", "gemini") else server.base_url
    return Upstream.objects.create(name=family, family=family, base_url=base, api_key="key")


def routed(model_id: str, upstream: Upstream, **fields: object) -> LanguageModel:
    model = LanguageModel.objects.create(model_id=model_id, **fields)
    Route.objects.create(model=model, upstream=upstream)
    return model


def events(response: httpx.Response) -> list[str]:
    return [line.removeprefix("data: ") for line in response.text.split("\n") if line.startswith("data: ")]
