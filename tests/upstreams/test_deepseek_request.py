"""What DeepSeek is asked. Source: https://api-docs.deepseek.com/api/create-chat-completion"""

import json
from dataclasses import replace
from typing import Any

import pytest

from chat.completions import (
    Audio,
    ChatRequest,
    File,
    Image,
    InvalidRequest,
    Message,
    Part,
    ReasoningState,
    Text,
    Tool,
    ToolCall,
    Video,
    collect,
)
from chat.upstreams import connect
from chat.upstreams.deepseek import DeepSeek
from tests.replay import STREAMS, ReplayServer, chunk, ending, said

from .official import Chat, check

PRO = ChatRequest("deepseek-v4-pro", (Message("user", (Text("Hello"),)),))
CALL = ToolCall("call_1", "weather", "{}")
WEATHER = Tool("weather", parameters={"type": "object", "properties": {}}, strict=True)
SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}


def sent(**asked: Any) -> tuple[dict[str, Any], list[str]]:
    upstream, request = DeepSeek(), replace(PRO, **asked)
    fit, adjustments = upstream.prepared(request, upstream.capabilities(request.model))
    return upstream.body(fit), [str(adjustment) for adjustment in adjustments]


def told(*messages: Message, **asked: Any) -> list[dict[str, Any]]:
    messages_sent: list[dict[str, Any]] = sent(messages=messages, **asked)[0]["messages"]
    return messages_sent


