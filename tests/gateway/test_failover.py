"""Real servers on loopback that die, stall, refuse and break off, and what the asker gets of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing

import pytest
import pytest_asyncio

from chat.completions import (
    Adjustment,
    ChatRequest,
    Chunk,
    CompletionError,
    ContentFiltered,
    ContextLengthExceeded,
    InvalidRequest,
    Message,
    NoUpstream,
    RateLimited,
    StreamTruncated,
    Text,
    ToolCall,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
    collect,
)
from chat.gateway import Payer, failover, open_stream, routing
from chat.gateway.failover import Asking, answered
from chat.gateway.health import health
from chat.models import LanguageModel, Route, Upstream
from chat.upstreams import close_clients
from tests.replay import ReplayServer, chunk, ending

HELLO = ChatRequest("shared", (Message("user", (Text("Hello"),)),))
NOTHING_LISTENS = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def _database(transactional_db: None) -> None:
    """Routes are read in threads of their own."""


@pytest_asyncio.fixture(autouse=True)
async def _clients() -> AsyncIterator[None]:
    yield
    await close_clients()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch) -> None:
    monkeypatch.setattr(failover, "PAUSES", (0.05, 0.1))


@pytest.fixture
def start():
    with ExitStack() as running:
        yield lambda: running.enter_context(ReplayServer())


@pytest.fixture
def first(start) -> ReplayServer:
    return start()


@pytest.fixture
def second(start) -> ReplayServer:
    server = start()
    server.say("From the second.")
    return server


@pytest.fixture
def model() -> LanguageModel:
    return LanguageModel.objects.create(model_id="shared")


@pytest.fixture
def payer(owner) -> Payer:
    return Payer(owner)


@pytest.fixture
def two(model, first, second) -> list[Route]:
    return [route(model, "First", first.base_url), route(model, "Second", second.base_url, priority=1)]


@pytest.fixture
def one(model, first) -> Route:
    return route(model, "First", first.base_url)


def route(model: LanguageModel, name: str, base_url: str, **fields) -> Route:
    upstream = Upstream.objects.create(name=name, family="compatible", base_url=base_url, api_key="sk-1")
    return Route.objects.create(model=model, upstream=upstream, **fields)


async def ask(payer: Payer, request: ChatRequest = HELLO) -> str:
    async with aclosing(open_stream(request, payer)) as chunks:
        return "".join([each.content async for each in chunks])


async def asked(payer: Payer, asking: Asking) -> list[Chunk]:
    ways = await asyncio.to_thread(routing.ways, HELLO, payer)
    async with aclosing(answered(ways, asking)) as chunks:
        return [each async for each in chunks]


def refuse(status: int, body: bytes = b'{"error": {"message": "No."}}', **headers: str):
    return lambda server: server.answer([body], status=status, headers=headers)


def instead(server: ReplayServer) -> ReplayServer:
    """Of what it was going to say."""
    server._scripts.clear()
    return server


def break_off(then: str, *pieces: bytes):
    return lambda server: server.answer(pieces, then=then)


FAILURES = {
    "500": (refuse(500), "upstream_error"),
    "503": (refuse(503), "server_is_overloaded"),
    "529": (refuse(529), "server_is_overloaded"),
    "429": (refuse(429), "rate_limit_exceeded"),
    "429 for a long time": (refuse(429, **{"retry-after": "600"}), "rate_limit_exceeded"),
    "401": (refuse(401), "upstream_auth_error"),
    "402": (refuse(402), "upstream_quota"),
    "403": (refuse(403), "upstream_auth_error"),
    "404": (refuse(404), "upstream_error"),
    "no such model": (refuse(404, b'{"error": {"code": "model_not_found"}}'), "model_not_found"),
    "a web page": (
        lambda server: server.answer([b"<html>Hello</html>"], headers={"content-type": "text/html"}),
        "bad_upstream_response",
    ),
    "nothing": (break_off("end"), "bad_upstream_response"),
    "broken off": (break_off("close", chunk({"role": "assistant"})), "upstream_stream_truncated"),
    "reset": (break_off("reset", chunk({"role": "assistant"})), "upstream_stream_truncated"),
    "an error in the stream": (
        break_off("end", b'data: {"error": {"message": "Overloaded", "code": 529}}\n\n'),
        "server_is_overloaded",
    ),
}


@pytest.mark.parametrize(("fail", "code"), FAILURES.values(), ids=FAILURES)
async def test_another_upstream_answers_when_the_first_fails_before_a_word(
    payer, two, first, second, fail, code
):
    fail(first)
    asking = Asking()
    chunks = await asked(payer, asking)
    assert "".join(each.content for each in chunks) == "From the second."
    assert asking.way.upstream.name == "Second"
    [attempt] = asking.attempts
    assert (attempt["upstream"], attempt["code"]) == ("First", code)
    assert attempt["message"]
    assert 0 < attempt["seconds"] < 5
    assert len(first.requests) == len(second.requests) == 1


async def test_another_upstream_answers_when_a_server_is_gone(payer, model, second):
    await asyncio.to_thread(route, model, "First", NOTHING_LISTENS)
    await asyncio.to_thread(route, model, "Second", second.base_url, priority=1)
    asking = Asking()
    await asked(payer, asking)
    assert [each["code"] for each in asking.attempts] == ["upstream_unreachable"]


async def test_another_upstream_answers_when_a_server_is_killed_between_two_questions(payer, model, second):
    with ReplayServer() as killed:
        killed.say("From the first.")
        await asyncio.to_thread(route, model, "First", killed.base_url)
        await asyncio.to_thread(route, model, "Second", second.base_url, priority=1)
        assert await ask(payer) == "From the first."
    assert await ask(payer) == "From the second."


async def test_another_upstream_answers_when_one_falls_silent(payer, two, first, settings):
    settings.UPSTREAM_SILENCE_TIMEOUT = 0.3
    first.answer([], then="stall")
    asking = Asking()
    await asked(payer, asking)
    assert asking.attempts[0]["code"] == "upstream_timeout"
    assert asking.attempts[0]["seconds"] == pytest.approx(0.3, abs=0.2)
    assert await asyncio.to_thread(first.wait_closed)


async def test_a_slow_upstream_is_waited_for(payer, two, first, second):
    first.answer([chunk({"role": "assistant"}), chunk({"content": "Slow."}), *ending()], delay=0.3)
    assert await ask(payer) == "Slow."
    assert not second.requests


@pytest.mark.parametrize(
    "said",
    [
        {"content": "Half"},
        {"reasoning_content": "Hm"},
        {"tool_calls": [{"index": 0, "function": {"name": "f"}}]},
    ],
    ids=["text", "reasoning", "a call"],
)
async def test_after_the_first_word_nobody_else_is_asked(payer, two, first, second, said):
    first.answer([chunk(said)], then="close")
    with pytest.raises(StreamTruncated):
        await ask(payer)
    assert not second.requests
    assert await asyncio.to_thread(health.cooldown, two[0]) > 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"error": {"message": "temperature must be lower"}}', InvalidRequest),
        (b'{"error": {"code": "context_length_exceeded"}}', ContextLengthExceeded),
        (b'{"error": {"code": "content_filter"}}', ContentFiltered),
    ],
)
async def test_what_only_the_asker_can_mend_is_told_at_once(payer, two, first, second, body, error):
    refuse(400, body)(first)
    with pytest.raises(error) as raised:
        await ask(payer)
    assert type(raised.value) is error
    assert not second.requests
    assert await asyncio.to_thread(health.cooldown, two[0]) == 0


async def test_what_was_left_out_is_told_of_the_upstream_that_answers_only(payer, two, first, second):
    refused = b'{"error": {"message": "Unsupported parameter: \'seed\'", "param": "seed"}}'
    for server in (first, instead(second)):
        server.answer([refused], status=400)
    first.answer([], then="close")
    second.say("From the second.")
    asking = Asking()
    ways = await asyncio.to_thread(routing.ways, ChatRequest("shared", HELLO.messages, seed=1), payer)
    answer = await collect(answered(ways, asking))
    assert answer.choices[0].content == "From the second."
    assert answer.adjustments == (Adjustment("seed"),)


# One upstream, or all of them


@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_a_single_upstream_is_asked_again_for_what_passes(payer, one, first, status):
    refuse(status)(first)
    first.say("At last.")
    asking = Asking()
    chunks = await asked(payer, asking)
    assert "".join(each.content for each in chunks) == "At last."
    assert [each["upstream"] for each in asking.attempts] == ["First"]


async def test_it_is_asked_three_times_in_all_with_a_longer_pause_each_time(payer, one, first):
    refuse(529)(first)
    asking = Asking()
    with pytest.raises(CompletionError, match="overloaded"):
        await asked(payer, asking)
    times = [each.received_at for each in first.requests]
    assert len(times) == 3
    assert 0.03 < times[1] - times[0] < times[2] - times[1]
    assert [each["code"] for each in asking.attempts] == ["server_is_overloaded"] * 2


@pytest.mark.parametrize(
    "case", ["401", "402", "403", "404", "no such model", "a web page", "429 for a long time"]
)
async def test_a_single_upstream_is_not_asked_again_for_what_does_not_pass(payer, one, first, case):
    fail, code = FAILURES[case]
    fail(first)
    with pytest.raises(CompletionError) as raised:
        await ask(payer)
    assert raised.value.code == code
    assert len(first.requests) == 1


async def test_a_short_wait_that_a_provider_asks_for_is_kept(payer, one, first):
    refuse(429, **{"retry-after-ms": "400"})(first)
    first.say("At last.")
    assert await ask(payer) == "At last."
    assert first.requests[1].received_at - first.requests[0].received_at >= 0.4


async def test_who_was_silent_once_is_not_waited_for_again(payer, one, first, settings):
    settings.UPSTREAM_SILENCE_TIMEOUT = 0.3
    first.answer([], then="stall")
    with pytest.raises(UpstreamTimeout):
        await ask(payer)
    assert len(first.requests) == 1


async def test_tries_end_when_nobody_would_wait_any_longer(payer, one, first, monkeypatch):
    monkeypatch.setattr(failover, "PATIENCE", 0)
    refuse(529)(first)
    with pytest.raises(CompletionError):
        await ask(payer)
    assert len(first.requests) == 1


async def test_others_are_asked_before_anybody_is_asked_again(payer, two, first, second):
    refuse(529)(instead(second))
    refuse(500)(first)
    with pytest.raises(UpstreamError):
        await ask(payer)
    times = [(each.received_at, name) for name in "12" for each in {"1": first, "2": second}[name].requests]
    assert [name for _, name in sorted(times)] == ["1", "2", "1", "2"]


async def test_of_all_failures_the_one_that_passes_is_told(payer, two, first, second):
    refuse(429, **{"retry-after": "20"})(instead(second))
    refuse(401)(first)
    asking = Asking()
    with pytest.raises(RateLimited, match="20 s"):
        await asked(payer, asking)
    assert asking.way.upstream.name == "Second"
    assert [each["upstream"] for each in asking.attempts] == ["First"]


async def test_the_cause_of_a_failure_stays_known(payer, model):
    await asyncio.to_thread(route, model, "First", NOTHING_LISTENS)
    with pytest.raises(UpstreamUnreachable) as raised:
        await ask(payer)
    assert raised.value.__cause__


async def test_leaving_in_a_pause_asks_nobody_any_more(payer, one, first, monkeypatch):
    monkeypatch.setattr(failover, "PAUSES", (5.0, 5.0))
    refuse(529)(first)
    asking = asyncio.create_task(ask(payer))
    await asked_in_all(first, 1)
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0.1)
    assert len(first.requests) == 1


async def test_leaving_closes_the_upstream_that_is_being_asked(payer, two, first, second):
    refuse(500)(first)
    instead(second).answer([chunk({"role": "assistant"})], then="stall")
    asking = asyncio.create_task(ask(payer))
    await asked_in_all(second, 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(second.wait_closed)


async def asked_in_all(server: ReplayServer, count: int) -> None:
    for _ in range(500):
        if len(server.requests) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{len(server.requests)} requests instead of {count}")


# Afterwards


async def test_one_that_failed_is_asked_last_while_it_cools_down(payer, two, first, second):
    refuse(500)(first)
    await ask(payer)
    await ask(payer)
    assert (len(first.requests), len(second.requests)) == (1, 2)


async def test_one_that_cools_down_is_still_asked_when_all_others_fail(payer, two, first, second):
    refuse(500)(first)
    first.say("From the first.")
    await ask(payer)
    refuse(500)(second)
    assert await ask(payer) == "From the first."


async def test_of_those_that_all_cool_down_the_one_that_recovers_first_is_asked_first(
    payer, two, first, second
):
    health.fail(two[0], RateLimited("Slow down.", retry_after=60), health.ask(two[0]))
    health.fail(two[1], RateLimited("Slow down.", retry_after=30), health.ask(two[1]))
    assert await ask(payer) == "From the second."
    assert not first.requests
    assert health.cooldown(two[1]) == 0


async def test_one_request_probes_it_and_the_others_are_answered_elsewhere(
    payer, two, first, second, monkeypatch
):
    refuse(500)(first)
    await ask(payer)
    now = health.clock()
    monkeypatch.setattr(health, "clock", lambda: now + 60)
    first.answer([chunk({"role": "assistant"}), chunk({"content": "Back."}), *ending()], delay=0.5)
    answers = await asyncio.gather(*(ask(payer) for _ in range(6)))
    assert sorted(answers) == ["Back."] + ["From the second."] * 5
    assert await ask(payer) == "Back."


async def test_a_probe_that_is_left_does_not_block_the_next(payer, two, first, monkeypatch):
    refuse(500)(first)
    await ask(payer)
    now = health.clock()
    monkeypatch.setattr(health, "clock", lambda: now + 60)
    first.answer([], then="stall")
    left = asyncio.create_task(ask(payer))
    await asked_in_all(first, 2)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    first.say("Back.")
    assert await ask(payer) == "Back."


# A key that is refused


async def test_a_refused_key_is_switched_off_and_the_next_question_goes_elsewhere_at_once(
    payer, two, first, second
):
    refuse(401, b'{"error": {"message": "Incorrect API key provided"}}')(first)
    assert await ask(payer) == await ask(payer) == "From the second."
    assert len(first.requests) == 1
    refused = await Upstream.objects.aget(name="First")
    assert refused.key_refused_at
    assert "refused the site's key" in refused.last_error


async def test_a_single_upstream_with_a_refused_key_says_so_and_is_off_from_then_on(payer, one, first):
    refuse(401)(first)
    with pytest.raises(UpstreamAuthFailed):
        await ask(payer)
    with pytest.raises(NoUpstream):
        await ask(payer)


@pytest.mark.parametrize(
    ("status", "body", "is_off"),
    [
        (
            400,
            b'{"error": {"status": "INVALID_ARGUMENT", "message": "API key not valid. Pass a valid one."}}',
            True,
        ),
        (403, b'{"error": {"code": "invalid_api_key", "message": "No."}}', True),
        (400, b'{"code": "invalid argument", "error": "Incorrect API key provided: xa***."}', True),
        (403, b'{"error": {"message": "Country, region, or territory not supported"}}', False),
        (403, b'{"error": {"type": "permission_error", "message": "Not for this model"}}', False),
        (400, b'{"error": {"status": "FAILED_PRECONDITION", "message": "Enable billing."}}', False),
        (402, b'{"error": {"message": "Insufficient balance"}}', False),
        (429, b'{"error": {"message": "Slow down"}}', False),
    ],
)
async def test_only_the_key_itself_switches_an_upstream_off(payer, one, first, status, body, is_off):
    refuse(status, body)(first)
    with pytest.raises(CompletionError):
        await ask(payer)
    assert await Upstream.objects.filter(key_refused_at__isnull=not is_off).aexists()


async def test_requests_are_shared_by_weight(payer, model, first, second):
    first.say("1")
    instead(second).say("2")
    await asyncio.to_thread(route, model, "First", first.base_url, weight=4)
    await asyncio.to_thread(route, model, "Second", second.base_url)
    began = time.monotonic()
    answers = [await ask(payer) for _ in range(150)]
    # Of 150 draws 120 are expected, with a deviation of 5.
    assert answers.count("1") == pytest.approx(120, abs=25)
    assert time.monotonic() - began < 10


# Reasoning that is bound to an upstream

CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
THOUGHT = [chunk({"reasoning_content": "Hm."}), chunk({"tool_calls": [CALL]}), *ending("tool_calls")]
WITH_RESULT = ChatRequest(
    "shared",
    (
        *HELLO.messages,
        Message("assistant", tool_calls=(ToolCall("call_1", "weather", "{}"),)),
        Message("tool", (Text("Sunny."),), tool_call_id="call_1"),
    ),
)


@pytest_asyncio.fixture
async def thinking(payer, two, first, second) -> None:
    """The second has thought and called a tool, because the first had failed, which is well again."""
    await Upstream.objects.aupdate(family="deepseek")
    refuse(500)(first)
    first.say("From the first.")
    instead(second).answer(THOUGHT)
    await ask(payer)
    health.clear()


async def test_a_turn_goes_back_to_the_upstream_that_thought_it(payer, thinking, first, second):
    second.say("Take no umbrella.")
    assert await ask(payer, WITH_RESULT) == "Take no umbrella."
    assert second.requests[-1].json["messages"][1]["reasoning_content"] == "Hm."
    assert len(first.requests) == 1


async def test_another_is_asked_without_the_thoughts_when_that_one_fails(payer, thinking, first, second):
    refuse(500)(second)
    assert await ask(payer, WITH_RESULT) == "From the first."
    assert "Hm." not in first.requests[-1].body.decode()
