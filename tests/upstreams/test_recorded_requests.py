"""Every recorded request, asked for in our own terms, goes out as the recording client sent it."""

import json
from typing import Any

import pytest

from chat.completions import ChatRequest, Image, Message, Part, Text, Tool, ToolCall
from chat.upstreams import connect
from chat.upstreams.chat_completions import ChatCompletionsUpstream
from tests.replay import STREAMS

from .official import Chat, check

FAMILIES = ("openai", "deepseek", "qwen")
CASES = [
    path.parent.relative_to(STREAMS).as_posix()
    for family in FAMILIES
    for path in sorted((STREAMS / family).glob("*/request.json"))
]
KNOWN = {
    "frequency_penalty",
    "moderation",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "web_search_options",
}

pytestmark = pytest.mark.skipif(
    not STREAMS.exists(), reason="the recorded streams are not beside this folder"
)


@pytest.mark.parametrize("case", CASES)
def test_a_recorded_request_goes_out_alike(case: str) -> None:
    recorded = json.loads((STREAMS / case / "request.json").read_text())
    upstream = connect(case.split("/")[0], "", "key")
    assert isinstance(upstream, ChatCompletionsUpstream)
    request = asked(recorded)
    fit, adjustments = upstream.prepared(request, upstream.capabilities(request.model))
    body = upstream.body(fit)
    check(body, Chat)
    assert [str(adjustment) for adjustment in adjustments] in ([], ["tools.strict"])
    expected = {name: value for name, value in recorded.items() if name not in ("stream", "stream_options")}
    assert plain({name: body.get(name) for name in expected}) == plain(expected)


def asked(wire: dict[str, Any]) -> ChatRequest:
    return ChatRequest(
        model=wire["model"],
        messages=tuple(message(each) for each in wire["messages"]),
        max_output_tokens=wire.get("max_completion_tokens") or wire.get("max_tokens"),
        temperature=wire.get("temperature"),
        top_p=wire.get("top_p"),
        stop=tuple(wire.get("stop") or ()),
        seed=wire.get("seed"),
        n=wire.get("n") or 1,
        tools=tuple(Tool(**tool["function"]) for tool in wire.get("tools") or ()),
        tool_choice=wire.get("tool_choice"),
        response_format=wire.get("response_format"),
        extra={name: value for name, value in wire.items() if name in KNOWN},
    )


def message(wire: dict[str, Any]) -> Message:
    calls = (ToolCall(call["id"], **call["function"]) for call in wire.get("tool_calls") or ())
    content = wire.get("content")
    parts = (Text(content),) if isinstance(content, str) and content else ()
    if isinstance(content, list):
        parts = tuple(part(each) for each in content)
    return Message(wire["role"], parts, tool_calls=tuple(calls), tool_call_id=wire.get("tool_call_id"))


def part(wire: dict[str, Any]) -> Part:
    return Text(wire["text"]) if wire["type"] == "text" else Image(**wire["image_url"])


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """Without what says the same in two ways, and what the unified format has no word for."""
    for each in body["messages"]:
        if isinstance(each.get("content"), list):
            each["content"] = [{**one, "prompt_cache_breakpoint": None} for one in each["content"]]
        if not each.get("content"):
            each.pop("content", None)
        if each["role"] == "developer":
            each["role"] = "system"
        for call in each.get("tool_calls") or ():
            call.pop("index", None)
    for tool in body.get("tools") or ():
        tool["function"] = {"description": "", **tool["function"]}
        tool["function"].pop("strict", None)
    return body
