import asyncio
import time

from asgiref.sync import sync_to_async

from chat.models import Conversation
from tests.live.tab import Tab, ended
from tests.markup.answers import ANSWERS
from tests.pages.conftest import add_turn


async def test_any_tab_stops_the_answer_and_its_upstream_within_a_second(conversation, upstream):
    upstream.say("Flour, water and salt. " * 200, tokens_per_second=50)
    async with Tab.of(conversation) as asking, Tab.of(conversation) as other:
        await asking.ask("How is bread made?")
        await asking.until("content-tail.*Flour")
        began = time.monotonic()
        await other.send(action="stop")
        await asking.until(ended("stopped"))
        assert await asyncio.to_thread(upstream.wait_closed, 1)
        assert time.monotonic() - began < 1
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.status == "stopped"
    assert answer.text.startswith("Flour")


async def test_it_stops_within_a_second_while_another_tab_catches_up_on_long_answers(
    conversation, upstream, owner
):
    long = await sync_to_async(with_long_answers)(conversation)
    upstream.say("Flour, water and salt. " * 200, tokens_per_second=50)
    async with Tab.of(conversation) as tab, Tab.of(long) as other:
        await tab.ask("How is bread made?")
        await tab.until("content-tail.*Flour")
        await other.catch_up()
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await tab.send(action="stop")
        await tab.until(ended("stopped"))
        assert time.monotonic() - began < 1
        # The articles of both are rendered by the same threads, for as long as the machine takes.
        assert (await other.receive(patience=60)).count("<article") == 28


def with_long_answers(conversation) -> Conversation:
    long = Conversation.objects.create(owner=conversation.owner, title="Long", model=conversation.model)
    for number in range(14):
        add_turn(long, f"Question {number}", f"{number} {ANSWERS['mixed']}")
    return long


async def test_the_text_that_was_shown_is_the_text_that_is_kept(conversation, upstream):
    upstream.say("one two three four five six seven eight nine ten " * 30, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        await tab.until("five")
        await tab.send(action="stop")
        await tab.until(ended("stopped"))
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.text.strip() in tab.article


async def test_stopping_when_nothing_is_written_does_nothing(conversation):
    async with Tab.of(conversation) as tab:
        await tab.send(action="stop")
        assert await tab.is_silent()


async def test_a_stranger_cannot_stop_it(conversation, stranger, upstream):
    upstream.say("Flour. " * 20, tokens_per_second=100)
    async with Tab.of(conversation) as tab, Tab(conversation.public_id, stranger) as other:
        assert await other.closed_with() == 4404
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