def test_a_plain_question_is_sent_with_nothing_that_was_not_asked_for() -> None:
    body, adjustments = sent()
    assert body == {
        "model": "deepseek-v4-pro",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert adjustments == []
    check(body, Chat)


@pytest.mark.parametrize("base_url", ["{}", "{}/v1", "{}/v1/"])
async def test_the_base_url_may_have_a_version_or_none(server: ReplayServer, base_url: str) -> None:
    server.say("Hi")
    address = base_url.format(server.base_url.removesuffix("/v1"))
    await collect(connect("deepseek", address, "key").stream(PRO))
    assert server.requests[0].path == base_url.format("").rstrip("/") + "/chat/completions"
    assert DeepSeek().base_url == "https://api.deepseek.com"


def test_the_token_limit_has_the_name_that_is_not_ignored() -> None:
    body, _ = sent(max_output_tokens=9)
    assert (body["max_tokens"], "max_completion_tokens" in body) == (9, False)


def test_instructions_of_the_developer_are_those_of_the_system() -> None:
    assert told(Message("developer", (Text("Be brief."),))) == [{"role": "system", "content": "Be brief."}]


def test_texts_are_sent_as_one_string() -> None:
    assert told(Message("user", (Text("One."), Text("Two.")))) == [
        {"role": "user", "content": "One.\n\nTwo."}
    ]


@pytest.mark.parametrize(
    ("effort", "field", "reported"),
    [
        ("none", {"thinking": {"type": "disabled"}}, []),
        ("minimal", {"reasoning_effort": "low"}, ["reasoning_effort=low"]),
        ("low", {"reasoning_effort": "low"}, []),
        ("medium", {"reasoning_effort": "high"}, ["reasoning_effort=high"]),
        ("high", {"reasoning_effort": "high"}, []),
        ("xhigh", {"reasoning_effort": "max"}, ["reasoning_effort=max"]),
        ("max", {"reasoning_effort": "max"}, []),
        (None, {}, []),
    ],
)
def test_an_effort_turns_thinking_up_or_off(
    effort: str | None, field: dict[str, Any], reported: list[str]
) -> None:
    body, adjustments = sent(reasoning_effort=effort)
    assert {name: body[name] for name in ("thinking", "reasoning_effort") if name in body} == field
    assert adjustments == reported


@pytest.mark.parametrize("model", ["deepseek-chat", "deepseek-reasoner"])
def test_the_old_names_take_no_effort(model: str) -> None:
    body, adjustments = sent(model=model, reasoning_effort="high")
    assert "reasoning_effort" not in body
    assert adjustments == ["reasoning_effort"]


def test_deepseeks_own_switch_counts_as_an_effort() -> None:
    body, adjustments = sent(extra={"thinking": {"type": "disabled"}}, temperature=0.2)
    assert (body["thinking"], body["temperature"]) == ({"type": "disabled"}, 0.2)
    assert adjustments == []
    assert sent(extra={"thinking": {"type": "enabled"}})[0]["thinking"] == {"type": "enabled"}


def test_sampling_is_sent_only_without_thinking() -> None:
    sampling = {"temperature": 0.2, "top_p": 0.5, "extra": {"presence_penalty": 1, "frequency_penalty": 1}}
    body, adjustments = sent(**sampling)
    assert not {"temperature", "top_p", "presence_penalty", "frequency_penalty"} & set(body)
    assert adjustments == ["temperature", "top_p", "presence_penalty", "frequency_penalty"]
    body, adjustments = sent(reasoning_effort="none", **sampling)
    assert (body["temperature"], body["top_p"], body["presence_penalty"]) == (0.2, 0.5, 1)
    assert adjustments == []
    assert sent(model="deepseek-chat", **sampling)[0]["temperature"] == 0.2


@pytest.mark.parametrize("choice", ["required", "function:weather"])
def test_a_tool_can_only_be_forced_without_thinking(choice: str) -> None:
    body, adjustments = sent(tools=(WEATHER,), tool_choice=choice, temperature=0.2)
    assert body["thinking"] == {"type": "disabled"}
    assert body["tool_choice"] in ("required", {"type": "function", "function": {"name": "weather"}})
    assert body["temperature"] == 0.2
    assert adjustments == ["reasoning_effort=none", "tools.strict"]


def test_a_model_that_always_thinks_chooses_its_tools_itself() -> None:
    body, adjustments = sent(model="deepseek-reasoner", tools=(Tool("weather"),), tool_choice="required")
    assert (body["tool_choice"], "thinking" in body) == ("auto", False)
    assert adjustments == ["tool_choice=auto"]


def test_tools_are_not_strict() -> None:
    body, adjustments = sent(tools=(WEATHER,))
    assert body["tools"] == [
        {"type": "function", "function": {"name": "weather", "parameters": WEATHER.parameters}}
    ]
    assert adjustments == ["tools.strict"]


def test_an_object_is_asked_for_with_the_word_json() -> None:
    body, adjustments = sent(response_format={"type": "json_object"})
    assert body["response_format"] == {"type": "json_object"}
    assert "JSON" in body["messages"][0]["content"]
    assert adjustments == ["messages=with an instruction to write JSON"]


def test_a_schema_is_explained_and_an_object_demanded() -> None:
    system = Message("system", (Text("Be brief."),))
    body, adjustments = sent(response_format=SCHEMA, messages=(system, *PRO.messages))
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0]["content"].startswith("Be brief.\n\n")
    assert body["messages"][0]["content"].endswith('JSON Schema:\n{"type":"object"}')
    assert adjustments == ["response_format=json_object"]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (Image("https://a.example/b.png"), "image"),
        (Audio("AA==", "wav"), "audio"),
        (Video("https://a.example/b.mp4"), "video"),
        (File(file_id="file-1"), "file"),
    ],
)
def test_a_model_that_only_reads_is_shown_nothing(part: Part, kind: str) -> None:
    with pytest.raises(InvalidRequest, match=f"deepseek-v4-pro does not take {kind} input") as refused:
        sent(messages=(Message("user", (Text("See:"), part)),))
    assert refused.value.param == "messages[0].content[1].type"


def test_a_model_that_sees_is_shown_pictures_and_files() -> None:
    parts = (
        Text("See:"),
        Image("https://a.example/b.png"),
        File("a.pdf", "data:application/pdf;base64,AA=="),
    )
    body, _ = sent(model="deepseek-v4-flash-vision-exp", messages=(Message("user", parts),))
    assert [part["type"] for part in body["messages"][0]["content"]] == ["text", "image_url", "file"]
    check(body, Chat)


def test_several_answers_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="at most 1 answer at once"):
        sent(n=2)


def test_what_deepseek_does_not_know_is_left_out_and_named() -> None:
    body, adjustments = sent(seed=7, extra={"logit_bias": {"1": 1}, "user": "ada", "top_k": 4})
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    assert sorted(adjustments) == ["logit_bias", "seed", "top_k", "user"]


def test_a_call_has_an_empty_text() -> None:
    (message,) = told(Message("assistant", tool_calls=(CALL,)), model="deepseek-chat")
    assert message == {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
        ],
    }


