import base64
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
    Text,
    Tool,
    ToolCall,
    Video,
    collect,
)
from chat.upstreams import connect
from chat.upstreams.chat_completions import ChatCompletionsUpstream
from chat.upstreams.compatible import Compatible
from chat.upstreams.openai import OpenAI
from tests.replay import ReplayServer

from .official import Chat, check

HELLO = ChatRequest("gpt-4o", (Message("user", (Text("Hello"),)),))
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()
PDF = base64.b64encode(b"%PDF-1.7\n%" + b"\xe2" * 4).decode()
WEATHER = Tool("weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


def sent(upstream: ChatCompletionsUpstream, request: ChatRequest) -> dict[str, Any]:
    fit, _ = upstream.prepared(request, upstream.capabilities(request.model))
    return upstream.body(fit)


def openai(request: ChatRequest) -> dict[str, Any]:
    return sent(OpenAI(api_key="key"), request)


def compatible(request: ChatRequest) -> dict[str, Any]:
    return sent(Compatible("http://127.0.0.1:1/v1"), request)


def told(*messages: Message) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = compatible(replace(HELLO, messages=messages))["messages"]
    return sent


def test_a_plain_question_is_sent_with_nothing_that_was_not_asked_for() -> None:
    assert compatible(HELLO) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_everything_that_was_asked_for_is_sent() -> None:
    request = replace(
        HELLO,
        max_output_tokens=100,
        temperature=0.2,
        top_p=0.9,
        stop=("END", "STOP"),
        seed=7,
        n=2,
        tools=(WEATHER,),
        tool_choice="required",
        parallel_tool_calls=False,
        response_format={"type": "json_object"},
        reasoning_effort="low",
        extra={"user": "someone", "top_k": 40},
    )
    body = compatible(request)
    assert body["max_tokens"] == 100
    assert (body["temperature"], body["top_p"], body["seed"], body["n"]) == (0.2, 0.9, 7, 2)
    assert body["stop"] == ["END", "STOP"]
    assert body["tools"] == [
        {
            "type": "function",
            "function": {"name": "weather", "description": "The weather.", "parameters": WEATHER.parameters},
        }
    ]
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
    assert body["response_format"] == {"type": "json_object"}
    assert body["reasoning_effort"] == "low"
    assert (body["user"], body["top_k"]) == ("someone", 40)


def test_neutral_values_count_as_unset() -> None:
    neutral = replace(
        HELLO,
        temperature=1,
        top_p=1.0,
        n=1,
        response_format={"type": "text"},
        tools=(),
        tool_choice="auto",
        parallel_tool_calls=True,
        extra={"presence_penalty": 0, "frequency_penalty": 0.0, "logprobs": False, "user": None},
    )
    assert compatible(neutral) == compatible(HELLO)
    assert openai(neutral) == openai(HELLO)


def test_a_temperature_of_zero_is_not_neutral() -> None:
    assert compatible(replace(HELLO, temperature=0))["temperature"] == 0


def test_extra_fields_do_not_replace_those_of_the_request() -> None:
    body = compatible(replace(HELLO, extra={"model": "other", "stream": False, "messages": []}))
    assert body == compatible(HELLO)


def test_openai_gets_only_the_extra_fields_that_it_knows() -> None:
    body = openai(replace(HELLO, extra={"verbosity": "low", "enable_thinking": True}))
    assert body["verbosity"] == "low"
    assert "enable_thinking" not in body


def test_openai_gets_its_own_name_of_the_token_limit() -> None:
    body = openai(replace(HELLO, max_output_tokens=5))
    assert body["max_completion_tokens"] == 5
    assert "max_tokens" not in body


@pytest.mark.parametrize(
    ("model", "role"),
    [
        ("gpt-4o", "system"),
        ("gpt-4.1-mini", "system"),
        ("gpt-3.5-turbo", "system"),
        ("gpt-5-chat-latest", "system"),
        ("ft:gpt-4o:us", "system"),
        ("o1", "developer"),
        ("o4-mini", "developer"),
        ("ft:o4-mini:us", "developer"),
        ("gpt-5", "developer"),
        ("gpt-5.6-sol", "developer"),
        ("gpt-6-luna", "developer"),
        ("gpt-10", "developer"),
    ],
)
def test_reasoning_models_of_openai_get_instructions_of_the_developer(model: str, role: str) -> None:
    for said in ("system", "developer"):
        instructions = Message(said, (Text("Be brief."),))  # type: ignore[arg-type]
        body = openai(replace(HELLO, model=model, messages=(instructions, *HELLO.messages)))
        assert [message["role"] for message in body["messages"]] == [role, "user"]


def test_other_servers_get_instructions_of_the_system() -> None:
    assert told(Message("developer", (Text("Be brief."),))) == [{"role": "system", "content": "Be brief."}]


def test_padding_is_declined_only_where_it_is_known() -> None:
    assert openai(HELLO)["stream_options"] == {"include_usage": True, "include_obfuscation": False}
    assert OpenAI("http://proxy.example/v1").body(HELLO)["stream_options"] == {"include_usage": True}


def test_a_tool_conversation_is_sent_in_order() -> None:
    call = ToolCall("call_1", "weather", '{"city": "Berlin"}')
    assert told(
        Message("user", (Text("Weather?"),), name="ada"),
        Message(
            "assistant", reasoning="A tool will know.", tool_calls=(call, ToolCall("call_2", "time", ""))
        ),
        Message("tool", (Text("15 °C"),), tool_call_id="call_1"),
    ) == [
        {"role": "user", "name": "ada", "content": "Weather?"},
        {
            "role": "assistant",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city": "Berlin"}'},
                },
                {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": "{}"}},
            ],
            "content": None,
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "15 °C"},
    ]


