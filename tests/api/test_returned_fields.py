"""What servers of Chat Completions want back with a call of a tool, in fields that OpenAI does not have."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.models import KeptReasoning
from tests.api.conftest import ASK, routed, upstream_of
from tests.replay import chunk, ending, said

QUESTION = {"role": "user", "content": "How is the weather?"}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"}
FUNCTION = {"name": "weather", "arguments": "{}"}
CALL = {"id": "call_1", "type": "function", "function": FUNCTION}
SIGNED = {"google": {"thought_signature": "c2ln"}}
TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}},
}


def calling(*deltas: dict[str, Any], **fields: Any) -> list[bytes]:
    made = {"tool_calls": [{"index": 0, **CALL, **fields}]}
    return [*map(chunk, deltas), chunk(made), *ending("tool_calls")]


def thought(**detail: Any) -> dict[str, Any]:
    return {"content": "", "reasoning_details": [detail]}


@pytest.fixture
def gemini(server) -> dict[str, Any]:
    """Gemini at the address where it speaks OpenAI's API."""
    routed("models/gemini-3-flash", upstream_of("compatible", server))
    return {"model": "models/gemini-3-flash", "messages": [QUESTION], "tools": [TOOL]}


async def first_turn(program, asked: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = (await program.post(ASK, json=asked)).json()["choices"][0]["message"]
    return answer


async def second_turn(program, server, asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer as the upstream gets it back."""
    server.say("It is sunny.")
    result = {**RESULT, "tool_call_id": answer["tool_calls"][0]["id"]}
    response = await program.post(ASK, json=asked | {"messages": [QUESTION, answer, result]})
    assert response.status_code == 200, response.text
    sent: dict[str, Any] = server.requests[-1].json["messages"][1]
    return sent


async def test_a_signature_travels_with_its_call(program, server, gemini):
    server.answer(calling(extra_content=SIGNED))
    answer = await first_turn(program, gemini)
    assert answer["tool_calls"][0]["extra_content"] == SIGNED
    sent = await second_turn(program, server, gemini, answer)
    assert sent["tool_calls"] == [{**CALL, "extra_content": SIGNED}]


@pytest.mark.parametrize("call_id", ["call_1", "an-id-of-the-client"])
async def test_a_signature_is_kept_for_a_client_that_knows_nothing_of_it(program, server, gemini, call_id):
    server.answer(calling(extra_content=SIGNED))
    await first_turn(program, gemini)
    sent = await second_turn(
        program, server, gemini, {"role": "assistant", "tool_calls": [{**CALL, "id": call_id}]}
    )
    assert sent["tool_calls"][0]["extra_content"] == SIGNED


async def test_a_signature_that_nobody_kept_goes_to_gemini_and_to_no_other(program, server, gemini, model):
    answer = {"role": "assistant", "tool_calls": [{**CALL, "extra_content": SIGNED}]}
    sent = await second_turn(program, server, gemini, answer)
    assert sent["tool_calls"][0]["extra_content"] == SIGNED
    sent = await second_turn(program, server, gemini | {"model": "replayed"}, answer)
    assert sent["tool_calls"] == [CALL]


@pytest.fixture
def thinking(model) -> dict[str, Any]:
    return {"model": model.model_id, "messages": [QUESTION], "tools": [TOOL]}


CLAUDE = {"format": "anthropic-claude-v1", "index": 0}
HIDDEN = {
    "type": "reasoning.encrypted",
    "data": "AbC=",
    "id": "call_1",
    "format": "google-gemini-v1",
    "index": 1,
}


async def test_reasoning_that_came_in_pieces_goes_back_whole(program, server, thinking):
    server.answer(
        calling(
            thought(type="reasoning.text", text="I should ", **CLAUDE),
            thought(type="reasoning.text", text="look.", **CLAUDE),
            thought(type="reasoning.text", signature="c2ln", **CLAUDE),
            thought(**HIDDEN),
            thought(**HIDDEN),
        )
    )
    answer = await first_turn(program, thinking)
    assert answer["reasoning_content"] == "I should look."
    sent = await second_turn(program, server, thinking, {"role": "assistant", "tool_calls": [CALL]})
    whole = {"type": "reasoning.text", "text": "I should look.", "signature": "c2ln", **CLAUDE}
    assert sent["reasoning_details"] == [whole, HIDDEN, HIDDEN]
    assert sent["tool_calls"] == [CALL]


@pytest.mark.parametrize("details", ["", "I should look.", {"text": "I should"}, [None, "look", 1]])
async def test_details_of_another_shape_are_not_sent_back(program, server, thinking, details):
    server.answer(calling({"content": "", "reasoning_details": details}))
    await first_turn(program, thinking)
    sent = await second_turn(program, server, thinking, {"role": "assistant", "tool_calls": [CALL]})
    assert "reasoning_details" not in sent


async def test_another_model_is_told_nothing_of_it(program, server, thinking, upstream):
    await sync_to_async(routed)("another", upstream)
    server.answer(calling(thought(**HIDDEN), extra_content=SIGNED))
    answer = await first_turn(program, thinking)
    sent = await second_turn(program, server, thinking | {"model": "another"}, answer)
    assert "reasoning_details" not in sent
    assert sent["tool_calls"] == [CALL]


async def test_of_an_answer_without_calls_nothing_is_kept(program, server, thinking):
    server.answer([chunk(thought(**HIDDEN)), *said("It is sunny."), *ending()])
    await first_turn(program, thinking)
    assert not await KeptReasoning.objects.aexists()
