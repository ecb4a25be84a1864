import asyncio
import uuid

from asgiref.sync import sync_to_async

from chat.live.keeper import keeper
from chat.models import Message
from tests.live.tab import Tab, ended
from tests.replay import chunk, ending, said


async def last_answer(conversation) -> Message:
    return await conversation.messages.filter(role="assistant").order_by("-id").afirst()


async def test_a_question_brings_the_turn_then_the_answer_piece_by_piece(conversation, upstream):
    upstream.say("Flour, water and salt. " * 20, tokens_per_second=200)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        turn = await tab.until('data-role="user"')
        assert "How is bread made?" in turn
        assert 'data-status="streaming"' in turn
        await tab.until(ended("complete"))
    assert len(tab.frames) > 4
    assert tab.article.count("Flour, water and salt.") == 20


async def test_the_answer_is_kept_with_its_usage_and_times(conversation, upstream):
    upstream.say("Flour and water.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    answer = await last_answer(conversation)
    assert answer.text == "Flour and water."
    assert answer.status == "complete"
    assert answer.finish_reason == "stop"
    assert answer.completion_tokens
    assert answer.created_at <= answer.first_token_at <= answer.finished_at


async def test_the_model_is_sent_the_whole_branch(conversation, upstream):
    upstream.say("Flour and water.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        await tab.ask("And with salt?")
        await tab.until(ended("complete"))
    sent = upstream.requests[-1].json["messages"]
    assert [(message["role"], message["content"]) for message in sent] == [
        ("user", "How is bread made?"),
        ("assistant", "Flour and water."),
        ("user", "And with salt?"),
    ]


async def test_a_call_of_a_tool_that_nobody_answers_is_not_sent_back(conversation, upstream):
    call = {"index": 0, "id": "call-1", "function": {"name": "weigh", "arguments": "{}"}}
    upstream.answer([*said("Let me weigh it."), chunk({"tool_calls": [call]}), *ending("tool_calls")])
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        await tab.ask("And with salt?")
        await tab.until(ended("complete"))
    assert upstream.requests[-1].json["messages"][1] == {"role": "assistant", "content": "Let me weigh it."}


async def test_an_answer_that_is_only_a_call_of_a_tool_says_so(conversation, upstream):
    call = {"index": 0, "id": "call-1", "function": {"name": "weigh", "arguments": "{}"}}
    upstream.answer([chunk({"tool_calls": [call]}), *ending("tool_calls")])
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    assert "The model asked for a tool that this chat does not have: weigh." in tab.article


async def test_reasoning_streams_into_a_place_of_its_own_with_its_duration(conversation, upstream):
    upstream.say("Flour.", reasoning="They ask about bread. " * 10, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until("-reasoning-tail.*They ask about bread")
        await tab.until(ended("complete"))
    answer = await last_answer(conversation)
    assert answer.reasoning.startswith("They ask about bread.")
    assert answer.reasoning_seconds > 0.1


async def test_a_second_tab_is_shown_the_same(conversation, upstream):
    upstream.say("Flour, water and salt. " * 10, tokens_per_second=200)
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        await one.ask("How is bread made?")
        await one.until(ended("complete"))
        await two.until(ended("complete"))
    assert one.frames == two.frames


async def test_sending_the_same_turn_twice_makes_one(conversation, upstream):
    upstream.say("Flour.")
    turn_id = str(uuid.uuid4())
    async with Tab.of(conversation) as one, Tab.of(conversation) as two:
        await one.ask("How is bread made?", turn_id=turn_id)
        await two.ask("How is bread made?", turn_id=turn_id)
        await one.until(ended("complete"))
        await two.until(ended("complete"))
        await one.ask("How is bread made?", turn_id=turn_id)
        assert await one.is_silent()
    assert await conversation.messages.acount() == 2
    assert len(upstream.requests) == 1


async def test_another_text_of_a_turn_that_was_sent_is_to_be_sent_as_another(conversation, upstream):
    upstream.say("Flour.")
    turn_id = str(uuid.uuid4())
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?", turn_id=turn_id)
        await tab.until(ended("complete"))
        await tab.ask("How is cake made?", turn_id=turn_id)
        assert "data-new-turn" in await tab.until("already sent another message")
    assert await conversation.messages.acount() == 2


async def test_a_second_question_waits_until_the_first_is_answered(conversation, upstream):
    upstream.say("Flour. " * 50, tokens_per_second=50)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until('data-role="user"')
        await tab.ask("And cake?")
        assert "still being written" in await tab.until("composer-notice")
    assert await conversation.messages.acount() == 2


async def test_editing_a_question_starts_a_branch_and_keeps_the_other(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        first = await conversation.messages.filter(role="user").afirst()
        await tab.send(
            action="ask", text="How is cake made?", turn_id=str(uuid.uuid4()), instead_of=first.public_id
        )
        assert "#messages &gt; *" in await tab.until("How is cake made?")
        await tab.until(ended("complete"))
    assert await conversation.messages.acount() == 4
    sent = upstream.requests[-1].json["messages"]
    assert [message["content"] for message in sent] == ["How is cake made?"]


async def test_a_message_that_says_nothing_is_refused_in_words(conversation):
    async with Tab.of(conversation) as tab:
        await tab.ask("  \n ")
        assert "Write a message first." in await tab.until("composer-notice")
    assert not await conversation.messages.aexists()


async def test_a_message_of_a_megabyte_is_refused_in_words(conversation):
    async with Tab.of(conversation) as tab:
        await tab.ask("a" * 1_000_000)
        assert "1,000,000 characters" in await tab.until("composer-notice")
    assert not await conversation.messages.aexists()


async def test_a_model_that_does_not_exist_is_refused_in_words(conversation):
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?", model="gpt-none")
        assert "not available" in await tab.until("composer-notice")
    assert not await conversation.messages.aexists()


async def test_a_model_that_is_switched_off_is_refused(conversation, model):
    model.enabled = False
    await sync_to_async(model.save)()
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        assert "not available" in await tab.until("composer-notice")


async def test_a_turn_id_of_somebody_else_shows_nothing_of_theirs(conversation, stranger, upstream):
    upstream.say("Flour.")
    turn_id = str(uuid.uuid4())
    theirs = await sync_to_async(type(conversation).objects.create)(
        owner=stranger, title="Theirs", model=conversation.model
    )
    async with Tab.of(conversation) as mine, Tab.of(theirs) as other:
        await mine.ask("My secret question", turn_id=turn_id)
        await mine.until(ended("complete"))
        await other.ask("Anything", turn_id=turn_id)
        refusal = await other.until("composer-notice")
    assert "could not be sent" in refusal
    assert "secret" not in refusal


async def test_text_that_a_database_cannot_hold_is_kept_without_it(conversation, upstream):
    upstream.say("Null \0 byte.")
    async with Tab.of(conversation) as tab:
        await tab.ask("A \0 and a lone \ud800 surrogate")
        await tab.until(ended("complete"))
    question = await conversation.messages.filter(role="user").afirst()
    assert question.text == "A \ufffd and a lone ? surrogate"
    assert (await last_answer(conversation)).text == "Null \ufffd byte."


async def test_the_end_of_an_answer_renders_what_the_page_then_shows(
    conversation, upstream, async_client, monkeypatch
):
    upstream.say("With *flour*.")
    await sync_to_async(async_client.force_login)(conversation.owner)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    # The end is shown before the whole is rendered.
    await asyncio.gather(*keeper._writing.values())
    monkeypatch.setattr("chat.markup.memory.render", lambda *_: "rendered again")
    page = await async_client.get(conversation.get_absolute_url())
    assert "With <em>flour</em>." in page.content.decode()
