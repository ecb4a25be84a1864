"""Reasoning that a model wants back is kept for its owner, its upstream and its model, and for nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.completions import ChatRequest, Choice, Message, ReasoningState, Text, ToolCall
from chat.gateway import Payer, reasoning
from chat.models import KeptReasoning, Upstream
from chat.models.kept_reasoning import LARGEST
from chat.upstreams import connect

STATE = ReasoningState("anthropic", "claude", ({"type": "thinking", "thinking": "Hm.", "signature": "abc"},))
CALL = ToolCall("call_1", "weather", '{"city": "Bern", "day": 1}')
ASKED = ChatRequest("claude", (Message("user", (Text("?"),)),))
SAID = Choice("Let me see.", "Hm.", "", (CALL,), "tool_calls", STATE)
PLAIN = Choice("It is sunny.", "Hm.", "", (), "stop", STATE)


@pytest.fixture
def upstream(db) -> Upstream:
    return Upstream.objects.create(name="Claude", family="anthropic")


@pytest.fixture
def payer(owner) -> Payer:
    return Payer(owner)


def history(text: str, *calls: ToolCall, **fields) -> ChatRequest:
    answer = Message("assistant", (Text(text),), tool_calls=calls, **fields)
    return ChatRequest("claude", (Message("user", (Text("?"),)), answer))


def state_after(request: ChatRequest, payer: Payer, upstream: Upstream) -> ReasoningState | None:
    return reasoning.kept(request, payer).restored(request, upstream).messages[1].reasoning_state


def test_it_is_put_back_by_the_id_of_the_call(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    assert state_after(history("", CALL), payer, upstream) == STATE


def test_it_is_put_back_by_what_was_said_where_a_client_makes_its_own_ids(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    renamed = replace(CALL, id="mine", arguments='{"day":1,"city":"Bern"}')
    assert state_after(history("Let me see.", renamed), payer, upstream) == STATE
    assert state_after(history("Something else.", renamed), payer, upstream) is None


def test_it_is_put_back_to_an_answer_without_calls(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, PLAIN)
    assert state_after(history("It is sunny."), payer, upstream) == STATE


def test_the_same_words_in_another_conversation_are_another_answer(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, PLAIN)
    own = replace(STATE, blocks=({"type": "thinking", "thinking": "Mine.", "signature": "def"},))
    for state in (None, own):
        other = history("It is sunny.", reasoning_state=state)
        question = Message("user", (Text("And in Bern?"),))
        other = replace(other, messages=(question, *other.messages[1:]))
        assert state_after(other, payer, upstream) == state


def test_what_another_model_thought_is_not_told_as_text_either(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    other = Upstream.objects.create(name="DeepSeek", family="deepseek")
    foreign = replace(history("", CALL, reasoning="Hm."), model="deepseek-v4-pro")
    assert reasoning.kept(foreign, payer).restored(foreign, other).messages[1].reasoning == ""


def test_it_is_not_put_back_for_somebody_else(payer, upstream, stranger):
    reasoning.keep(ASKED, payer, upstream, SAID)
    assert state_after(history("", CALL), Payer(stranger), upstream) is None


def test_it_is_not_sent_to_another_upstream(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    other = Upstream.objects.create(name="Other Claude", family="anthropic")
    assert state_after(history("", CALL, reasoning_state=STATE), payer, other) is None


def test_it_is_not_sent_to_another_model(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    foreign = replace(history("", CALL, reasoning_state=replace(STATE, model="claude-2")), model="claude-2")
    assert state_after(foreign, payer, upstream) is None


def test_what_a_client_sends_itself_is_taken_where_nothing_is_kept(payer, upstream):
    assert state_after(history("", CALL, reasoning_state=STATE), payer, upstream) == STATE


def test_a_signature_goes_with_what_belongs_to_another_upstream(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    other = Upstream.objects.create(name="Other", family="gemini")
    signed = history("", replace(CALL, signature="abc"))
    assert reasoning.kept(signed, payer).restored(signed, other).messages[1].tool_calls[0].signature is None


def test_it_is_encrypted(payer, upstream):
    from django.db import connection

    reasoning.keep(ASKED, payer, upstream, SAID)
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM chat_keptreasoning")
        (stored,) = cursor.fetchone()
    assert "thinking" not in stored


def test_it_is_let_go_after_a_day(payer, upstream):
    reasoning.keep(ASKED, payer, upstream, SAID)
    kept = KeptReasoning.objects.get()
    assert abs(kept.expires_at - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    KeptReasoning.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert state_after(history("", CALL), payer, upstream) is None
    reasoning.keep(ASKED, payer, upstream, PLAIN)
    assert KeptReasoning.objects.count() == 1


def test_it_is_bounded(payer, upstream, monkeypatch):
    monkeypatch.setattr("chat.models.kept_reasoning.MOST", 3)
    for number in range(5):
        reasoning.keep(ASKED, payer, upstream, replace(PLAIN, content=f"Answer {number}"))
    assert KeptReasoning.objects.count() == 3
    assert state_after(history("Answer 4"), payer, upstream) == STATE
    huge = replace(STATE, blocks=({"signature": "x" * LARGEST},))
    reasoning.keep(ASKED, payer, upstream, replace(PLAIN, content="huge", reasoning_state=huge))
    assert state_after(history("huge"), payer, upstream) is None


def test_a_history_costs_one_query_however_long(payer, upstream, django_assert_num_queries):
    reasoning.keep(ASKED, payer, upstream, SAID)
    long = replace(history("", CALL), messages=history("", CALL).messages * 50)
    with django_assert_num_queries(1):
        reasoning.kept(long, payer).restored(long, upstream)


@pytest.mark.parametrize("family", ["openai", "anthropic", "gemini", "qwen"])
def test_it_is_looked_for_in_every_answer(family):
    adapter = connect(family, "", "")
    assert not adapter.may_have_kept(ASKED.messages)
    assert adapter.may_have_kept(history("Sunny.").messages)
    assert adapter.may_have_kept(history("", CALL).messages)


@pytest.mark.parametrize("family", ["deepseek", "compatible"])
def test_it_is_looked_for_in_calls_where_it_comes_with_them_only(family):
    adapter = connect(family, "http://localhost", "")
    assert not adapter.may_have_kept(history("Sunny.").messages)
    assert adapter.may_have_kept(history("", CALL).messages)


def test_a_server_that_wants_none_back_has_none():
    assert not connect("demo", "", "").may_have_kept(history("", CALL).messages)