def test_reasoning_is_not_sent_back() -> None:
    assert told(Message("assistant", (Text("4"),), reasoning="2 + 2")) == [
        {"role": "assistant", "content": "4"}
    ]


def test_a_refusal_is_what_the_assistant_said() -> None:
    assert told(Message("assistant", refusal="I cannot.")) == [{"role": "assistant", "content": "I cannot."}]


def test_a_named_tool_can_be_demanded() -> None:
    body = compatible(replace(HELLO, tools=(Tool("now", strict=True),), tool_choice="function:now"))
    assert body["tool_choice"] == {"type": "function", "function": {"name": "now"}}
    assert body["tools"][0]["function"] == {
        "name": "now",
        "parameters": {"type": "object", "properties": {}},
        "strict": True,
    }


@pytest.mark.parametrize(
    ("part", "wire"),
    [
        (
            Image("https://a.example/b.png"),
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        ),
        (
            Image("data:image/png;base64,AA==", "low"),
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
        ),
        (Audio("AA==", "wav"), {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}),
        (File(file_id="file-1"), {"type": "file", "file": {"file_id": "file-1"}}),
        (
            File("a.pdf", "data:application/pdf;base64,AA=="),
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="}},
        ),
        (
            Video("https://a.example/b.mp4"),
            {"type": "video_url", "video_url": {"url": "https://a.example/b.mp4"}},
        ),
    ],
)
def test_each_kind_of_part_is_sent_beside_text(part: Part, wire: dict[str, Any]) -> None:
    assert told(Message("user", (Text("Look:"), part))) == [
        {"role": "user", "content": [{"type": "text", "text": "Look:"}, wire]}
    ]


