"""Tabs that show different branches of one conversation."""

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async

from chat.live import groups
from chat.models import LanguageModel, Message, Route
from tests.live.tab import Tab, ended

WORDS = "one two three four five six seven eight nine ten. "


async def answered(tab: Tab, conversation, text: str, **body) -> Message:
    await tab.send(action="ask", text=text, turn_id=str(uuid.uuid4()), **body)
    await tab.until(ended("complete"))
    return await newest(conversation)


async def newest(conversation) -> Message:
    found = conversation.messages.filter(role="assistant").select_related("parent")
    return await found.order_by("-id").afirst()


async def retried(tab: Tab, answer: Message, **body) -> None:
    await tab.send(action="retry", message=answer.public_id, turn_id=str(uuid.uuid4()), **body)


async def test_a_retry_in_one_tab_leaves_the_other_on_its_branch_and_hints_at_it(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        first = await answered(one, conversation, "How is bread made?")
        await two.until(ended("complete"))
        upstream.say(WORDS * 4, tokens_per_second=100)
        await retried(one, first)
        await two.until("being written on another branch")
        await one.until(ended("complete"))
        assert "being written" not in await two.until("#elsewhere")
        assert await two.is_silent()
    assert any("1/2" in frame for frame in two.frames)
    assert not any("seven" in frame for frame in two.frames)
    assert "seven" in one.article


async def test_two_tabs_are_answered_on_two_branches_at_the_same_time(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        first = await answered(one, conversation, "How is bread made?")
        await two.until(ended("complete"))
        await retried(one, first)
        await one.until(ended("complete"))
        second = await newest(conversation)
        upstream.say(WORDS * 4, tokens_per_second=100)
        await one.ask("About cake?")
        await one.until("About cake")
        await two.ask("About pie?")
        await two.until("About pie")
        await asyncio.gather(one.until(ended("complete")), two.until(ended("complete")))
    assert not any("About pie" in frame for frame in one.frames)
    assert not any("About cake" in frame for frame in two.frames)
    cake = await conversation.messages.aget(content__0__text="About cake?")
    pie = await conversation.messages.aget(content__0__text="About pie?")
    assert (cake.parent_id, pie.parent_id) == (second.pk, first.pk)


async def test_a_question_goes_on_where_the_page_says_that_it_was_written(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        first = await answered(tab, conversation, "How is bread made?")
        await retried(tab, first)
        await tab.until(ended("complete"))
        last = await answered(tab, conversation, "And cake?", at=first.public_id)
    assert last.parent.parent_id == first.pk


async def test_stop_ends_the_answer_that_the_tab_shows_and_no_other(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        first = await answered(one, conversation, "How is bread made?")
        await two.until(ended("complete"))
        upstream.say(WORDS * 20, tokens_per_second=100)
        await retried(one, first)
        await one.until("five")
        await two.ask("And cake?")
        await two.until("five")
        await two.send(action="stop")
        await two.until(ended("stopped"))
        streaming = conversation.messages.filter(status="streaming")
        assert [message.parent_id async for message in streaming] == [first.parent_id]
        await one.send(action="stop")
        await one.until(ended("stopped"))


async def test_a_tab_that_comes_back_gets_its_own_branch_and_not_the_one_in_use(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        first = await answered(tab, conversation, "How is bread made?")
        await retried(tab, first)
        await tab.until(ended("complete"))
    async with Tab.of(conversation) as tab:
        await tab.catch_up(first.public_id, "complete")
        assert "1/2" in await tab.receive()
        assert await tab.is_silent()
        assert (await answered(tab, conversation, "And cake?")).parent.parent_id == first.pk


async def test_a_tab_that_comes_back_hears_what_is_written_elsewhere(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one:
        first = await answered(one, conversation, "How is bread made?")
        upstream.say(WORDS * 10, tokens_per_second=100)
        await retried(one, first)
        await one.until("five")
        async with Tab.of(conversation) as two:
            await two.catch_up(first.public_id, "complete")
            assert "1/2" in await two.receive()
            assert "being written on another branch" in await two.receive()
            await one.until(ended("complete"))
            await two.until("#elsewhere")
            assert await two.is_silent()


async def test_the_arrows_lead_to_the_other_version_and_what_follows_it(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        first = await answered(tab, conversation, "How is bread made?")
        await answered(tab, conversation, "And cake?")
        await retried(tab, first, at=first.public_id)
        await tab.until(ended("complete"))
        second = await newest(conversation)
        await tab.send(action="show", message=first.public_id)
        frame = await tab.until("And cake")
        assert "Version 1 of 2" in frame
        assert f"#{second.dom_id} ~ *" in frame
        await tab.send(action="show", message=second.public_id)
        assert "And cake" not in await tab.until("Version 2 of 2")


async def test_a_tab_that_turns_to_a_branch_joins_the_answer_there(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        first = await answered(one, conversation, "How is bread made?")
        await two.until(ended("complete"))
        upstream.say(WORDS * 10, tokens_per_second=100)
        await retried(one, first)
        await one.until("five")
        second = await newest(conversation)
        await two.send(action="show", message=second.public_id)
        await two.until("Version 2 of 2")
        await two.until(ended("complete"))
    assert two.article.count("five") == 10


async def test_another_model_answers_the_same_question(conversation, upstream, model):
    other = await sync_to_async(LanguageModel.objects.create)(model_id="another")
    route = await Route.objects.select_related("upstream").aget(model=model)
    await Route.objects.acreate(model=other, upstream=route.upstream)
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        first = await answered(tab, conversation, "How is bread made?")
        await retried(tab, first, model="another")
        await tab.until(ended("complete"))
    assert (await newest(conversation)).model_name == "another"
    assert upstream.requests[-1].json["model"] == "another"


async def test_an_edited_answer_is_shown_beside_the_first_and_asks_no_model(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        first = await answered(one, conversation, "How is bread made?")
        await two.until(ended("complete"))
        await one.send(
            action="revise", message=first.public_id, text="With *rye*.", turn_id=str(uuid.uuid4())
        )
        frame = await one.until("Version 2 of 2")
        assert "With <em>rye</em>." in frame
        assert "Edited by you" in frame
        assert "1/2" in await two.until("versions__place")
        assert not any("rye" in frame for frame in two.frames)
    assert len(upstream.requests) == 1


async def test_an_edit_that_says_nothing_is_refused_where_it_was_written(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        first = await answered(tab, conversation, "How is bread made?")
        await tab.send(action="revise", message=first.public_id, text=" ", turn_id=str(uuid.uuid4()))
        assert "Write" in await tab.until("revision-notice")


async def test_a_deleted_branch_leaves_every_tab_that_shows_it_and_can_come_back(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        first = await answered(one, conversation, "How is bread made?")
        last = await answered(one, conversation, "And cake?")
        await two.until("And cake")
        await two.until(ended("complete"))
        await one.send(action="delete", message=last.parent.public_id)
        await one.until("Undo")
        assert f"#{last.parent.dom_id} ~ *" in await one.until(last.parent.dom_id)
        shown = await two.until('hx-target="#messages" hx-swap="innerHTML"')
        assert "How is bread made?" in shown
        assert "And cake" not in shown
        await two.ask("And pie?")
        await two.until(ended("complete"))
        assert (await newest(conversation)).parent.parent_id == first.pk
        await one.send(action="restore", message=last.parent.public_id)
        assert "1/2" in await one.until("And cake")


async def test_what_is_being_written_is_to_be_stopped_before_it_is_deleted(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await answered(tab, conversation, "How is bread made?")
        upstream.say(WORDS * 20, tokens_per_second=100)
        await tab.ask("And cake?")
        await tab.until("five")
        question = (await newest(conversation)).parent
        await tab.send(action="delete", message=question.public_id)
        assert "stop it first" in await tab.until("composer-notice")
        await tab.send(action="stop")
        await tab.until(ended("stopped"))


async def test_a_turn_whose_first_frame_was_lost_is_shown_all_the_same(conversation, upstream, monkeypatch):
    upstream.say("Flour.")
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        await answered(one, conversation, "How is bread made?")
        await two.until(ended("complete"))
        tell = groups.tell

        async def lose_the_turn(group, event):
            if not event.get("is_turn"):
                await tell(group, event)

        monkeypatch.setattr("chat.live.groups.tell", lose_the_turn)
        await one.ask("And cake?")
        await two.until("And cake.*Flour")


@pytest.mark.parametrize("action", ["show", "delete", "restore", "revise", "retry", "continue"])
@pytest.mark.parametrize("message", ["", "nowhere", "\0", "theirs"])
async def test_a_message_that_is_not_of_this_conversation_cannot_be_touched(
    conversation, stranger, action, message
):
    theirs = await sync_to_async(type(conversation).objects.create)(owner=stranger, title="Theirs")
    question = await theirs.messages.acreate(role="user", content=[{"type": "text", "text": "secret"}])
    answer = await theirs.messages.acreate(
        role="assistant", parent=question, content=[{"type": "text", "text": "secret"}]
    )
    named = answer.public_id if message == "theirs" else message
    async with Tab.of(conversation) as tab:
        await tab.send(action=action, message=named, text="Mine now", turn_id=str(uuid.uuid4()))
        refusal = await tab.until("no longer part|brought back")
    assert "secret" not in refusal
    assert await theirs.messages.acount() == 2


@pytest.mark.parametrize("field", ["at", "instead_of"])
async def test_a_turn_cannot_be_put_behind_a_message_of_somebody_else(conversation, stranger, field):
    theirs = await sync_to_async(type(conversation).objects.create)(owner=stranger, title="Theirs")
    message = await theirs.messages.acreate(role="user", content=[{"type": "text", "text": "secret"}])
    async with Tab.of(conversation) as tab:
        body = {field: message.public_id}
        await tab.send(action="ask", text="Mine", turn_id=str(uuid.uuid4()), **body)
        assert "no longer part" in await tab.until("composer-notice")
    assert not await conversation.messages.aexists()


@pytest.mark.parametrize("action", ["show", "delete", "restore", "revise", "retry"])
async def test_what_makes_no_sense_is_answered_in_words(conversation, action):
    async with Tab.of(conversation) as tab:
        await tab.send(action=action, message=["a"], text={}, turn_id=5)
        assert "Reload it" in await tab.until("does not understand")
