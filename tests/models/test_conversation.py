"""What is asked of a model, and what becomes of an answer that is continued."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from chat.completions import Chunk, CompletionError, ToolCallDelta, Usage
from chat.models import Conversation, LanguageModel, Message, Worker


@pytest.fixture
def worker(db) -> Worker:
    return Worker.objects.create()


@pytest.fixture
def model(db) -> LanguageModel:
    return LanguageModel.objects.create(model_id="replayed")


@pytest.fixture
def conversation(owner, model) -> Conversation:
    return Conversation.objects.create(owner=owner, title="Bread", model=model)


def asked(conversation: Conversation, text: str) -> Message:
    return conversation.ask(text, model=conversation.model, turn_id=uuid.uuid4()).answer


def written(answer: Message, worker: Worker, *chunks: Chunk) -> Message:
    assert answer.claim(worker)
    for chunk in chunks:
        answer.append(chunk)
    return answer


@pytest.fixture
def stopped(conversation, worker) -> Message:
    answer = asked(conversation, "How is bread made?")
    call = ToolCallDelta(0, id="call-1", name="weigh", arguments='{"of": "flour"}')
    usage = Usage(100, 10, 110, cached_tokens=None, reasoning_tokens=4)
    written(answer, worker, Chunk(content="Flour", tool_calls=(call,)), Chunk(usage=usage)).stop()
    Message.objects.filter(pk=answer.pk).update(reasoning_seconds=3.0)
    return answer


def test_a_continued_answer_keeps_its_tool_calls_before_the_new_ones(conversation, stopped, worker):
    answer = conversation.go_on(stopped).answer
    new = ToolCallDelta(0, id="call-2", name="bake", arguments="{}")
    written(answer, worker, Chunk(content=" and water", tool_calls=(new,))).finish()
    kept = Message.objects.get(pk=stopped.pk)
    assert kept.text == "Flour and water"
    assert [(call["id"], call["arguments"]) for call in kept.tool_calls] == [
        ("call-1", '{"of": "flour"}'),
        ("call-2", "{}"),
    ]


def test_what_a_continued_answer_used_is_added_up(conversation, stopped, worker):
    answer = conversation.go_on(stopped).answer
    counts = [Chunk(usage=Usage(110, done, 110 + done, cached_tokens=90)) for done in (1, 5)]
    written(answer, worker, Chunk(reasoning="Hm."), *counts).finish()
    kept = Message.objects.get(pk=stopped.pk)
    assert (kept.prompt_tokens, kept.completion_tokens) == (210, 15)
    assert (kept.cached_tokens, kept.reasoning_tokens) == (90, 4)
    assert 3 <= kept.reasoning_seconds < 4


def test_the_time_between_its_runs_is_not_counted(conversation, stopped, worker):
    begun = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=stopped.pk).update(created_at=begun, finished_at=begun + timedelta(seconds=8))
    for _ in range(2):
        written(conversation.go_on(stopped).answer, worker, Chunk(content="…")).stop()
    assert 8 <= Message.objects.get(pk=stopped.pk).seconds < 10


def test_an_answer_that_another_tab_had_written_on_is_not_taken_back(conversation, stopped, worker):
    as_this_tab_knows_it = Message.objects.get(pk=stopped.pk)
    written(
        conversation.go_on(stopped).answer, worker, Chunk(content=" and water", finish_reason="stop")
    ).finish()
    with pytest.raises(ValidationError, match="cannot be continued"):
        conversation.go_on(as_this_tab_knows_it)
    assert Message.objects.get(pk=stopped.pk).text == "Flour and water"


def request_to(conversation: Conversation, text: str) -> list[tuple[str, str]]:
    request = conversation.request_for(asked(conversation, text))
    return [(message.role, message.text or message.refusal) for message in request.messages]


def test_a_refusal_is_part_of_what_is_asked_next(conversation, worker):
    written(
        asked(conversation, "How is it picked?"), worker, Chunk(refusal="I cannot help with that.")
    ).finish()
    assert request_to(conversation, "How is it made?") == [
        ("user", "How is it picked?"),
        ("assistant", "I cannot help with that."),
        ("user", "How is it made?"),
    ]


def test_questions_without_an_answer_between_them_are_asked_as_one(conversation, worker):
    for text in ("How is bread made?", "Please?"):
        written(asked(conversation, text), worker).fail(CompletionError("Too many requests."))
    assert request_to(conversation, "Anybody?") == [("user", "How is bread made?\n\nPlease?\n\nAnybody?")]


@pytest.mark.parametrize("end", ["finish", "stop", "interrupt"])
def test_an_answer_that_has_ended_is_no_process_s(conversation, worker, end):
    answer = written(asked(conversation, "How is bread made?"), worker, Chunk(content="Flour"))
    assert getattr(answer, end)()
    assert not worker.answers.exists()
    assert not getattr(answer, end)()


def test_an_end_that_could_not_be_written_can_be_written_again(conversation, worker, monkeypatch):
    answer = written(asked(conversation, "How is bread made?"), worker, Chunk(content="Flour"))
    with monkeypatch.context() as broken:
        broken.setattr("django.db.models.query.QuerySet.update", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            answer.finish()
    assert answer.finish()
    assert Message.objects.get(pk=answer.pk).text == "Flour"