@pytest.mark.parametrize(
    ("part", "wire"),
    [
        (Image(f"data:;base64,{PNG}"), {"image_url": {"url": f"data:image/png;base64,{PNG}"}}),
        (Image(f"DATA:image/jpeg;base64,{PNG}"), {"image_url": {"url": f"data:image/png;base64,{PNG}"}}),
        (
            File("a.pdf", f"data:;base64,{PDF}"),
            {"file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
        ),
    ],
)
def test_a_file_is_sent_with_the_type_that_its_content_shows(part: Part, wire: dict[str, Any]) -> None:
    (content,) = told(Message("user", (part,)))[0]["content"]
    assert content == {"type": content["type"], **wire}


@pytest.mark.parametrize(
    "part", [Video("https://a.example/b.mp4"), File(url="https://a.example/b.pdf"), File()]
)
def test_a_part_that_cannot_be_sent_is_named(part: Part) -> None:
    messages = (Message("user", (Text("Hello"),)), Message("user", (Text("Look:"), part)))
    with pytest.raises(InvalidRequest, match=type(part).__name__.lower()) as refused:
        openai(replace(HELLO, messages=messages))
    assert (refused.value.param, refused.value.code) == ("messages[1].content[1].type", "unsupported_value")


def test_a_picture_that_a_tool_found_is_shown_behind_the_results() -> None:
    calls = (ToolCall("call_1", "photo", "{}"), ToolCall("call_2", "photo", "{}"))
    found = (
        Message(
            "tool", (Text("A cat."), Image("https://a.example/1.png"), Text("Grey.")), tool_call_id="call_1"
        ),
        Message("tool", (Image("https://a.example/2.png"),), tool_call_id="call_2"),
    )
    asked, thanks = HELLO.messages[0], Message("user", (Text("Thanks"),))
    for rest in ((), (thanks,)):
        request = replace(HELLO, messages=(asked, Message("assistant", tool_calls=calls), *found, *rest))
        body = openai(request)
        check(body, Chat)
        _, _, first, second, shown, *last = body["messages"]
        assert first["role"] == "tool"
        assert [part["text"] for part in first["content"]] == ["A cat.", "Grey."]
        assert (second["role"], second["content"]) == ("tool", "The user shows the result after this.")
        assert shown["role"] == "user"
        assert [part["image_url"]["url"][-5:] for part in shown["content"]] == ["1.png", "2.png"]
        assert [message["content"] for message in last] == ["Thanks"] * len(rest)


async def test_the_key_travels_as_a_bearer_token(server: ReplayServer) -> None:
    server.say("Hi")
    await collect(connect("compatible", server.base_url, "the-key").stream(HELLO))
    await collect(connect("compatible", f"{server.base_url}/", "").stream(HELLO))
    first, second = server.requests
    assert first.path == second.path == "/v1/chat/completions"
    assert first.headers["authorization"] == "Bearer the-key"
    assert "authorization" not in second.headers
    assert first.json["messages"] == [{"role": "user", "content": "Hello"}]


async def test_a_server_that_refuses_stream_options_is_asked_without_them(server: ReplayServer) -> None:
    server.answer([b'{"error":{"message":"Unrecognized request argument: stream_options"}}'], status=400)
    server.say("Hi")
    completion = await collect(connect("compatible", server.base_url, "").stream(HELLO))
    assert completion.choices[0].content == "Hi"
    assert [("stream_options" in request.json) for request in server.requests] == [True, False]


async def test_a_request_refused_for_another_reason_is_sent_once(server: ReplayServer) -> None:
    server.answer([b'{"error":{"message":"temperature is too high","param":"temperature"}}'], status=400)
    with pytest.raises(InvalidRequest, match="temperature is too high") as refused:
        await collect(connect("compatible", server.base_url, "").stream(HELLO))
    assert refused.value.param == "temperature"
    assert len(server.requests) == 1


def test_a_family_without_an_adapter_is_an_error() -> None:
    with pytest.raises(ValueError, match="carrier-pigeon"):
        connect("carrier-pigeon", "", "")


PICTURE = Image("https://a.example/b.png", "low")
DOCUMENT = File("a.pdf", "data:application/pdf;base64,AA==")
CALL = ToolCall("call_1", "weather", "{}", signature="c2ln")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"messages": (Message("user", (Text("See:"), PICTURE, DOCUMENT, File(file_id="file-1"))),)},
        {"messages": (Message("user", (Audio("AA==", "mp3"),), name="ada"),), "model": "gpt-audio"},
        {"messages": (Message("user", (File(url="data:application/pdf;base64,AA=="),)),)},
        {
            "tools": (WEATHER, Tool("now", strict=True)),
            "tool_choice": "function:now",
            "parallel_tool_calls": True,
        },
        {"response_format": {"type": "json_object"}, "stop": ("a", "b"), "seed": 1, "n": 2},
        {"model": "gpt-5.2", "reasoning_effort": "xhigh", "max_output_tokens": 9},
        {"temperature": 0.2, "extra": {"logprobs": True, "top_logprobs": 2, "logit_bias": {"1": 1}}},
        {"extra": {"verbosity": "low", "store": True, "metadata": {"a": "b"}, "service_tier": "flex"}},
        {"extra": {"modalities": ["text"], "prediction": {"type": "content", "content": "x"}, "user": "ada"}},
        {"extra": {"thinking": {}, "reasoning_content": "x", "top_k": 4, "min_p": 1}},
        {
            "messages": (
                Message("developer", (Text("Be brief."),)),
                Message("assistant", tool_calls=(CALL,), reasoning="Hm.", name="bot"),
                Message("tool", (Text("15 °C"),), name="weather", tool_call_id="call_1"),
                Message("assistant", refusal="No."),
            )
        },
    ],
)
def test_every_body_is_one_that_openais_own_client_could_send(asked: dict[str, Any]) -> None:
    check(openai(replace(HELLO, **asked)), Chat)


