"""What an allowance lets through: rates, answers at the same time, and money; and what one hears beyond it."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.utils import timezone

from chat import gateway
from chat.models import Allowance, ApiKey, Balance, Charge, ModelRequest, Price
from chat.models.audit import mismatches
from tests.api.conftest import ASK, HELLO
from tests.replay import chunk

# The replayed upstream reports 10 tokens of the prompt and 2 of the answer (Hi).
COST = Decimal("0.00014")


@pytest.fixture
def price(db) -> Price:
    """Ten dollars for a million tokens of the prompt, twenty of the answer: 0.00014 for 10 and 2."""
    return Price.objects.create(family="compatible", model_id="replayed", input=10, output=20)


@pytest.fixture
def allow(owner, secret):
    def allow(holder: str = "key", **limits) -> Allowance:
        group = Group.objects.create(name="Friends")
        owner.groups.add(group)
        held = {"key": ApiKey.objects.get(), "user": owner, "group": group}
        return Allowance.objects.create(**{holder: held[holder]}, **limits)

    return allow


async def spent() -> dict[str, Decimal]:
    await gateway.journal.flush()
    return {each.period: each.spent async for each in Balance.objects.all()}


async def check_ledger() -> None:
    await gateway.journal.flush()
    assert await sync_to_async(lambda: list(mismatches()))() == []


@pytest.mark.parametrize("holder", ["key", "user", "group"])
async def test_the_requests_of_a_minute_are_counted(program, server, allow, holder):
    await sync_to_async(allow)(holder, requests_per_minute=2)
    for left in (1, 0):
        server.say("Hi")
        response = await program.post(ASK, json=HELLO)
        assert (response.status_code, response.headers["x-ratelimit-remaining-requests"]) == (200, str(left))
    response = await program.post(ASK, json=HELLO)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (429, "rate_limit_exceeded", "requests")
    assert 55 < int(response.headers["retry-after"]) <= 60
    assert response.headers["x-ratelimit-limit-requests"] == "2"
    assert response.headers["x-ratelimit-remaining-requests"] == "0"
    assert "x-should-retry" not in response.headers
    assert len(server.requests) == 2


async def test_a_request_of_more_than_a_minute_ago_does_not_count(program, server, allow):
    await sync_to_async(allow)(requests_per_minute=1)
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await Charge.objects.aupdate(created_at=timezone.now() - timedelta(seconds=61))
    server.say("Hi")
    assert (await program.post(ASK, json=HELLO)).status_code == 200


async def test_the_tokens_of_a_minute_are_counted(program, server, allow):
    await sync_to_async(allow)(tokens_per_minute=20)
    server.say("Hi")
    response = await program.post(ASK, json=HELLO)
    assert response.headers["x-ratelimit-limit-tokens"] == "20"
    response = await program.post(
        ASK, json={**HELLO, "messages": [{"role": "user", "content": "word " * 10}]}
    )
    assert (response.status_code, response.json()["error"]["type"]) == (429, "tokens")
    assert int(response.headers["retry-after"]) > 50


async def test_a_request_larger_than_the_tokens_of_a_minute_is_not_to_be_tried_again(program, allow):
    await sync_to_async(allow)(tokens_per_minute=20)
    response = await program.post(
        ASK, json={**HELLO, "messages": [{"role": "user", "content": "word " * 100}]}
    )
    assert (response.status_code, response.headers["x-should-retry"]) == (429, "false")
    assert "retry-after" not in response.headers


@pytest.mark.parametrize("stream", [True, False])
async def test_what_a_request_cost_is_taken_from_every_budget(program, server, allow, price, stream):
    await sync_to_async(allow)(monthly_budget=1)
    server.say("Hi")
    response = await program.post(ASK, json=HELLO | {"stream": stream})
    assert response.status_code == 200
    assert await spent() == dict.fromkeys(("day", "week", "month", "total"), COST)
    request = await ModelRequest.objects.aget()
    assert (request.cost, request.prompt_tokens, request.completion_tokens) == (COST, 10, 2)
    assert (request.status, request.measure, request.public_id) == (
        "complete",
        "reported",
        response.headers["x-request-id"],
    )
    await check_ledger()


@pytest.mark.parametrize("holder", ["key", "user", "group"])
async def test_a_budget_that_is_used_up_refuses_and_says_when_it_begins_anew(
    program, server, allow, price, holder
):
    await sync_to_async(allow)(holder, monthly_budget=Decimal("0.000001"))
    response = await program.post(ASK, json=HELLO)
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["code"]) == (
        429,
        "insufficient_quota",
        "insufficient_quota",
    )
    assert "begins anew on 1 " in error["message"]
    assert response.headers["x-should-retry"] == "false"
    assert 0 < int(response.headers["retry-after"]) <= 31 * 24 * 3600
    assert server.requests == []
    await gateway.journal.flush()
    assert (await ModelRequest.objects.aget()).status == "refused"


async def test_a_budget_with_too_little_left_is_not_called_used_up(program, allow, price):
    await sync_to_async(allow)(total_budget=Decimal("0.0001"))
    message = (await program.post(ASK, json=HELLO)).json()["error"]["message"]
    assert "has $0.00010 left, less than this request costs." in message


async def test_an_answer_is_kept_as_short_as_the_money_that_is_left(program, server, allow, price):
    await sync_to_async(allow)(total_budget=Decimal("0.002"))
    server.say("Hi")
    response = await program.post(ASK, json=HELLO)
    sent = server.requests[0].json
    assert 0 < sent["max_tokens"] < 100
    assert response.headers["x-gateway-adjusted-params"] == f"max_completion_tokens={sent['max_tokens']}"


async def test_an_upstream_that_reports_no_usage_is_estimated(program, server, allow, price):
    await sync_to_async(allow)(total_budget=1)
    server.answer([chunk({"content": "word " * 100}), chunk({}, "stop"), b"data: [DONE]\n\n"])
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    request = await ModelRequest.objects.aget()
    assert (request.measure, request.completion_tokens) == ("estimated", 125)
    assert request.prompt_tokens > 0


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -5, "completion_tokens": 3, "total_tokens": 1},
        {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 99}},
        {"prompt_tokens": 10, "completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 99}},
        {"prompt_tokens": 10**15, "completion_tokens": 1},
    ],
)
async def test_a_report_that_does_not_add_up_breaks_nothing(program, server, allow, price, usage):
    await sync_to_async(allow)(total_budget=1)
    server.answer([chunk({"content": "Hi"}), chunk({}, "stop", usage=usage), b"data: [DONE]\n\n"])
    assert (await program.post(ASK, json=HELLO)).status_code == 200
    request = await ModelRequest.objects.aget()
    assert request.cost is not None
    assert request.cost >= 0
    assert (request.cached_tokens or 0) <= request.prompt_tokens
    assert (request.reasoning_tokens or 0) <= request.completion_tokens
    await check_ledger()


async def test_a_failure_before_the_first_word_costs_nothing(program, server, allow, price):
    await sync_to_async(allow)(total_budget=1)
    server.answer([b'{"error": {"message": "no"}}'], status=400)
    assert (await program.post(ASK, json=HELLO)).status_code == 400
    request = await ModelRequest.objects.aget()
    assert (request.status, request.cost, request.tokens) == ("failed", 0, 0)
    await check_ledger()


async def test_a_model_without_a_price_cannot_be_used_within_a_budget(program, server, allow):
    await sync_to_async(allow)(total_budget=1)
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "price_unknown")


async def test_a_free_upstream_can_be_used_when_the_budget_is_used_up(program, server, allow, upstream):
    await sync_to_async(allow)(total_budget=0)
    upstream.is_free = True
    await upstream.asave(update_fields=["is_free"])
    server.say("Hi")
    assert (await program.post(ASK, json=HELLO)).status_code == 200


async def test_without_an_allowance_a_request_is_written_down_after_its_answer(program, server, price):
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await gateway.journal.flush()
    request = await ModelRequest.objects.aget()
    assert (request.cost, request.status, request.face, request.model_name) == (
        COST,
        "complete",
        "api",
        "replayed",
    )
    assert 0 <= request.queued_seconds <= request.first_token_seconds <= request.total_seconds


async def test_an_unknown_price_is_not_zero(program, server, secret):
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await gateway.journal.flush()
    assert (await ModelRequest.objects.aget()).cost is None


async def test_a_budget_that_is_set_later_knows_what_was_spent_before(program, server, allow, price):
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await gateway.journal.flush()
    await sync_to_async(allow)("user", monthly_budget=1)
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    assert (await spent())["month"] == 2 * COST
    await check_ledger()


async def test_a_request_that_runs_when_a_budget_is_set_counts_for_it(program, server, allow, price):
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await sync_to_async(allow)("user", monthly_budget=1)
    assert (await spent())["month"] == COST
    await check_ledger()


async def test_a_budget_that_changes_in_the_middle_is_settled_all_the_same(program, server, allow, price):
    allowance = await sync_to_async(allow)(total_budget=1)
    server.say("a b c d e f", tokens_per_second=10)
    task = asyncio.create_task(program.post(ASK, json=HELLO))
    await asyncio.to_thread(server.wait_asked)
    allowance.total_budget = Decimal("0.000001")
    await allowance.asave(update_fields=["total_budget"])
    assert (await task).status_code == 200
    await check_ledger()
    assert (await program.post(ASK, json=HELLO)).status_code == 429


async def test_a_key_that_is_revoked_in_the_middle_ends_the_stream_with_an_error(program, server, secret):
    server.answer([chunk({"content": "Half"})], then="stall")
    task = asyncio.create_task(program.post(ASK, json=HELLO | {"stream": True}))
    await asyncio.to_thread(server.wait_asked)
    await sync_to_async((await ApiKey.objects.aget()).revoke)()
    text = (await asyncio.wait_for(task, 6)).text
    assert '"content":"Half"' in text
    assert '"code":"invalid_api_key"' in text
    assert '"finish_reason":"stop"' not in text
    await gateway.journal.flush()
    assert (await ModelRequest.objects.aget()).error_code == "invalid_api_key"


async def test_deleting_the_asker_in_the_middle_loses_nobody_elses_request(program, server, owner):
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await owner.adelete()
    await gateway.journal.flush()
    request = await ModelRequest.objects.aget()
    assert (request.user_id, request.key_id, request.status) == (None, None, "complete")


async def test_a_clock_that_steps_back_lets_nobody_wait_for_ever(program, server, allow):
    await sync_to_async(allow)(requests_per_minute=1)
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await Charge.objects.aupdate(created_at=timezone.now() + timedelta(days=1))
    server.say("Hi")
    assert (await program.post(ASK, json=HELLO)).status_code == 200


@pytest.fixture
def in_mid_month(monkeypatch):
    """On a month's last day, a budget of the day and one of the month begin anew at the same moment."""
    noon = timezone.localtime().replace(day=15, hour=12)
    monkeypatch.setattr(timezone, "now", lambda: noon)


async def test_of_several_limits_the_one_that_holds_longest_says_when_to_try_again(
    in_mid_month, program, server, owner, price, secret
):
    key = await ApiKey.objects.aget()
    await Allowance.objects.acreate(user=owner, daily_budget=Decimal("0.000001"))
    await Allowance.objects.acreate(key=key, total_budget=Decimal("0.000002"))
    response = await program.post(ASK, json=HELLO)
    assert "this key in all" in response.json()["error"]["message"]
    assert "retry-after" not in response.headers
    await Allowance.objects.filter(key=key).aupdate(total_budget=None, monthly_budget=Decimal("0.000002"))
    response = await program.post(ASK, json=HELLO)
    assert "for this month" in response.json()["error"]["message"]


async def test_of_several_rates_too(program, server, allow):
    await sync_to_async(allow)(requests_per_minute=1, tokens_per_minute=20)
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    await Charge.objects.aupdate(created_at=timezone.now() - timedelta(seconds=50))
    long = {"role": "user", "content": "word " * 100}
    response = await program.post(ASK, json={**HELLO, "messages": [long]})
    assert (response.json()["error"]["type"], response.headers["x-should-retry"]) == ("tokens", "false")
