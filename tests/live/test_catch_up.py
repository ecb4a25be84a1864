import re

from channels.layers import get_channel_layer

from chat.live import groups
from tests.live.tab import Tab, ended


async def test_a_tab_that_joins_in_mid_answer_gets_the_whole_and_then_each_frame(conversation, upstream):
    upstream.say("one two three four five six seven eight nine ten. " * 10, tokens_per_second=100)
    async with Tab.of(conversation) as first:
        await first.ask("Count")
        await first.until("five")
        async with Tab.of(conversation) as late:
            await late.catch_up()
            await late.until('hx-swap="outerHTML".*data-status="streaming".*five')
            await late.until("content-tail")
            await late.until(ended("complete"))
    assert late.article.count("five") == 10


async def test_a_tab_that_was_away_for_turns_gets_them(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        seen = await conversation.messages.filter(role="assistant").aget()
        await tab.ask("And cake?")
        await tab.until(ended("complete"))
    async with Tab.of(conversation) as tab:
        await tab.catch_up(seen.public_id, "complete")
        frame = await tab.receive()
    assert f"#{seen.dom_id} ~ *" in frame
    assert "And cake?" in frame
    assert "How is bread made?" not in frame


async def test_a_tab_that_saw_an_answer_stream_gets_its_end(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    seen = await conversation.messages.filter(role="assistant").aget()
    async with Tab.of(conversation) as tab:
        await tab.catch_up(seen.public_id, "streaming")
        assert re.search(ended("complete"), await tab.receive(), re.DOTALL)


async def test_a_tab_that_is_up_to_date_gets_nothing(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        seen = await conversation.messages.filter(role="assistant").aget()
        await tab.catch_up(seen.public_id, "complete")
        assert await tab.is_silent()


async def test_a_tab_that_shows_another_branch_gets_the_one_in_use(conversation, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.catch_up("nowhere", "complete")
        assert 'hx-target="#messages" hx-swap="innerHTML"' in await tab.receive()


async def test_a_lost_frame_brings_the_whole_answer(conversation, upstream):
    upstream.say("one two three four five six seven eight nine ten. " * 10, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        await tab.until("five")
        answer = await conversation.messages.filter(role="assistant").aget()
        ahead = groups.frame(answer, groups.first_number() + 60_000, ["<b>out of turn</b>"])
        await get_channel_layer().group_send(groups.watchers(conversation), ahead)
        await tab.until('hx-swap="outerHTML".*data-status="streaming".*five')
        await tab.until(ended("complete"))
    assert not any("out of turn" in frame for frame in tab.frames)
