"""How an answer ends on the page: its text is there already, and stays unless it reads otherwise as a whole."""

from channels.layers import get_channel_layer

from chat.live import following, groups
from chat.live.frames import content_prefix
from chat.markup import StreamedMarkup, render
from tests.live.tab import Tab, ended
from tests.markup.browser import text_of

TEXT = "## Bread\n\n" + "Flour, *water* and salt.\n\n- one\n- two\n\n```python\nx = 1\n```\n\n" * 12
REFERENCE = "Bread is [here][below]. " * 20 + "\n\n[below]: https://example.org/bread\n"


async def test_the_text_that_has_grown_is_not_sent_again(conversation, upstream):
    upstream.say(TEXT, tokens_per_second=200)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        end = await tab.until(ended("complete"))
        assert "<h2>" not in end
        assert 'data-status="complete"' in tab.article
        assert text_of(render(TEXT, "any")) in text_of(tab.article)
        assert await tab.is_silent()


async def test_a_text_that_reads_otherwise_as_a_whole_comes_whole_after_the_end(conversation, upstream):
    upstream.say(REFERENCE, tokens_per_second=200)
    async with Tab.of(conversation) as tab:
        await tab.ask("Where?")
        await tab.until(ended("complete"))
        assert "example.org" not in tab.article
        await tab.until(ended("complete"))
    answer = await conversation.messages.aget(role="assistant")
    assert render(REFERENCE, content_prefix(answer)) in tab.article


async def test_of_two_tabs_the_one_that_lost_what_came_before_the_end_gets_the_whole(
    conversation, upstream, monkeypatch
):
    upstream.say(TEXT, tokens_per_second=200)
    pass_on = following.follow

    async def lose(tab, event):
        if tab.channel_name != losing or event["whole"] or event["is_end"]:
            await pass_on(tab, event)

    async with Tab.of(conversation) as first, Tab.of(conversation) as second:
        await second.catch_up()
        await second.until("hx-partial")
        [_, losing] = get_channel_layer().groups[groups.watchers(conversation)]
        monkeypatch.setattr(following, "follow", lose)
        await first.ask("How is bread made?")
        whole = await second.until(ended("complete"))
        end = await first.until(ended("complete"))
    assert ("<h2>" in whole, "<h2>" in end) == (True, False)
    for tab in (first, second):
        assert text_of(render(TEXT, "any")) in text_of(tab.article)


async def test_what_cannot_be_finished_by_pieces_comes_whole(conversation, upstream, monkeypatch, caplog):
    def finish(markup):
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(StreamedMarkup, "finish", finish)
    upstream.say(TEXT, tokens_per_second=200)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
        await tab.until(ended("complete"))
    assert text_of(render(TEXT, "any")) in text_of(tab.article)
    assert "does not grow by pieces" in caplog.text
