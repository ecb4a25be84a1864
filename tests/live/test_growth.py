"""What the reader sees when a text cannot be shown piece by piece."""

import logging

import pytest
from asgiref.sync import sync_to_async

from chat.markup import StreamedMarkup
from tests.live.tab import Tab, ended


@pytest.fixture
def _broken_at_five(monkeypatch):
    whole = StreamedMarkup.advance

    def advance(markup):
        if "five" in "".join(markup._arrived):
            raise ValueError("a mistake of ours")
        return whole(markup)

    monkeypatch.setattr(StreamedMarkup, "advance", advance)


@pytest.mark.usefixtures("_broken_at_five")
async def test_an_answer_that_cannot_grow_by_pieces_grows_whole(conversation, upstream, caplog):
    upstream.say("one two three four five six seven eight nine ten " * 30, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        grown = 'hx-swap="outerHTML".*data-status="streaming".*'
        await tab.until(grown + "five")
        await tab.until(grown + "(seven.*){9}")
        await tab.until(ended("complete"))
        await tab.until(ended("complete"))
    assert tab.article.count("seven") == 30
    [mistake] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert mistake.exc_info


@pytest.mark.usefixtures("_broken_at_five")
async def test_it_can_be_opened_stopped_and_continued(conversation, upstream, async_client):
    upstream.say("one two three four five six seven eight nine ten " * 30, tokens_per_second=100)
    await sync_to_async(async_client.force_login)(conversation.owner)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        await tab.until("(seven.*){9}")
        page = await async_client.get(conversation.get_absolute_url())
        assert "five" in page.content.decode()
        async with Tab.of(conversation) as late:
            await late.catch_up()
            await late.until('hx-swap="outerHTML".*data-status="streaming".*five')
        await tab.send(action="stop")
        await tab.until(ended("stopped"))
        stopped = await conversation.messages.aget(role="assistant")
        upstream.say("and so on.")
        await tab.send(action="continue", message=stopped.public_id)
        await tab.until(ended("complete"))
        await tab.until(ended("complete"))
        assert "and so on." in tab.article
