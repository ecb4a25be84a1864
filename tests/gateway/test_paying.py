"""An answer is paid for however it ends, and no two are paid for with the same cent."""

import asyncio
import sys
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from chat import gateway
from chat.completions import BudgetExceeded, ChatRequest, Message, RateLimited, Text, UpstreamError, collect
from chat.gateway import Payer, Source, ledger, open_stream
from chat.gateway.call import Call
from chat.models import (
    Allowance,
    Balance,
    Charge,
    LanguageModel,
    ModelRequest,
    Price,
    RequestBody,
    Route,
    Upstream,
    Worker,
)
from chat.models.audit import mismatches
from tests.replay import ReplayServer, chunk, ending

ASKED = ChatRequest("replayed", (Message("user", (Text("Hello"),)),), max_output_tokens=100)
SAID = "word " * 80


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """Requests settle in threads of their own."""


@pytest.fixture
async def server():
    with ReplayServer() as server:
        yield server
        await gateway.close()


@pytest.fixture
def model(server) -> LanguageModel:
    upstream = Upstream.objects.create(name="Replay", family="compatible", base_url=server.base_url)
    model = LanguageModel.objects.create(model_id="replayed")
    Route.objects.create(model=model, upstream=upstream)
    Price.objects.create(family="compatible", model_id="replayed", input=10, output=20)
    return model


@pytest.fixture
def payer(owner, model) -> Payer:
    return Payer(owner)


def allow(payer: Payer, **limits) -> Allowance:
    return Allowance.objects.create(user=payer.user, **limits)


async def begun(payer: Payer, request: ChatRequest = ASKED):
    """An answer after its first word."""
    stream = open_stream(request, payer)
    async for each in stream:
        if each.content:
            return stream
    raise AssertionError("Nothing was said.")


async def in_all() -> Balance:
    assert await sync_to_async(lambda: list(mismatches()))() == []
    return await Balance.objects.aget(period="total")


async def test_an_answer_that_is_left_is_paid_for_by_what_came(server, payer):
    await sync_to_async(allow)(payer, total_budget=1)
    server.answer([chunk({"content": SAID})], then="stall")
    stream = await begun(payer)
    assert (await in_all()).reserved > 0
    await stream.aclose()
    request = await ModelRequest.objects.aget()
    assert (request.status, request.measure, request.completion_tokens) == ("stopped", "estimated", 100)
    balance = await in_all()
    assert (balance.reserved, balance.spent) == (0, request.cost)
    assert request.cost == Decimal("0.00206")


async def test_an_answer_that_breaks_off_is_paid_for_by_what_came(server, payer):
    await sync_to_async(allow)(payer, total_budget=1)
    server.answer([chunk({"content": SAID})], then="reset")
    with pytest.raises(UpstreamError):
        await collect(open_stream(ASKED, payer))
    request = await ModelRequest.objects.aget()
    assert (request.status, request.completion_tokens) == ("failed", 100)
    assert (await in_all()).spent == request.cost


async def test_answers_at_the_same_time_are_counted(server, payer):
    await sync_to_async(allow)(payer, parallel_requests=1)
    server.answer([chunk({"content": SAID})], then="stall")
    first = await begun(payer)
    with pytest.raises(RateLimited, match="at the same time") as refused:
        await begun(payer)
    assert refused.value.code == "concurrency_limit_exceeded"
    await first.aclose()
    server.answer([chunk({"content": SAID})], then="stall")
    await (await begun(payer)).aclose()


