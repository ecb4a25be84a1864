"""What follows after what looked like the end of an answer, a while later."""

import asyncio
import json
from typing import Any

import pytest

from chat.completions import ChatRequest, Message, Text, UpstreamAuthFailed, collect
from chat.upstreams import connect
from tests.replay import Ending, ReplayServer


def asking(model: str) -> ChatRequest:
    return ChatRequest(model, (Message("user", (Text("?"),)),))


def claude(*events: dict[str, Any]) -> list[bytes]:
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def message(text: str, *blocks: dict[str, Any], reason: str = "end_turn") -> list[bytes]:
    content = [*blocks, {"type": "text", "text": text}]
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {"content": [], "usage": {}}}]
    for index, block in enumerate(content):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events.append({"type": "content_block_stop", "index": index})
    events.append({"type": "message_delta", "delta": {"stop_reason": reason}})
    return claude(*events, {"type": "message_stop"})


async def test_claude_goes_on_after_a_tool_of_its_own_took_its_time(server: ReplayServer) -> None:
    tool = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "search", "input": {}}
    first, second = message("One. ", tool, reason="tool_use"), message("Two.")
    server.answer([b"".join(first), b"".join(second)], delay=1.6)
    completion = await collect(connect("anthropic", server.base_url, "key").stream(asking("claude-opus-4-5")))
    assert completion.choices[0].content == "One. Two."
    assert completion.choices[0].finish_reason == "stop"


async def test_gemini_may_count_a_while_after_it_has_finished(server: ReplayServer) -> None:
    said = {"candidates": [{"content": {"parts": [{"text": "One."}]}, "finishReason": "STOP"}]}
    counted = {"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}}
    events = [b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in (said, counted)]
    server.answer(events, delay=1.5)
    completion = await collect(connect("gemini", server.base_url, "key").stream(asking("gemini-3-flash")))
    assert completion.usage is not None
    assert completion.usage.total_tokens == 5


async def test_a_server_that_only_generates_whole_answers_of_gemini_is_asked_for_one(
    server: ReplayServer,
) -> None:
    whole = {"candidates": [{"content": {"parts": [{"text": "One."}]}, "finishReason": "STOP"}]}
    server.answer([b"Not Found"], status=404)
    server.answer([json.dumps(whole).encode()], headers={"content-type": "application/json"})
    completion = await collect(connect("gemini", server.base_url, "key").stream(asking("gemini-3-flash")))
    assert completion.choices[0].content == "One."
    assert server.requests[-1].path.endswith(":generateContent")


async def test_a_key_that_no_header_can_hold_is_the_operators_mistake(server: ReplayServer) -> None:
    with pytest.raises(UpstreamAuthFailed):
        await collect(connect("gemini", server.base_url, "AIza\n").stream(asking("gemini-3-flash")))


@pytest.mark.parametrize("then", ["close", "reset", "stall"])
async def test_an_answer_of_claude_that_used_a_tool_of_the_provider_ends_when_it_says_so(
    server: ReplayServer, then: Ending
) -> None:
    tool = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "search", "input": {}}
    server.answer([b"".join(message("One.", tool))], then=then)
    async with asyncio.timeout(5):
        stream = connect("anthropic", server.base_url, "key").stream(asking("claude-opus-4-5"))
        completion = await collect(stream)
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("One.", "stop")