def thought(family: str = "deepseek", model: str = "deepseek-v4-pro") -> ReasoningState:
    return ReasoningState(family, model, ({"reasoning_content": "A tool will know."},))


@pytest.mark.parametrize(
    ("message", "replayed"),
    [
        (Message("assistant", tool_calls=(CALL,), reasoning_state=thought()), "A tool will know."),
        (Message("assistant", tool_calls=(CALL,), reasoning="The asker's copy."), "The asker's copy."),
        (Message("assistant", tool_calls=(CALL,), reasoning="x", reasoning_state=thought("qwen")), ""),
        (Message("assistant", tool_calls=(CALL,), reasoning_state=thought(model="deepseek-flash")), ""),
        (Message("assistant", tool_calls=(CALL,)), ""),
        (Message("assistant", (Text("15 °C"),), reasoning="Hm.", reasoning_state=thought()), None),
        (Message("user", (Text("Thanks"),)), None),
    ],
)
def test_a_call_is_sent_back_with_the_reasoning_that_led_to_it(
    message: Message, replayed: str | None
) -> None:
    assert told(message)[0].get("reasoning_content") == replayed


def test_without_thinking_no_reasoning_is_missed() -> None:
    assert (
        "reasoning_content" not in told(Message("assistant", tool_calls=(CALL,)), reasoning_effort="none")[0]
    )


@pytest.mark.parametrize("model", ["deepseek-chat", "deepseek-r1-0528"])
def test_a_model_that_refuses_reasoning_is_sent_none(model: str) -> None:
    state = thought(model=model)
    message = Message("assistant", tool_calls=(CALL,), reasoning="Hm.", reasoning_state=state)
    assert "reasoning_content" not in told(message, model=model)[0]


async def test_reasoning_is_handed_out_with_the_calls_that_follow_from_it(server: ReplayServer) -> None:
    entry = {"index": 0, "id": "call_1", "function": {"name": "weather", "arguments": "{}"}}
    server.answer([*said("", "A tool will know."), chunk({"tool_calls": [entry]}), *ending("tool_calls")])
    chunks = [part async for part in connect("deepseek", server.base_url, "").stream(PRO)]
    states = [(part.reasoning_state, part.finish_reason) for part in chunks if part.reasoning_state]
    assert states == [(thought(), "tool_calls")]


async def test_reasoning_of_a_plain_answer_is_not_kept(server: ReplayServer) -> None:
    server.say("Hi", reasoning="Hm.")
    completion = await collect(connect("deepseek", server.base_url, "").stream(PRO))
    assert completion.choices[0].reasoning_state is None


async def test_a_tool_loop_keeps_its_reasoning_and_its_order(server: ReplayServer) -> None:
    server.replay("deepseek/json-reasoning-and-tool")
    upstream = connect("deepseek", server.base_url, "")
    choice = (await collect(upstream.stream(PRO))).choices[0]
    server.say("You win.")
    answer = Message(
        "assistant",
        (Text(choice.content),),
        tool_calls=choice.tool_calls,
        reasoning_state=choice.reasoning_state,
    )
    result = Message("tool", (Text("4"),), tool_call_id=choice.tool_calls[0].id)
    await collect(upstream.stream(replace(PRO, messages=(*PRO.messages, answer, result))))
    _, replayed, told_back = server.requests[-1].json["messages"]
    assert replayed["reasoning_content"] == choice.reasoning != ""
    assert (replayed["content"], told_back["role"]) == (choice.content, "tool")


@pytest.mark.skipif(not STREAMS.exists(), reason="the recorded streams are not beside this folder")
def test_a_recorded_tool_conversation_would_be_sent_alike() -> None:
    recorded = json.loads((STREAMS / "deepseek/tool-result-turn2/request.json").read_text())
    asked, call, result = recorded["messages"]
    function = call["tool_calls"][0]
    messages = (
        Message("user", (Text(asked["content"]),)),
        Message("assistant", tool_calls=(ToolCall(function["id"], **function["function"]),)),
        Message("tool", (Text(result["content"]),), tool_call_id=result["tool_call_id"]),
    )
    assert told(*messages, model=recorded["model"]) == recorded["messages"]
