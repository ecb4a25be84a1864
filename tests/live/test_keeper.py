import asyncio
import uuid
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chat.live import keeper as keeping
from chat.live.keeper import keeper
from chat.models import Message, Worker
from tests.live.tab import Tab, ended

LONG_AGO = timezone.now() - timedelta(minutes=5)


async def abandoned_answer(conversation, worker: Worker | None, text: str = "Half of it") -> Message:
    question = await conversation.messages.acreate(role="user", content=[{"type": "text", "text": "All?"}])
    return await conversation.messages.acreate(
        role="assistant",
        parent=question,
        status="streaming",
        content=[{"type": "text", "text": text}],
        worker=worker,
        updated_at=LONG_AGO,
    )


async def ask_often(conversation, ending: str) -> None:
    async with Tab.of(conversation) as tab:
        for _ in range(20):
            await tab.ask("How is bread made?")
            await tab.until(ended(ending))


async def test_what_was_said_is_saved_at_most_a_second_later(conversation, upstream):
    upstream.say("one two three four five six seven eight nine ten " * 40, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        await tab.until("ten")
        await asyncio.sleep(1)
        answer = await conversation.messages.filter(role="assistant").aget()
        assert answer.status == "streaming"
        assert "ten" in answer.text


async def test_an_answer_that_has_ended_is_no_trouble_when_the_running_ones_are_saved(
    conversation, upstream, monkeypatch, caplog
):
    monkeypatch.setattr(keeping, "CHECKPOINT_SECONDS", 0.001)
    upstream.say("Flour, water and salt.")
    await ask_often(conversation, "complete")
    assert not caplog.records


async def test_an_answer_of_a_dead_process_is_marked_interrupted_and_shown(conversation):
    dead = await Worker.objects.acreate(host="elsewhere", seen_at=LONG_AGO)
    answer = await abandoned_answer(conversation, dead)
    async with Tab.of(conversation) as tab:
        await tab.catch_up(answer.public_id, "streaming")
        await keeper.start()
        assert "Half of it" in await tab.until(ended("interrupted"))
    await answer.arefresh_from_db()
    assert (answer.status, answer.text) == ("interrupted", "Half of it")
    assert not await Worker.objects.filter(pk=dead.pk).aexists()


async def test_a_process_of_this_machine_that_is_gone_is_known_to_be_dead_at_once(conversation):
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    dead = await Worker.objects.acreate(pid=gone.pid)
    answer = await abandoned_answer(conversation, dead)
    await keeper.start()
    await answer.arefresh_from_db()
    assert answer.status == "interrupted"


async def test_an_answer_of_a_living_process_is_left_alone(conversation):
    alive = await Worker.objects.acreate(host="elsewhere")
    answer = await abandoned_answer(conversation, alive)
    await keeper.start()
    await answer.arefresh_from_db()
    assert answer.status == "streaming"


async def test_an_answer_that_nobody_took_up_is_marked(conversation):
    answer = await abandoned_answer(conversation, None)
    await keeper.start()
    await answer.arefresh_from_db()
    assert answer.status == "interrupted"


async def test_an_answer_that_this_process_forgot_is_marked(conversation, monkeypatch):
    monkeypatch.setattr(keeping, "HOUSEKEEPING_SECONDS", 0.1)
    await keeper.start()
    async with Tab.of(conversation) as tab:
        answer = await abandoned_answer(conversation, keeper.worker)
        await tab.catch_up(answer.public_id, "streaming")
        await tab.until(ended("interrupted"))
    await answer.arefresh_from_db()
    assert answer.status == "interrupted"


async def test_an_answer_that_is_begun_while_the_house_is_kept_goes_on(conversation, upstream, monkeypatch):
    monkeypatch.setattr(keeping, "HOUSEKEEPING_SECONDS", 0.001)
    upstream.say("Flour, water and salt.")
    await ask_often(conversation, "(complete|interrupted)")
    statuses = [message.status async for message in conversation.messages.all()]
    assert statuses == ["complete"] * 40


async def test_draining_saves_what_runs_as_interrupted(conversation, upstream):
    upstream.say("Flour, water and salt. " * 100, tokens_per_second=100)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until("content-tail.*Flour")
        await keeper.drain()
        await tab.until(ended("interrupted"))
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.status == "interrupted"
    assert "Flour" in answer.text
    assert not await Worker.objects.aexists()


async def test_an_answer_goes_on_without_any_tab(conversation, upstream):
    upstream.say("one two three four five six seven eight nine ten ", tokens_per_second=50)
    async with Tab.of(conversation) as tab:
        await tab.ask("Count")
        await tab.until("one")
    await asyncio.sleep(1)
    answer = await conversation.messages.filter(role="assistant").aget()
    assert answer.status == "complete"
    assert "ten" in answer.text


async def test_a_conversation_that_is_deleted_closes_the_upstream(conversation, upstream, monkeypatch):
    upstream.say("Flour. " * 500, tokens_per_second=50)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until("content-tail.*Flour")
        await sync_to_async(conversation.delete)()
        assert await asyncio.to_thread(upstream.wait_closed, 2)


async def test_an_answer_that_was_taken_away_is_not_written_any_more(conversation, upstream):
    upstream.say("Flour. " * 500, tokens_per_second=50)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until("content-tail.*Flour")
        other = await Worker.objects.acreate(host="elsewhere")
        await conversation.messages.filter(role="assistant").aupdate(worker=other, content=[])
        assert await asyncio.to_thread(upstream.wait_closed, 2)
    assert (await conversation.messages.filter(role="assistant").aget()).text == ""


async def test_a_title_that_is_changed_in_mid_answer_stays_changed(conversation, upstream):
    upstream.say("Flour. " * 40, tokens_per_second=50)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?", turn_id=str(uuid.uuid4()))
        await tab.until("content-tail.*Flour")
        await sync_to_async(conversation.rename)("Sourdough")
        await tab.until(ended("complete"))
    await conversation.arefresh_from_db()
    assert conversation.title == "Sourdough"


def test_a_death_is_noticed_within_thirty_seconds():
    assert Worker.SILENCE.total_seconds() + keeping.HOUSEKEEPING_SECONDS < 30


@pytest.mark.django_db(transaction=True)
async def test_the_log_is_tidied_at_once_and_then_at_most_once_an_hour(monkeypatch):
    tidied: list[bool] = []
    monkeypatch.setattr(keeping, "tidy", lambda: tidied.append(True))
    fresh = keeping.Keeper()
    for _ in range(3):
        await fresh._tidy()
    assert len(tidied) == 1
    monkeypatch.setattr(keeping, "TIDYING_SECONDS", 0)
    await fresh._tidy()
    assert len(tidied) == 2