async def test_of_twenty_at_the_last_cent_only_those_go_through_that_it_is_enough_for(server, payer):
    budget = Decimal("0.0062")  # each may cost up to 0.00206
    await sync_to_async(allow)(payer, total_budget=budget)
    for _ in range(20):
        server.answer([chunk({"content": SAID})], then="stall")
    came = await asyncio.gather(*(begun(payer) for _ in range(20)), return_exceptions=True)
    streams = [each for each in came if not isinstance(each, BaseException)]
    refused = [each for each in came if isinstance(each, BaseException)]
    assert {type(each) for each in refused} == {BudgetExceeded}
    assert len(streams) == 3
    assert 0 < (await in_all()).reserved <= budget
    for stream in streams:
        await stream.aclose()
    balance = await in_all()
    assert (balance.reserved, 0 < balance.spent <= budget) == (0, True)


async def test_who_waits_for_reserved_money_may_try_again(server, payer):
    await sync_to_async(allow)(payer, total_budget=Decimal("0.0021"))
    server.answer([chunk({"content": SAID})], then="stall")
    first = await begun(payer)
    with pytest.raises(BudgetExceeded, match="being written") as refused:
        await begun(payer)
    assert (refused.value.should_retry, refused.value.retry_after) == (True, 5)
    await first.aclose()


async def test_who_leaves_while_money_is_set_aside_gives_it_back(server, payer, monkeypatch):
    await sync_to_async(allow)(payer, total_budget=1)
    is_reserving, may_go_on = threading.Event(), threading.Event()

    def slowly(call, ways):
        is_reserving.set()
        may_go_on.wait(5)
        return reserve(call, ways)

    reserve = ledger.reserve
    monkeypatch.setattr(ledger, "reserve", slowly)
    asking = asyncio.create_task(begun(payer))
    await asyncio.to_thread(is_reserving.wait, 5)
    asking.cancel()
    await asyncio.sleep(0.05)
    asking.cancel()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await gateway.journal.flush()
    assert (await ModelRequest.objects.aget()).status == "stopped"
    assert (await in_all()).reserved == 0
    assert server.requests == []


async def test_an_upstream_that_is_deleted_in_mid_stream_is_still_paid_for(server, payer):
    await sync_to_async(allow)(payer, total_budget=1)
    server.answer([chunk({"content": SAID})], then="stall")
    stream = await begun(payer)
    await Upstream.objects.all().adelete()
    await stream.aclose()
    request = await ModelRequest.objects.aget()
    assert (request.status, request.upstream_id, request.upstream_name) == ("stopped", None, "Replay")
    assert request.cost == Decimal("0.00206")
    assert (await in_all()).spent == request.cost


async def test_several_choices_are_paid_for(server, payer):
    await sync_to_async(allow)(payer, total_budget=1)
    server.answer([chunk({"content": SAID})], then="stall")
    stream = await begun(payer, replace(ASKED, n=3))
    assert (await in_all()).reserved == Decimal("0.00606")
    await stream.aclose()


async def test_what_a_process_that_died_had_set_aside_is_given_back(server, payer):
    await sync_to_async(allow)(payer, total_budget=1)
    server.answer([chunk({"content": SAID})], then="stall")
    stream = await begun(payer)
    dead = await Worker.objects.acreate()
    await ModelRequest.objects.aupdate(worker=dead)
    request = await ModelRequest.objects.abandoned([dead]).select_related("upstream", "message").aget()
    await sync_to_async(gateway.settle_abandoned)(request)
    balance = await in_all()
    assert (balance.reserved, balance.spent) == (0, Decimal("0.00006"))
    assert (await ModelRequest.objects.aget()).status == "interrupted"
    await stream.aclose()
    assert await in_all() == balance, "It was settled twice."


async def test_a_process_that_was_taken_for_dead_can_still_ask(server, payer, monkeypatch):
    await sync_to_async(allow)(payer, total_budget=1)
    monkeypatch.setattr(gateway.this_process, "worker", Worker())
    server.say("Hi")
    await collect(open_stream(ASKED, payer))
    assert (await ModelRequest.objects.aget()).status == "complete"
    await in_all()


