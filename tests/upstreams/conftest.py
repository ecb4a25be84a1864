from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from chat.upstreams import close_clients
from tests.replay import ReplayServer


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest_asyncio.fixture(autouse=True)
async def closed_clients() -> AsyncIterator[None]:
    yield
    await close_clients()
