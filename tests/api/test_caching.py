"""What a client marks as the end of what is to be cached, for the providers that want to be told."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.models import LanguageModel
from tests.api.conftest import ASK, HELLO, routed, upstream_of

MARK = {"type": "ephemeral"}
LONG = {"type": "text", "text": "A long story.", "cache_control": MARK}


@pytest.fixture
def claude(server) -> str:
    routed("claude-haiku-4-5", upstream_of("anthropic", server))
    return "claude-haiku-4-5"


def asking(*roles: str) -> dict[str, Any]:
    return {
        "messages": [{"role": role, "content": [LONG, {"type": "text", "text": "So?"}]} for role in roles]
    }


async def test_claude_is_told_of_it(program, server, claude):
    await program.post(ASK, json={"model": claude, **asking("system", "user")})
    sent = server.requests[0].json
    for blocks in (sent["system"], sent["messages"][0]["content"]):
        assert [block.get("cache_control") for block in blocks] == [MARK, None]


async def test_the_instructions_of_a_model_do_not_take_it_away(program, server, claude):
    model = await LanguageModel.objects.aget(model_id=claude)
    model.system_preamble = "Be kind."
    await sync_to_async(model.save)(update_fields=["system_preamble"])
    await program.post(ASK, json={"model": claude, **asking("system", "user")})
    first, second = server.requests[0].json["system"]
    assert first == {"type": "text", "text": "Be kind.\n\nA long story.", "cache_control": MARK}
    assert second == {"type": "text", "text": "So?"}


@pytest.mark.parametrize("place", [{"cache_control": MARK}, {"function": {"cache_control": MARK}}])
async def test_claude_is_told_which_of_the_tools_are_the_last(program, server, claude, place):
    function = {"name": "weather", **place.get("function", {})}
    tools = [
        {"type": "function", "function": {"name": "time"}},
        {"type": "function", **place, "function": function},
    ]
    messages = [{"role": "user", "content": "Hello"}]
    await program.post(ASK, json={"model": claude, "messages": messages, "tools": tools})
    assert [tool.get("cache_control") for tool in server.requests[0].json["tools"]] == [None, MARK]


async def test_a_mark_of_a_message_is_that_of_its_last_part(program, server, claude):
    call = {"id": "call_1", "type": "function", "function": {"name": "weather"}}
    parts = [{"type": "text", "text": text} for text in ("A story.", "So?")]
    messages = [
        {"role": "system", "content": "Be kind.", "cache_control": MARK},
        {"role": "user", "content": parts, "cache_control": MARK},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [call], "cache_control": MARK},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny", "cache_control": MARK},
    ]
    await program.post(ASK, json={"model": claude, "messages": messages})
    sent = server.requests[0].json
    (instructions,) = sent["system"]
    assert instructions["cache_control"] == MARK
    marks = [block.get("cache_control") for turn in sent["messages"] for block in turn["content"]]
    assert marks == [None, MARK, MARK, None, MARK]


async def test_a_mark_that_is_none_is_refused(program, server, claude):
    messages = [{"role": "user", "content": "Hello", "cache_control": "ephemeral"}]
    response = await program.post(ASK, json={"model": claude, "messages": messages})
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "messages[0].cache_control"


async def test_qwen_is_told_of_it(program, server, upstream):
    upstream.family = "qwen"
    await sync_to_async(upstream.save)(update_fields=["family"])
    server.say("Hi")
    messages = [{"role": "system", "content": [LONG]}, *asking("user")["messages"]]
    await program.post(ASK, json=HELLO | {"messages": messages})
    assert server.requests[0].json["messages"] == messages


async def test_others_are_not(program, server):
    server.say("Hi")
    await program.post(ASK, json=HELLO | asking("user"))
    content = server.requests[0].json["messages"][0]["content"]
    assert content == [{"type": "text", "text": "A long story."}, {"type": "text", "text": "So?"}]
