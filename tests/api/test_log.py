"""What is known of a request after it: its bodies while they are recorded, and what is counted of it."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from chat import gateway
from chat.gateway import metrics  # noqa: F401  registers what it counts
from chat.models import Allowance, Recording, RequestBody
from chat.models.recording import known
from tests.api.conftest import ASK, HELLO
from tests.replay import chunk


@pytest.fixture
def recorded(owner):
    """Everything that the owner asks."""
    known.forget()
    yield Recording.objects.create(user=owner, until=timezone.now() + timedelta(hours=1))
    known.forget()


@pytest.mark.parametrize("is_limited", [True, False])
async def test_the_bodies_of_a_recorded_request_are_kept_as_they_came_and_went(
    program, server, owner, recorded, is_limited
):
    if is_limited:
        await Allowance.objects.acreate(user=owner, requests_per_minute=10)
    server.say("Hi")
    await program.post(ASK, json=HELLO | {"temperature": 0.5})
    await gateway.journal.flush()
    body = await RequestBody.objects.select_related("request").aget()
    assert body.received == HELLO | {"temperature": 0.5}
    assert (body.sent["model"], body.sent["temperature"], body.sent["stream"]) == ("replayed", 0.5, True)
    assert body.request.status == "complete"


async def test_without_a_recording_nothing_is_kept(program, server, secret):
    known.forget()
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await gateway.journal.flush()
    assert not await RequestBody.objects.aexists()


async def test_no_secret_is_kept(program, server, secret, recorded):
    server.say("Hi")
    await program.post(ASK, json=HELLO | {"user": f"my key is {secret}"})
    await gateway.journal.flush()
    body = await RequestBody.objects.aget()
    assert secret not in str((body.received, body.sent))


async def test_it_is_counted_with_its_status(program, server, secret):
    before = counted() or 0
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await gateway.journal.flush()
    assert counted() == before + 1


async def test_what_runs_is_counted_while_it_does(program, server, secret):
    server.answer([chunk({"content": "Half"})], then="stall")
    task = asyncio.create_task(program.post(ASK, json=HELLO))
    await asyncio.to_thread(server.wait_asked)
    assert running() == 1
    task.cancel()
    await asyncio.wait([task])
    assert running() == 0


def counted() -> float | None:
    labels = {"model": "replayed", "upstream": "Replay", "face": "api", "status": "complete"}
    return REGISTRY.get_sample_value("chatsite_requests_total", labels)


def running() -> float | None:
    return REGISTRY.get_sample_value("chatsite_running_requests", {"face": "api"})
