import uuid

import pytest

from tests.live.tab import Tab, ended


async def answers_of(conversation):
    return [answer async for answer in conversation.messages.filter(role="assistant").order_by("id")]


async def test_a_retry_answers_the_same_question_again_and_keeps_the_first_answer(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        [first] = await answers_of(conversation)
        upstream.say("Water.")
        await tab.send(action="retry", message=first.public_id, turn_id=str(uuid.uuid4()))
        await tab.until(ended("complete"))
    assert "Water." in tab.article
    first, second = await answers_of(conversation)
    assert (first.text, second.text) == ("Flour.", "Water.")
    assert first.parent_id == second.parent_id


async def test_a_double_click_on_retry_makes_one(conversation, upstream):
    upstream.say("Flour.")
    turn_id = str(uuid.uuid4())
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        [first] = await answers_of(conversation)
        await tab.send(action="retry", message=first.public_id, turn_id=turn_id)
        await tab.send(action="retry", message=first.public_id, turn_id=turn_id)
        await tab.until(ended("complete"))
        assert await tab.is_silent()
    assert len(await answers_of(conversation)) == 2


async def test_a_stopped_answer_goes_on_where_it_broke_off(conversation, upstream):
    upstream.say("one two three four five six seven eight nine ten " * 20, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        await tab.until("five")
        await tab.send(action="stop")
        await tab.until(ended("stopped"))
        [stopped] = await answers_of(conversation)
        upstream.say("and so on.")
        await tab.send(action="continue", message=stopped.public_id)
        await tab.until('data-status="streaming"')
        await tab.until(ended("complete"))
    [answer] = await answers_of(conversation)
    assert answer.text == stopped.text + "and so on."
    assert "and so on." in tab.article
    assert upstream.requests[-1].json["messages"][-2] == {"role": "assistant", "content": stopped.text}


async def test_a_complete_answer_cannot_be_continued(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        [answer] = await answers_of(conversation)
        await tab.send(action="continue", message=answer.public_id)
        assert "cannot be continued" in await tab.until("composer-notice")


@pytest.mark.parametrize("action", ["retry", "continue"])
async def test_a_question_is_not_an_answer(conversation, upstream, action):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        question = await conversation.messages.filter(role="user").aget()
        await tab.send(action=action, message=question.public_id, turn_id=str(uuid.uuid4()))
        assert "no longer part" in await tab.until("composer-notice")
