"""What the database said a moment ago is not asked again, and not believed once anybody wrote to it."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from importlib import import_module
from threading import Event

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from chat import gateway
from chat.gateway import stream
from chat.models import Allowance, ApiKey, LanguageModel, ModelRequest, Route, recording
from tests.api.conftest import ASK, HELLO, client

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="Only SQLite tells that nobody has written to it."
)

KEYS = "chat_apikey"
REVOKE = f"UPDATE {KEYS} SET revoked_at = CURRENT_TIMESTAMP"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_written_meanwhile(monkeypatch):
    """The log of the requests is, half a second after each: a slow machine takes longer from one to the next."""
    recording.known.forget()
    monkeypatch.setattr(import_module("chat.gateway.journal"), "SECONDS_BETWEEN_BATCHES", 3600)


@pytest.fixture
def tomorrow(monkeypatch):
    now = timezone.now
    return lambda: monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=1))


@asynccontextmanager
async def busy_database():
    """The thread that all requests ask the database in has something else to do, in the end for a few seconds."""
    done = Event()
    work = asyncio.create_task(sync_to_async(done.wait)(5))
    yield work
    done.set()
    await work


def write(statement: str, *values: object) -> None:
    """As another process does."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
        assert other.execute(statement, values).rowcount == 1


async def test_a_question_like_the_last_does_not_wait_for_the_database(program, server):
    server.say("Hello")
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    async with busy_database() as work:
        response = await program.post(ASK, json=HELLO)
        assert not work.done()
    assert response.json()["choices"][0]["message"]["content"] == "Hello"


async def test_what_is_asked_for_after_all_is_asked_with_one_preamble(program, server, model):
    server.say("Hello")
    await LanguageModel.objects.aupdate(system_preamble="Be brief.")
    for _ in range(3):
        recording.known.forget()
        assert (await program.post(ASK, json=HELLO)).status_code == 200
    asked = [each.json["messages"][0]["content"] for each in server.requests]
    assert asked == ["Be brief."] * 3


async def test_a_limited_request_is_asked_with_one_preamble(program, server, model, secret):
    server.say("Hello")
    await LanguageModel.objects.aupdate(system_preamble="Be brief.")
    await Allowance.objects.acreate(key=await ApiKey.objects.aget(), requests_per_minute=10)
    for _ in range(3):
        # As another request does while this one's money is still to be settled.
        await sync_to_async(ApiKey.objects.find)(secret)
        await sync_to_async(Route.objects.to)("replayed")
        assert (await program.post(ASK, json=HELLO)).status_code == 200
    asked = [each.json["messages"][0]["content"] for each in server.requests]
    assert asked == ["Be brief."] * 3


async def test_a_key_revoked_on_the_way_to_the_database_has_asked_for_nothing(program, server, monkeypatch):
    server.say("Hello")
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    in_database_thread = stream.in_database_thread

    async def revoked_before(*work):
        write(REVOKE)
        return await in_database_thread(*work)

    monkeypatch.setattr(stream, "in_database_thread", revoked_before)
    recording.known.forget()
    assert (await program.post(ASK, json=HELLO)).status_code == 401
    await gateway.journal.flush()
    assert [each.status async for each in ModelRequest.objects.all()] == ["complete"]


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        (REVOKE, 401, "invalid_api_key"),
        ("UPDATE chat_user SET is_active = 0", 401, "invalid_api_key"),
        (f"UPDATE {KEYS} SET expires_at = created_at", 401, "expired_api_key"),
        (f"UPDATE {KEYS} SET networks = '192.0.2.1'", 403, "ip_not_authorized"),
        (f"UPDATE {KEYS} SET is_restricted = 1", 404, "model_not_found"),
        ("UPDATE chat_languagemodel SET enabled = 0", 404, "model_not_found"),
        ("UPDATE chat_languagemodel SET is_restricted = 1", 404, "model_not_found"),
        ("UPDATE chat_route SET enabled = 0", 404, "model_not_found"),
        ("UPDATE chat_upstream SET enabled = 0", 404, "model_not_found"),
        ("UPDATE chat_upstream SET key_refused_at = CURRENT_TIMESTAMP", 404, "model_not_found"),
    ],
)
async def test_what_another_process_changes_holds_from_the_next_request_on(
    program, server, statement, status, code
):
    server.say("Hello")
    for _ in range(2):
        assert (await program.post(ASK, json=HELLO)).status_code == 200
    write(statement)
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert len(server.requests) == 2


async def test_an_allowance_given_by_another_process_holds_from_the_next_request_on(program, server):
    server.say("Hello")
    for _ in range(2):
        assert "x-ratelimit-limit-requests" not in (await program.post(ASK, json=HELLO)).headers
    key = await ApiKey.objects.aget()
    write("INSERT INTO chat_allowance (key_id, requests_per_minute) VALUES (?, 1)", key.pk)
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    assert (await program.post(ASK, json=HELLO)).status_code == 429


async def test_a_key_that_is_known_still_expires(program, server, secret, tomorrow):
    server.say("Hello")
    await ApiKey.objects.aupdate(expires_at=timezone.now() + HOUR)
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    tomorrow()
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "expired_api_key")


async def test_the_secret_before_a_rotation_still_ends(program, server, secret, tomorrow):
    server.say("Hello")
    key = await sync_to_async(ApiKey.objects.find)(secret)
    await sync_to_async(key.rotate)(HOUR)
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    tomorrow()
    assert (await program.post(ASK, json=HELLO)).status_code == 401


async def test_a_known_key_opens_nothing_for_another_secret(program, server, secret):
    server.say("Hello")
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    async with client({"authorization": f"Bearer {secret[:-1]}"}) as stranger:
        assert (await stranger.post(ASK, json=HELLO)).status_code == 401
