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
