import uuid

import pytest

from chat.models import Route, Upstream
from tests.live.tab import Tab, ended
from tests.replay import ReplayServer

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"Flour"},"finish_reason":null}]}\n\n'


async def failed(conversation, **body) -> str:
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        return await tab.until(ended("failed"))


async def test_a_refused_key_is_the_operators_affair(conversation, upstream):
    upstream.answer([b'{"error":{"message":"Incorrect API key provided: sk-1234"}}'], status=401)
    shown = await failed(conversation)
    assert "key" in shown
    assert "administrator" in shown
    assert "sk-1234" not in shown


async def test_too_many_requests_says_for_how_long(conversation, upstream):
    upstream.answer([b'{"error":{"message":"Slow down"}}'], status=429, headers={"retry-after": "20"})
    assert "20 s" in await failed(conversation)


async def test_a_page_instead_of_an_answer_is_not_shown_as_one(conversation, upstream):
    upstream.answer([b"<html><h1>Gateway</h1></html>"], headers={"content-type": "text/html"})
    shown = await failed(conversation)
    assert "Gateway" not in shown


async def test_an_upstream_that_breaks_off_keeps_what_was_shown(conversation, upstream):
    upstream.answer([EVENT], then="close")
    assert "Flour" in await failed(conversation)
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.text == "Flour"
    assert answer.error["code"] == "upstream_stream_truncated"


async def test_an_error_in_mid_stream_keeps_what_was_shown(conversation, upstream):
    upstream.answer([EVENT, b'data: {"error":{"message":"The engine is overloaded"}}\n\n'])
    assert "Flour" in await failed(conversation)


async def test_an_upstream_that_falls_silent_is_given_up(conversation, upstream, settings):
    settings.UPSTREAM_SILENCE_TIMEOUT = 0.3
    upstream.answer([EVENT], then="stall")
    assert "Flour" in await failed(conversation)
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.error["code"] == "upstream_timeout"


async def test_an_upstream_that_is_not_there_is_named_in_words(conversation, model):
    route = await model.routes.select_related("upstream").aget()
    route.upstream.base_url = "http://127.0.0.1:9/v1"
    await route.upstream.asave()
    shown = await failed(conversation)
    assert "Traceback" not in shown
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.error["code"] == "upstream_unreachable"


async def test_an_answer_with_nothing_in_it_is_a_failure(conversation, upstream):
    upstream.answer(
        [b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n']
    )
    assert "answered with nothing" in await failed(conversation)


@pytest.mark.parametrize(
    ("finish_reason", "says"), [("content_filter", "content rules"), ("length", "Allow a longer one")]
)
async def test_why_there_is_nothing_in_an_answer_is_told(conversation, upstream, finish_reason, says):
    upstream.say("", reasoning="Hm.", finish_reason=finish_reason)
    assert says in await failed(conversation)


async def test_a_model_whose_upstream_is_off_says_who_can_change_that(conversation, model):
    async with Tab.of(conversation) as tab:
        await tab.ask("Anything")
        route = await model.routes.select_related("upstream").aget()
        route.upstream.enabled = False
        await route.upstream.asave()
        await tab.ask("Anything", turn_id=str(uuid.uuid4()))
        assert "not available" in await tab.until("not available")


async def test_a_failed_answer_can_be_retried(conversation, upstream):
    upstream.answer([b"{}"], status=500)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        shown = await tab.until(ended("failed"))
        assert '"action": "retry"' in shown.replace("&quot;", '"')
        answer = await conversation.messages.filter(role="assistant").aget()
        upstream.say("Flour.")
        await tab.send(action="retry", message=answer.public_id, turn_id=str(uuid.uuid4()))
        await tab.until(ended("complete"))
        assert "Flour." in tab.article


async def test_another_upstream_answers_and_the_reader_sees_nothing_of_the_failure(
    conversation, upstream, model
):
    upstream.answer([b"<html>Gateway</html>"], headers={"content-type": "text/html"})
    with ReplayServer() as other:
        other.say("Flour, water, salt.")
        row = await Upstream.objects.acreate(name="Other", family="compatible", base_url=other.base_url)
        await Route.objects.acreate(model=model, upstream=row, priority=1)
        async with Tab.of(conversation) as tab:
            await tab.ask("How is bread made?")
            shown = await tab.until(ended("complete"))
    assert "Flour, water, salt." in shown
    assert "web page" not in shown
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.text == "Flour, water, salt."
