"""What Qwen is asked.

Source: https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from chat.completions import (
    Audio,
    ChatRequest,
    CompletionError,
    ContentFiltered,
    ContextLengthExceeded,
    File,
    Image,
    InvalidRequest,
    Message,
    RateLimited,
    ReasoningState,
    Text,
    Tool,
    ToolCall,
    UpstreamQuotaExceeded,
    Video,
    collect,
)
from chat.upstreams import connect
from chat.upstreams.qwen import Qwen
from tests.replay import ReplayServer, chunk, ending, said

from .official import Chat, check

PLUS = ChatRequest("qwen-plus", (Message("user", (Text("Hello"),)),))
THINKING = "qwen3-235b-a22b"
CALL = ToolCall("call_1", "weather", "{}")
OBJECT = {"type": "json_object"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}


def sent(**asked: Any) -> tuple[dict[str, Any], list[str]]:
    upstream, request = Qwen(), replace(PLUS, **asked)
    fit, adjustments = upstream.prepared(request, upstream.capabilities(request.model))
    return upstream.body(fit), [str(adjustment) for adjustment in adjustments]


def told(*messages: Message, **asked: Any) -> list[dict[str, Any]]:
    messages_sent: list[dict[str, Any]] = sent(messages=messages, **asked)[0]["messages"]
    return messages_sent


def thinking(body: dict[str, Any]) -> dict[str, Any]:
    names = ("enable_thinking", "thinking_budget", "reasoning_effort")
    return {name: body[name] for name in names if name in body}


def test_a_plain_question_is_sent_with_nothing_that_was_not_asked_for() -> None:
    body, adjustments = sent(max_output_tokens=9)
    assert body == {
        "model": "qwen-plus",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert adjustments == []
    check(body, Chat)


def test_instructions_of_the_developer_are_those_of_the_system() -> None:
    assert told(Message("developer", (Text("Be brief."),))) == [{"role": "system", "content": "Be brief."}]


@pytest.mark.parametrize(
    ("model", "effort", "fields"),
    [
        ("qwen-plus", None, {}),
        (THINKING, None, {}),
        (THINKING, "none", {"enable_thinking": False}),
        ("qwen-plus", "low", {"enable_thinking": True, "thinking_budget": 2048}),
        (THINKING, "medium", {"enable_thinking": True, "thinking_budget": 8192}),
        (THINKING, "high", {"enable_thinking": True}),
        (THINKING, "xhigh", {"enable_thinking": True}),
        ("qwen3.8-plus", "none", {"reasoning_effort": "none"}),
        ("qwen3.8-plus", "minimal", {"reasoning_effort": "minimal"}),
        ("qwen3.8-plus", "max", {"reasoning_effort": "max"}),
        ("qwq-plus", "high", {}),
        ("qvq-max", "none", {}),
        ("qwen3-235b-a22b-thinking-2507", "none", {"enable_thinking": True, "thinking_budget": 2048}),
    ],
)
def test_an_effort_becomes_a_switch_and_a_budget(
    model: str, effort: str | None, fields: dict[str, Any]
) -> None:
    assert thinking(sent(model=model, reasoning_effort=effort)[0]) == fields


@pytest.mark.parametrize(
    ("extra", "fields"),
    [
        ({"enable_thinking": False}, {"enable_thinking": False}),
        ({"enable_thinking": True}, {"enable_thinking": True}),
        ({"enable_thinking": True, "thinking_budget": 99}, {"enable_thinking": True, "thinking_budget": 99}),
    ],
)
def test_qwens_own_fields_for_thinking_are_taken(extra: dict[str, Any], fields: dict[str, Any]) -> None:
    body, adjustments = sent(extra=extra)
    assert (thinking(body), adjustments) == (fields, [])


@pytest.mark.parametrize("choice", ["required", "function:weather"])
def test_a_tool_can_only_be_forced_without_thinking(choice: str) -> None:
    forced = {"tools": (Tool("weather"),), "tool_choice": choice}
    body, adjustments = sent(model=THINKING, **forced)
    assert (thinking(body), adjustments) == ({"enable_thinking": False}, ["reasoning_effort=none"])
    body, adjustments = sent(model="qwen-plus", **forced)
    assert (thinking(body), adjustments) == ({}, [])
    body, adjustments = sent(model="qwen-plus", extra={"enable_thinking": True}, **forced)
    assert (thinking(body), adjustments) == ({"enable_thinking": False}, ["reasoning_effort=none"])
    for model in ("qwq-plus", "qwen3-next-80b-a3b-thinking"):
        body, adjustments = sent(model=model, **forced)
        assert (body["tool_choice"], thinking(body), adjustments) == ("auto", {}, ["tool_choice=auto"])


def test_an_object_is_asked_for_without_thinking_and_with_the_word_json() -> None:
    body, adjustments = sent(model=THINKING, response_format=OBJECT)
    assert body["response_format"] == OBJECT
    assert thinking(body) == {"enable_thinking": False}
    assert "JSON" in body["messages"][0]["content"]
    assert adjustments == ["reasoning_effort=none", "messages=with an instruction to write JSON"]


def test_an_instruction_to_write_json_takes_no_mark_for_the_cache_away() -> None:
    mark = {"type": "ephemeral"}
    system = Message("system", (Text("Be brief.", mark),))
    body, _ = sent(messages=(system, Message("user", (Text("?"),))), response_format=OBJECT)
    (instructions,) = body["messages"][0]["content"]
    assert "JSON" in instructions["text"]
    assert instructions["cache_control"] == mark


def test_a_model_that_always_thinks_is_only_told_to_write_an_object() -> None:
    body, adjustments = sent(model="qwq-plus", response_format=OBJECT)
    assert "response_format" not in body
    assert "JSON" in body["messages"][0]["content"]
    assert adjustments == ["response_format"]


def test_a_schema_is_demanded_where_it_is_known_and_else_explained() -> None:
    assert sent(model="qwen3.8-plus", response_format=SCHEMA)[0]["response_format"] == SCHEMA
    body, adjustments = sent(response_format=SCHEMA)
    assert body["response_format"] == OBJECT
    assert body["messages"][0]["content"].endswith('{"type":"object"}')
    assert adjustments == ["response_format=json_object"]


def test_sampling_stays_within_what_qwen_takes() -> None:
    extra = {"top_k": 20, "presence_penalty": 0.5, "frequency_penalty": 0.5}
    body, adjustments = sent(temperature=2, top_p=0, seed=7, stop=("END",), extra=extra)
    assert (body["temperature"], body["top_p"], body["seed"], body["stop"]) == (1.99, 0.01, 7, ["END"])
    assert (body["top_k"], body["presence_penalty"]) == (20, 0.5)
    assert "frequency_penalty" not in body
    assert sorted(adjustments) == ["frequency_penalty", "temperature=1.99", "top_p=0.01"]


def test_a_sound_is_sent_as_a_data_url() -> None:
    content = told(Message("user", (Audio("AAAA", "wav"),)), model="qwen3-omni-flash")[0]["content"]
    assert content == [{"type": "input_audio", "input_audio": {"data": "data:;base64,AAAA", "format": "wav"}}]


def test_a_sound_that_has_an_address_is_sent_by_it() -> None:
    sound = Audio("https://a.example/b.wav", "wav")
    (content,) = told(Message("user", (sound,)), model="qwen3-omni-flash")[0]["content"]
    assert content["input_audio"] == {"data": "https://a.example/b.wav", "format": "wav"}


def test_pictures_and_films_are_sent_by_their_address() -> None:
    picture, film = Image("https://a.example/b.png"), Video("https://a.example/b.mp4")
    content = told(Message("user", (picture, film)), model="qwen3.5-plus", extra={"fps": 2})[0]["content"]
    assert content == [
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        {"type": "video_url", "video_url": {"url": "https://a.example/b.mp4"}, "fps": 2},
    ]
    assert "fps" not in sent(extra={"fps": 2})[0]


def test_a_film_has_frames_of_its_own() -> None:
    films = Video("https://a.example/b.mp4", 0.5), Video("https://a.example/c.mp4")
    content = told(Message("user", films), model="qwen3.5-plus", extra={"fps": 2})[0]["content"]
    assert [part["fps"] for part in content] == [0.5, 2]


def test_a_file_is_refused_by_its_place() -> None:
    document = File("a.pdf", "data:application/pdf;base64,AA==")
    with pytest.raises(InvalidRequest, match="qwen-plus does not take file input") as refused:
        sent(messages=(Message("user", (Text("See:"), document)),))
    assert refused.value.param == "messages[0].content[1].type"


def test_a_model_that_also_speaks_is_told_to_write() -> None:
    assert sent(model="qwen2.5-omni-7b")[0]["modalities"] == ["text"]
    assert sent(model="qwen3-omni-flash", extra={"modalities": ["text", "audio"]})[0]["modalities"] == [
        "text",
        "audio",
    ]


def test_at_most_four_answers_are_written_at_once() -> None:
    assert sent(n=4)[0]["n"] == 4
    with pytest.raises(InvalidRequest, match="at most 4 answers at once"):
        sent(n=5)


def test_a_call_has_an_empty_text_and_no_reasoning() -> None:
    (message,) = told(Message("assistant", tool_calls=(CALL,), reasoning="Hm."), model=THINKING)
    assert (message["content"], "reasoning_content" in message) == ("", False)


def test_reasoning_is_sent_back_to_whoever_asks_to_preserve_it() -> None:
    message = Message("assistant", (Text("4"),), reasoning="Hm.")
    body, _ = sent(model="qwen3.7-plus", messages=(message,), extra={"preserve_thinking": True})
    assert body["messages"][0]["reasoning_content"] == "Hm."
    assert body["preserve_thinking"] is True


async def test_the_encrypted_reasoning_of_qwen4_is_kept_and_sent_back(server: ReplayServer) -> None:
    server.answer([*said("4", "Hm."), chunk({"encrypted_content": "c2VjcmV0"}), *ending()])
    request = replace(PLUS, model="qwen4-max")
    upstream = connect("qwen", server.base_url, "")
    state = (await collect(upstream.stream(request))).choices[0].reasoning_state
    fields = {"reasoning_content": "Hm.", "encrypted_content": "c2VjcmV0"}
    assert state == ReasoningState("qwen", "qwen4-max", (fields,))
    assert server.requests[0].json["thinking_display"] == "summarized"
    message = Message("assistant", (Text("4"),), reasoning_state=state)
    assert told(message, model="qwen4-max") == [{"role": "assistant", "content": "4", **fields}]
    assert told(message, model="qwen4-plus") == [{"role": "assistant", "content": "4"}]


async def test_an_answer_always_streams(server: ReplayServer) -> None:
    server.replay("qwen/thinking-qwen3-max")
    await collect(connect("qwen", server.base_url, "").stream(replace(PLUS, model=THINKING)))
    assert server.requests[0].json["stream"] is True


async def test_models_that_do_not_chat_are_left_out(server: ReplayServer) -> None:
    chatting = [
        "qwen-plus",
        "qwen3.8-plus",
        "qwen3-vl-plus",
        "qwen3-omni-flash",
        "qwen-mt-plus",
        "deepseek-v3.2",
    ]
    others = [
        "text-embedding-v4",
        "qwen3-rerank",
        "qwen-image",
        "wan2.5-t2i",
        "qwen3-tts-flash",
        "qwen3-asr-flash",
    ]
    server.models = [*chatting, *others]
    assert [model.id for model in await connect("qwen", server.base_url, "key").models()] == chatting


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": {"code": "Arrearage", "message": "Access denied"}}, UpstreamQuotaExceeded),
        (429, {"error": {"code": "Throttling.RateQuota", "message": "Requests rate limit"}}, RateLimited),
        (429, {"error": {"code": "Throttling.AllocationQuota", "message": "Allocated quota"}}, RateLimited),
        (429, {"error": {"code": "limit_requests", "message": "Too many"}}, RateLimited),
        (400, {"error": {"code": "DataInspectionFailed", "message": "Output data"}}, ContentFiltered),
        (400, {"error": {"code": "data_inspection_failed", "message": "Input data"}}, ContentFiltered),
        (400, {"error": {"message": "Range of input length should be [1, 9]"}}, ContextLengthExceeded),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "data: {}\n\n"])
async def test_a_refusal_means_what_dashscope_means_by_it(
    server: ReplayServer, status: int, body: Any, expected: type[CompletionError], frame: str
) -> None:
    server.answer([frame.format(json.dumps({**body, "request_id": "1"})).encode()], status=status)
    with pytest.raises(expected) as refused:
        await collect(connect("qwen", server.base_url, "").stream(PLUS))
    assert type(refused.value) is expected