async def test_what_ends_while_the_process_does_was_interrupted(server, payer, monkeypatch):
    server.answer([chunk({"content": SAID})], then="stall")
    stream = await begun(payer)
    monkeypatch.setattr(gateway.this_process, "is_draining", True)
    await stream.aclose()
    await gateway.close()
    assert (await ModelRequest.objects.aget()).status == "interrupted"


async def test_a_process_that_ends_does_not_wait_for_the_next_batch(server, payer, monkeypatch):
    monkeypatch.setattr(sys.modules["chat.gateway.journal"], "SECONDS_BETWEEN_BATCHES", 60)
    server.say("Hi")
    await collect(open_stream(ASKED, payer))
    async with asyncio.timeout(5):
        await gateway.close()
    assert (await ModelRequest.objects.aget()).status == "complete"


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_batch_asks_no_more_for_many_than_for_one(server, payer, is_known):
    if not is_known:
        await Price.objects.filter(model_id="replayed").adelete()

    async def written(requests: int) -> int:
        for _ in range(requests):
            server.say("Hi")
            await collect(open_stream(ASKED, payer))
        calls, gateway.journal._ended = gateway.journal._ended, []
        return await sync_to_async(queries_of)(calls)

    assert await written(1) == await written(8)


async def test_a_batch_that_could_not_be_written_at_first_is_written_whole_later(server, payer, monkeypatch):
    server.say("Hi")
    await collect(open_stream(ASKED, payer))
    [call], gateway.journal._ended = gateway.journal._ended, []
    call.record_bodies()
    monkeypatch.setattr(RequestBody, "keep", broken)
    with pytest.raises(OperationalError):
        await sync_to_async(ledger.write)([call])
    monkeypatch.undo()
    # What was undone gives its number to the next.
    await ModelRequest.objects.acreate(public_id="req_other", created_at=call.created_at)
    await sync_to_async(ledger.write)([call])
    assert await ModelRequest.objects.acount() == 2


async def test_a_database_that_is_away_for_longer_is_waited_for(server, payer, monkeypatch):
    await sync_to_async(allow)(payer, parallel_requests=1)
    writing = sys.modules["chat.gateway.journal"]
    monkeypatch.setattr(writing, "PAUSES_BETWEEN_TRIES", (0.01, 0.01))
    monkeypatch.setattr(writing, "LONGEST_THAT_AN_ANSWER_WAITS", 0.1)
    failures = iter([OperationalError, InterfaceError] * 20)
    settle = ledger.settle

    def away(call) -> None:
        if error := next(failures, None):
            raise error
        settle(call)

    monkeypatch.setattr(ledger, "settle", away)
    server.say("Hi")
    assert (await collect(open_stream(ASKED, payer))).choices[0].content == "Hi"
    assert await ModelRequest.objects.filter(status="running").aexists()
    await gateway.journal.flush()
    assert (await ModelRequest.objects.aget()).status == "complete"
    assert (await in_all()).spent > 0


async def test_of_two_that_overtake_each_other_a_rate_admits_the_first(server, payer):
    await sync_to_async(allow)(payer, requests_per_minute=1)
    early, late = (Call(ASKED, Source()) for _ in range(2))
    early.payer = payer
    late.payer = payer
    await sync_to_async(ledger.reserve)(late, ())
    with pytest.raises(RateLimited):
        await sync_to_async(ledger.reserve)(early, ())


async def test_a_report_of_absurdly_many_tokens_is_settled(server, payer):
    await sync_to_async(allow)(payer, total_budget=1)
    server.answer([chunk({"content": "Hi"}), *ending(completion_tokens=10**15)])
    await collect(open_stream(ASKED, payer))
    assert (await in_all()).reserved == 0
    assert (await ModelRequest.objects.aget()).status == "complete"
    assert (await Charge.objects.aget()).tokens == 1_000_000_010


def broken(*_) -> None:
    raise OperationalError("The connection is gone.")


def queries_of(calls) -> int:
    with CaptureQueriesContext(connection) as asked:
        ledger.write(calls)
    return len(asked)