@pytest.mark.parametrize("model", ["o1-mini", "o1-preview-2024-09-12"])
def test_the_first_reasoning_models_are_instructed_by_the_user(model: str) -> None:
    instructions = Message("system", (Text("Be brief."),))
    body = openai(replace(HELLO, model=model, messages=(instructions, *HELLO.messages)))
    assert [message["role"] for message in body["messages"]] == ["user", "user"]


SAMPLING = {"temperature": 0.2, "top_p": 0.5, "extra": {"presence_penalty": 1, "logit_bias": {"1": 1}}}


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("gpt-4o", None, None),
        ("gpt-4o", "high", None),
        ("gpt-4.1-nano", "low", None),
        ("gpt-5-chat-latest", "low", None),
        ("o3-mini", "minimal", "low"),
        ("o4-mini", "none", "low"),
        ("o4-mini", "max", "high"),
        ("gpt-5-nano", "none", "minimal"),
        ("gpt-5.1", "minimal", "low"),
        ("gpt-5.1", "xhigh", "high"),
        ("gpt-5.2", "max", "xhigh"),
        ("gpt-5.2-chat-latest", "high", "medium"),
        ("gpt-5.6-luna", "minimal", "low"),
        ("gpt-6-astra", "none", "low"),
        ("gpt-6.1-terra", "none", "none"),
        ("gpt-12", "whatever", "whatever"),
    ],
)
def test_an_effort_becomes_one_that_the_model_takes(model: str, asked: str | None, sent: str | None) -> None:
    assert openai(replace(HELLO, model=model, reasoning_effort=asked)).get("reasoning_effort") == sent


@pytest.mark.parametrize(
    ("model", "effort", "taken"),
    [
        ("gpt-4o", None, True),
        ("gpt-5-chat-latest", None, True),
        ("o3", None, False),
        ("gpt-5", "minimal", False),
        ("gpt-5.2", None, True),
        ("gpt-5.2", "low", False),
        ("gpt-5.2-chat-latest", None, False),
        ("gpt-5.5", None, False),
        ("gpt-5.5", "none", True),
        ("gpt-6.1-sol", None, False),
    ],
)
def test_sampling_is_sent_only_while_a_model_does_not_reason(
    model: str, effort: str | None, *, taken: bool
) -> None:
    body = openai(replace(HELLO, model=model, reasoning_effort=effort, **SAMPLING))  # type: ignore[arg-type]
    assert ("temperature" in body, "logit_bias" in body) == (taken, taken)


@pytest.mark.parametrize(
    ("model", "stops"), [("gpt-4o", True), ("o3", False), ("o4-mini", False), ("gpt-5.2", True)]
)
def test_stops_are_sent_only_where_they_are_taken(model: str, *, stops: bool) -> None:
    assert ("stop" in openai(replace(HELLO, model=model, stop=("END",)))) is stops


def test_a_call_of_another_provider_keeps_to_the_longest_id_that_openai_takes() -> None:
    calls = (ToolCall("x" * 41, "now", "{}"), ToolCall("x" * 42, "now", "{}"), ToolCall("a.b", "now", "{}"))
    results = (Message("tool", (Text("12"),), tool_call_id=call.id) for call in calls)
    messages = (*HELLO.messages, Message("assistant", tool_calls=calls), *results)
    _, asked, *answered = openai(replace(HELLO, messages=messages))["messages"]
    ids = [call["id"] for call in asked["tool_calls"]]
    assert ids == [message["tool_call_id"] for message in answered]
    assert [len(each) for each in ids] == [40, 40, 3]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.2"])
def test_of_many_stops_the_first_four_are_sent(model: str) -> None:
    assert openai(replace(HELLO, model=model, stop=tuple("abcde")))["stop"] == list("abcd")


def test_a_film_is_refused_before_it_is_sent() -> None:
    film = Message("user", (Text("Look:"), Video("https://a.example/b.mp4")))
    with pytest.raises(InvalidRequest, match="gpt-4o does not take video input") as refused:
        openai(replace(HELLO, messages=(film,)))
    assert (refused.value.param, refused.value.code) == ("messages[0].content[1].type", "unsupported_value")


async def test_what_was_changed_is_reported_before_the_answer(server: ReplayServer) -> None:
    server.say("Hi")
    request = replace(HELLO, model="gpt-5", temperature=0.2, reasoning_effort="none", extra={"top_k": 4})
    chunks = [chunk async for chunk in connect("openai", server.base_url, "").stream(request)]
    reported = ["top_k", "reasoning_effort=minimal", "temperature"]
    assert [str(adjustment) for adjustment in chunks[0].adjustments] == reported
    assert not any(chunk.adjustments for chunk in chunks[1:])
