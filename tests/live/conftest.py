"""A running site without a browser: its models answer from a replayed upstream, its tabs are sockets."""

import threading

import pytest
from django.db.backends.signals import connection_created

from chat.live.keeper import keeper
from chat.models import Conversation, LanguageModel, Route, Upstream, User
from tests.replay import ReplayServer


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """Threads of their own read and write while a test runs, so each test commits."""


@pytest.fixture(autouse=True)
def _rendering_asks_no_database():
    asking: list[str] = []

    def note(**_):
        asking.append(threading.current_thread().name)

    connection_created.connect(note)
    yield
    connection_created.disconnect(note)
    assert not [name for name in asking if name.startswith("rendering")]


@pytest.fixture
async def _drained():
    yield
    await keeper.drain()


@pytest.fixture
def upstream():
    with ReplayServer() as server:
        yield server


@pytest.fixture
def model(upstream) -> LanguageModel:
    row = Upstream.objects.create(name="Replay", family="compatible", base_url=upstream.base_url)
    model = LanguageModel.objects.create(model_id="replayed")
    Route.objects.create(model=model, upstream=row)
    return model


@pytest.fixture
def conversation(owner: User, model: LanguageModel, _drained) -> Conversation:
    return Conversation.objects.create(owner=owner, title="Bread", model=model)
