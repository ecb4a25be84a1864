"""What the page says to somebody who has used up what they may use."""

from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async

from chat import gateway
from chat.models import Allowance, Balance, ModelRequest, Price
from chat.models.audit import mismatches
from tests.live.tab import Tab, ended


@pytest.fixture
def price(model) -> Price:
    return Price.objects.create(model_id=model.model_id, input=10, output=20)


async def test_a_budget_that_is_used_up_is_said_with_when_it_begins_anew_and_whom_to_ask(conversation, price):
    await Allowance.objects.acreate(user=conversation.owner, monthly_budget=Decimal("0.000001"))
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("failed"))
    assert "The budget of your account for this month" in tab.article
    assert "begins anew on 1 " in tab.article
    assert "An administrator can allow more." in tab.article
    assert "Wait " not in tab.article


async def test_somebody_who_asks_too_fast_hears_how_long_to_wait(conversation, upstream):
    await Allowance.objects.acreate(user=conversation.owner, requests_per_minute=1)
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        await tab.ask("And cake?")
        await tab.until(ended("failed"))
    assert "No more than 1 request a minute for your account. " in tab.article
    assert "Try again in " in tab.article


async def test_an_answer_is_paid_for_and_known_as_its_own(conversation, upstream, price):
    await Allowance.objects.acreate(user=conversation.owner, monthly_budget=1)
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    await gateway.journal.flush()
    answer = await conversation.messages.filter(role="assistant").aget()
    request = await ModelRequest.objects.aget()
    assert (request.message_id, request.face, request.user_id) == (answer.pk, "chat", conversation.owner_id)
    assert (await Balance.objects.aget(period="month")).spent == request.cost > 0
    assert await sync_to_async(lambda: list(mismatches()))() == []


async def test_an_answer_that_is_stopped_is_paid_for_by_what_came(conversation, upstream, price):
    await Allowance.objects.acreate(user=conversation.owner, monthly_budget=1)
    upstream.say("word " * 50, then="stall")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until("word")
        await tab.send(action="stop")
        await tab.until(ended("stopped"))
    await gateway.journal.flush()
    request = await ModelRequest.objects.aget()
    assert (request.status, request.measure) == ("stopped", "estimated")
    assert request.completion_tokens > 0
    assert await sync_to_async(lambda: list(mismatches()))() == []
