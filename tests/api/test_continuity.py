"""Reasoning that has to come back: kept here for clients that know nothing of it, and open to those that do."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.models import ApiKey, Upstream, User
from tests.api.conftest import ASK, client, events, routed, upstream_of

TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}},
}
QUESTION = {"role": "user", "content": "How is the weather?"}
RESULT = {"role": "tool", "tool_call_id": "toolu_1", "content": "Sunny"}
THINKING = {"type": "thinking", "thinking": "I should look.", "signature": "c2lnbmVk"}
CALL = {"id": "toolu_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
MODEL = "claude-opus-4-5"


def claude(*blocks: tuple[dict[str, Any], list[dict[str, Any]]], reason: str) -> list[bytes]:
    """The events of an answer of these blocks, each with its deltas."""
    message = {
        "id": "msg",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": MODEL,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    sent: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
    for index, (block, deltas) in enumerate(blocks):
        sent.append({"type": "content_block_start", "index": index, "content_block": block})
        sent += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        sent.append({"type": "content_block_stop", "index": index})
    sent.append({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 5}})
    sent.append({"type": "message_stop"})
    return [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in sent]


CALLING = claude(
    (
        {"type": "thinking", "thinking": "", "signature": ""},
        [
            {"type": "thinking_delta", "thinking": "I should look."},
            {"type": "signature_delta", "signature": "c2lnbmVk"},
        ],
    ),
    ({"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}, []),
    reason="tool_use",
)


@pytest.fixture
def asked() -> dict[str, Any]:
    return {"model": MODEL, "messages": [QUESTION], "tools": [TOOL], "reasoning_effort": "low"}


@pytest.fixture(autouse=True)
def claude_upstream(server) -> Upstream:
    upstream = upstream_of("anthropic", server)
    routed(MODEL, upstream)
    return upstream


def sent_back(server) -> list[dict[str, Any]]:
    answers = [each for each in server.requests[-1].json["messages"] if each["role"] == "assistant"]
    return [block for answer in answers for block in answer["content"] if isinstance(block, dict)]


async def second_turn(program, asked: dict[str, Any], answer: dict[str, Any]) -> None:
    messages = [QUESTION, answer, RESULT]
    response = await program.post(ASK, json=asked | {"messages": messages})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_knows_nothing_of_it_sends_the_history_without_it(program, server, asked, stream):
    server.answer(CALLING)
    await program.post(ASK, json=asked | {"stream": stream})
    await second_turn(program, asked, {"role": "assistant", "content": None, "tool_calls": [CALL]})
    assert sent_back(server)[0] == THINKING


async def test_it_is_offered_with_a_whole_answer(program, server, asked):
    server.answer(CALLING)
    message = (await program.post(ASK, json=asked)).json()["choices"][0]["message"]
    assert message["thinking_blocks"] == [THINKING]
    assert message["reasoning_content"] == "I should look."


async def test_it_is_offered_at_the_end_of_a_stream(program, server, asked):
    server.answer(CALLING)
    response = await program.post(ASK, json=asked | {"stream": True})
    last = json.loads(events(response)[-2])["choices"][0]
    assert last["delta"] == {"thinking_blocks": [THINKING]}
    assert last["finish_reason"] == "tool_calls"


async def test_what_a_client_sends_back_itself_is_taken(program, server, asked):
    server.answer(CALLING)
    answer = {"role": "assistant", "content": None, "tool_calls": [CALL], "thinking_blocks": [THINKING]}
    await second_turn(program, asked, answer)
    assert sent_back(server)[0] == THINKING


@pytest.mark.parametrize(
    "kept",
    [
        {"provider_specific_fields": {"thinking_blocks": [THINKING]}},
        {
            "reasoning_details": [
                {
                    "type": "reasoning.text",
                    "format": "anthropic-claude-v1",
                    "text": THINKING["thinking"],
                    "signature": THINKING["signature"],
                }
            ]
        },
    ],
)
async def test_what_another_gateway_called_it_is_understood(program, server, asked, kept):
    server.answer(CALLING)
    answer = {"role": "assistant", "content": None, "tool_calls": [CALL], **kept}
    await second_turn(program, asked, answer)
    assert sent_back(server)[0] == THINKING


async def test_reasoning_that_another_gateway_streamed_is_put_together(program, server, asked):
    server.answer(CALLING)
    half = len(THINKING["thinking"]) // 2
    pieces = [
        {"text": "Never signed.", "index": 0},
        {"text": THINKING["thinking"][:half], "index": 1},
        {"text": THINKING["thinking"][half:], "index": 1},
        {"text": None, "signature": THINKING["signature"], "index": 1},
        {"text": "Another.", "signature": "c2ln", "index": 2},
    ]
    details = [{"type": "reasoning.text", "format": "anthropic-claude-v1", **piece} for piece in pieces]
    await second_turn(
        program, asked, {"role": "assistant", "tool_calls": [CALL], "reasoning_details": details}
    )
    another = {"type": "thinking", "thinking": "Another.", "signature": "c2ln"}
    assert sent_back(server)[:2] == [THINKING, another]


async def test_reasoning_that_another_gateway_hid_is_understood(program, server, asked):
    server.answer(CALLING)
    hidden = {"type": "reasoning.encrypted", "format": "anthropic-claude-v1", "data": "aGlkZGVu"}
    answer = {"role": "assistant", "tool_calls": [CALL], "reasoning_details": [hidden]}
    await second_turn(program, asked, answer)
    assert sent_back(server)[0] == {"type": "redacted_thinking", "data": "aGlkZGVu"}


async def test_it_is_not_put_back_for_another_person(program, server, asked, stranger: User):
    server.answer(CALLING)
    await program.post(ASK, json=asked)
    secret = await sync_to_async(ApiKey(owner=stranger).issue)()
    async with client({"authorization": f"Bearer {secret}"}) as other:
        await second_turn(other, asked, {"role": "assistant", "content": None, "tool_calls": [CALL]})
    assert [block["type"] for block in sent_back(server)] == ["tool_use"]


@pytest.fixture
def gemini(server) -> str:
    routed("gemini-3-flash", upstream_of("gemini", server))
    return "gemini-3-flash"


def gemini_calls() -> list[bytes]:
    part = {"functionCall": {"id": "call_1", "name": "weather", "args": {}}, "thoughtSignature": "c2ln"}
    answer = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP", "index": 0}]}
    return [b"data: " + json.dumps(answer).encode() + b"\r\n\r\n"]


async def signed(program, server, body: dict[str, Any], answer: dict[str, Any]) -> str:
    """What the first call of this answer is signed with when it goes back."""
    result = {**RESULT, "tool_call_id": answer["tool_calls"][0]["id"]}
    await program.post(ASK, json=body | {"messages": [QUESTION, answer, result]})
    model_turn = next(each for each in server.requests[-1].json["contents"] if each["role"] == "model")
    signature: str = model_turn["parts"][0]["thoughtSignature"]
    return signature


async def test_a_signature_of_gemini_travels_with_its_call(program, server, gemini):
    server.answer(gemini_calls())
    body = {"model": gemini, "messages": [QUESTION], "tools": [TOOL]}
    call = (await program.post(ASK, json=body)).json()["choices"][0]["message"]["tool_calls"][0]
    assert call["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    plain = {name: value for name, value in call.items() if name != "extra_content"}
    for sent in (call, plain):
        assert await signed(program, server, body, {"role": "assistant", "tool_calls": [sent]}) == "c2ln"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"provider_specific_fields": {"thought_signature": "c2ln"}}, {}),
        ({"id": "call_1__thought__c2ln"}, {}),
        (
            {},
            {"reasoning_details": [{"format": "google-gemini-v1", "id": "toolu_1", "data": "c2ln"}]},
        ),
    ],
)
async def test_a_signature_that_another_gateway_put_elsewhere_is_found(
    program, server, gemini, call, message
):
    server.answer(gemini_calls())
    body = {"model": gemini, "tools": [TOOL]}
    answer = {"role": "assistant", "tool_calls": [{**CALL, **call}], **message}
    assert await signed(program, server, body, answer) == "c2ln"
