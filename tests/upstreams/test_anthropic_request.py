"""What is sent to Anthropic. Every body is also checked against the types of its official SDK."""

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from pydantic import TypeAdapter

from chat.completions import (
    Adjustment,
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
)
from chat.upstreams.anthropic import Anthropic
from chat.upstreams.anthropic_request import Asking, asking
from chat.upstreams.anthropic_schema import strict_schema
from chat.upstreams.capabilities import capabilities
from chat.upstreams.fitting import fitted
from tests.replay import STREAMS

SDK = TypeAdapter(MessageCreateParamsStreaming)
# The SDK speaks a later version of the API, which has no sampling.
SAMPLING = ("temperature", "top_p", "top_k")

HAIKU, OPUS, SONNET = "claude-haiku-4-5-20251001", "claude-opus-5", "claude-sonnet-4-6"
UNFORCED = "claude-opus-5-5"
HELLO = ChatRequest(HAIKU, (Message("user", (Text("Hello"),)),))
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("weather", "The weather.", CITY)
CALL = ToolCall("call_1", "weather", '{"city": "Berlin"}')
THOUGHTS = (
    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
    {"type": "redacted_thinking", "data": "x"},
)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()
PDF = base64.b64encode(b"%PDF-1.7\n%" + b"\xe2" * 4).decode()


def asked(request: ChatRequest) -> tuple[Asking, list[str]]:
    """What is sent, and what had to be changed for it."""
    can = capabilities("anthropic", request.model)
    fit, adjustments = fitted(request, can, Anthropic.extra)
    sent = asking(fit, can)
    known = {name: value for name, value in sent.body.items() if name not in SAMPLING}
    assert plain(SDK.validate_python(known)) == known
    return sent, [str(adjustment) for adjustment in adjustments + sent.adjustments]


def plain(value: Any) -> Any:
    """With what the SDK's types read lazily read, and without what they do not know."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, str):
        return value
    return [plain(each) for each in value] if isinstance(value, Iterable) else value


def body(request: ChatRequest = HELLO, **changes: Any) -> dict[str, Any]:
    return asked(replace(request, **changes))[0].body


def adjusted(request: ChatRequest = HELLO, **changes: Any) -> list[str]:
    return asked(replace(request, **changes))[1]


def turns(*messages: Message, model: str = HAIKU, **changes: Any) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = body(model=model, messages=messages, **changes)["messages"]
    return written


def said(role: Any, *texts: str) -> Message:
    return Message(role, tuple(Text(text) for text in texts))


def text(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": each} for each in texts]


def called(*calls: ToolCall, state: ReasoningState | None = None) -> Message:
    return Message("assistant", tool_calls=calls, reasoning_state=state)


def result(call_id: str, *texts: str) -> Message:
    return Message("tool", tuple(Text(each) for each in texts), tool_call_id=call_id)


def test_a_plain_question_is_sent_with_nothing_that_was_not_asked_for() -> None:
    assert asked(HELLO) == (
        Asking(
            {
                "model": HAIKU,
                "max_tokens": 64000,
                "messages": [{"role": "user", "content": text("Hello")}],
                "stream": True,
            }
        ),
        [],
    )


# Messages


def test_instructions_at_the_beginning_stand_apart() -> None:
    written = body(
        messages=(said("system", "Be brief.", " "), said("developer", "Be kind."), *HELLO.messages)
    )
    assert written["system"] == text("Be brief.", "Be kind.")
    assert written["messages"] == [{"role": "user", "content": text("Hello")}]


LATE = (
    said("user", "Hello"),
    said("assistant", "Hi"),
    said("system", "Now in French."),
    said("user", "More"),
)


@pytest.mark.parametrize("model", [HAIKU, "claude-opus-4-7", "claude-sonnet-5"])
def test_later_instructions_are_said_by_the_user_where_the_model_heeds_no_others(model: str) -> None:
    assert turns(*LATE, model=model)[2:] == [
        {"role": "user", "content": text("<system>Now in French.</system>", "More")}
    ]
    assert turns(*LATE[:1], LATE[2], model=model) == [
        {"role": "user", "content": text("Hello", "<system>Now in French.</system>")}
    ]


@pytest.mark.parametrize("model", ["claude-opus-4-8", OPUS, "claude-fable-5", "claude-mythos-5-2"])
def test_later_instructions_keep_their_role_after_a_user(model: str) -> None:
    assert turns(LATE[0], LATE[2], LATE[1], LATE[3], model=model) == [
        {"role": "user", "content": text("Hello")},
        {"role": "system", "content": text("Now in French.")},
        {"role": "assistant", "content": text("Hi")},
        {"role": "user", "content": text("More")},
    ]
    assert turns(*LATE, model=model)[2:] == [
        {"role": "user", "content": text("<system>Now in French.</system>", "More")}
    ]
    assert turns(LATE[0], LATE[2], LATE[3], model=model) == [
        {"role": "user", "content": text("Hello", "<system>Now in French.</system>", "More")}
    ]


def test_what_one_side_says_in_a_row_is_one_turn() -> None:
    assert turns(
        said("user", "a"),
        said("user", "b"),
        said("assistant", "c"),
        said("assistant", "d"),
        said("user", "e"),
    ) == [
        {"role": "user", "content": text("a", "b")},
        {"role": "assistant", "content": text("c", "d")},
        {"role": "user", "content": text("e")},
    ]


def test_the_user_begins() -> None:
    assert turns(said("assistant", "Hi, ask me."), said("user", "Hello"))[0] == {
        "role": "user",
        "content": text("."),
    }
    assert turns(said("system", "Say something.")) == [{"role": "user", "content": text(".")}]


def test_empty_text_is_left_out_and_so_is_a_message_without_any() -> None:
    assert turns(said("user", "a", "", " \n"), said("assistant", " "), said("user", "b")) == [
        {"role": "user", "content": text("a", "b")}
    ]


def test_a_refusal_is_what_the_assistant_said() -> None:
    assert turns(said("user", "?"), Message("assistant", refusal="I cannot."), said("user", "!"))[1] == {
        "role": "assistant",
        "content": text("I cannot."),
    }


def test_the_beginning_of_an_answer_is_gone_on_with_where_the_model_can() -> None:
    messages = (said("user", "Count."), said("assistant", "1, 2, \n"))
    assert turns(*messages)[-1] == {"role": "assistant", "content": text("1, 2,")}
    for changes in ({"model": OPUS}, {"model": SONNET}, {"reasoning_effort": "low"}):
        written, changed = asked(replace(HELLO, messages=messages, **changes))  # type: ignore[arg-type]
        assert written.body["messages"][-1] == {"role": "user", "content": text("Continue.")}
        assert "messages=followed by Continue" in changed


def test_a_tool_conversation_is_sent_in_order_with_all_results_first_in_one_turn() -> None:
    second = ToolCall("call_2", "time", "")
    written = turns(
        said("user", "Weather?"),
        replace(called(CALL, second), parts=(Text("Let me see."),)),
        result("call_1", "15 °C"),
        said("user", "Quick!"),
        result("call_2"),
        tools=(WEATHER,),
    )
    assert written[1:] == [
        {
            "role": "assistant",
            "content": [
                *text("Let me see."),
                {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Berlin"}},
                {"type": "tool_use", "id": "call_2", "name": "time", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": text("15 °C")},
                {"type": "tool_result", "tool_use_id": "call_2"},
                *text("Quick!"),
            ],
        },
    ]


@pytest.mark.parametrize(("arguments", "given"), [("{", {"_raw": "{"}), ("[1]", {"_raw": "[1]"}), (" ", {})])
def test_arguments_that_are_no_object_are_still_sent_as_one(arguments: str, given: dict[str, str]) -> None:
    written = turns(said("user", "?"), called(replace(CALL, arguments=arguments)), result("call_1", "x"))
    assert written[1]["content"][0]["input"] == given


def test_ids_are_brought_within_the_alphabet_and_never_used_twice() -> None:
    odd = replace(CALL, id="functions.weather:0")
    written = turns(said("user", "?"), called(odd), result(odd.id, "a"), called(odd), result(odd.id, "b"))
    uses = [turn["content"][0]["id"] for turn in written if turn["role"] == "assistant"]
    results = [turn["content"][0]["tool_use_id"] for turn in written[2::2]]
    assert uses == results
    assert len(set(uses)) == 2
    assert all(each.replace("_", "").isalnum() for each in uses)


# Files


def part(part: Part, **changes: Any) -> dict[str, Any]:
    written: dict[str, Any] = turns(Message("user", (part,)), **changes)[0]["content"][0]
    return written


def test_pictures_are_sent_with_the_type_that_their_content_shows() -> None:
    assert part(Image("https://a.example/b.png")) == {
        "type": "image",
        "source": {"type": "url", "url": "https://a.example/b.png"},
    }
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    assert part(Image(f"data:image/jpeg;base64,{PNG}")) == {"type": "image", "source": source}
    assert part(File("a.png", f"data:;base64,{PNG}")) == {"type": "image", "source": source}


def test_documents_are_sent_as_pdf_or_as_text() -> None:
    assert part(File("a.pdf", f"data:application/octet-stream;base64,{PDF}")) == {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
        "title": "a.pdf",
    }
    for kind in ("text/csv", "application/json"):
        assert part(File("a", f"data:{kind};base64,{base64.b64encode('é,1'.encode()).decode()}")) == {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "é,1"},
            "title": "a",
        }


def test_a_stored_file_is_sent_by_its_id() -> None:
    sent, _ = asked(replace(HELLO, messages=(Message("user", (File(file_id="file_1"),)),)))
    assert sent.body["messages"][0]["content"] == [
        {"type": "document", "source": {"type": "file", "file_id": "file_1"}}
    ]
    assert sent.uses_stored_files


@pytest.mark.parametrize(
    "unreadable",
    [
        Audio("AA==", "wav"),
        Video("https://a.example/b.mp4"),
        File("a.zip", f"data:application/zip;base64,{base64.b64encode(bytes(range(256))).decode()}"),
        Image(f"data:image/png;base64,{base64.b64encode(b'BM' + bytes(60)).decode()}"),
        File("a"),
    ],
)
def test_what_cannot_be_read_is_named(unreadable: Part) -> None:
    with pytest.raises(InvalidRequest) as refused:
        part(unreadable)
    assert refused.value.param is not None
    assert refused.value.param.startswith("messages[0].content[0]")


def test_what_is_to_be_cached_is_marked_where_it_ends() -> None:
    mark = {"type": "ephemeral", "ttl": "1h"}
    document = File("a.pdf", f"data:application/pdf;base64,{PDF}", cache_control=mark)
    picture = Image(f"data:image/png;base64,{PNG}", cache_control=mark)
    messages = (
        Message("system", (Text("Be brief."), Text("Be kind.", mark))),
        Message("user", (document, picture, Text("Compare."))),
        Message("assistant", tool_calls=(CALL,)),
        Message("tool", (Text("Sunny", mark), Text("Warm")), tool_call_id="call_1"),
    )
    written = body(messages=messages, tools=(WEATHER,))
    assert [block.get("cache_control") for block in written["system"]] == [None, mark]
    asked_for, _, answered = written["messages"]
    assert [block.get("cache_control") for block in asked_for["content"]] == [mark, mark, None]
    (answer,) = answered["content"]
    assert answer["cache_control"] == mark
    assert [block["text"] for block in answer["content"]] == ["Sunny", "Warm"]
    assert all("cache_control" not in block for block in answer["content"])


def test_a_mark_for_the_cache_stays_where_a_text_is_changed() -> None:
    mark = {"type": "ephemeral"}
    messages = (
        *HELLO.messages,
        Message("system", (Text("Be kind.", mark),)),
        Message("user", (Text("And?"),)),
        Message("assistant", (Text("I am ", mark),)),
    )
    asked, begun = body(messages=messages)["messages"]
    assert {"type": "text", "text": "<system>Be kind.</system>", "cache_control": mark} in asked["content"]
    assert begun["content"] == [{"type": "text", "text": "I am", "cache_control": mark}]


def test_an_assistant_only_speaks() -> None:
    picture = Message("assistant", (Image("https://a.example/b.png"),))
    with pytest.raises(InvalidRequest, match="image") as refused:
        turns(said("user", "?"), picture, said("user", "!"))
    assert refused.value.param == "messages[1].content[0].type"


def test_a_tool_may_answer_with_a_picture() -> None:
    shown = Message("tool", (Text("Look:"), Image("https://a.example/b.png")), tool_call_id="call_1")
    content = turns(said("user", "?"), called(CALL), shown)[2]["content"][0]["content"]
    assert [block["type"] for block in content] == ["text", "image"]


# Tools


def test_tools_are_declared_with_schemas_of_objects() -> None:
    bare = Tool("now")
    union = Tool(
        "find", parameters={"anyOf": [CITY, {"type": "object", "properties": {"zip": {"type": "string"}}}]}
    )
    whole = Tool("both", parameters={"allOf": [CITY, {"properties": {"zip": {}}, "required": ["zip"]}]})
    named = Tool("ref", parameters={"$ref": "#/$defs/City", "$defs": {"City": CITY}})
    schemas = {
        each["name"]: each["input_schema"]
        for each in body(tools=(WEATHER, bare, union, whole, named))["tools"]
    }
    assert schemas["weather"] == CITY
    assert schemas["now"] == {"type": "object", "properties": {}}
    assert schemas["find"] == {
        "type": "object",
        "properties": {"city": {"type": "string"}, "zip": {"type": "string"}},
    }
    assert schemas["both"]["required"] == ["city", "zip"]
    assert schemas["ref"]["properties"] == CITY["properties"]


def test_a_strict_tool_is_strict_where_its_schema_can_be() -> None:
    (written,) = body(tools=(replace(WEATHER, strict=True),))["tools"]
    assert written["strict"] is True
    assert written["input_schema"] == CITY | {"additionalProperties": False}
    open_ended = Tool("any", parameters={"type": "object", "additionalProperties": True}, strict=True)
    assert "strict" not in body(tools=(open_ended,))["tools"][0]
    assert adjusted(tools=(open_ended,)) == ["strict"]
    assert adjusted(tools=(replace(WEATHER, strict=True),), model="claude-3-7-sonnet-20250219") == ["strict"]


def test_names_are_brought_within_the_alphabet_and_known_again() -> None:
    odd, long = Tool("get.weather/now"), Tool("x" * 200)
    sent, _ = asked(replace(HELLO, tools=(odd, long, WEATHER), tool_choice="function:get.weather/now"))
    first, second, third = (each["name"] for each in sent.body["tools"])
    assert sent.names == {first: odd.name, second: long.name}
    assert len(second) == 128
    assert third == "weather"
    assert sent.body["tool_choice"] == {"type": "tool", "name": first}


def test_tools_of_the_past_are_declared_where_none_are_offered() -> None:
    written = body(messages=(said("user", "?"), called(CALL), result("call_1", "x"), said("user", "And?")))
    assert written["tools"] == [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}]
    assert written["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize(
    ("choice", "parallel", "written"),
    [
        (None, None, None),
        (None, True, None),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("auto", None, {"type": "auto"}),
        ("none", False, {"type": "none"}),
        ("required", None, {"type": "any"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        ("function:weather", None, {"type": "tool", "name": "weather"}),
    ],
)
def test_the_choice_of_a_tool_has_its_own_words(choice: Any, parallel: Any, written: Any) -> None:
    sent = body(tools=(WEATHER,), tool_choice=choice, parallel_tool_calls=parallel)
    assert sent.get("tool_choice") == written


def test_a_model_that_cannot_be_forced_is_left_the_named_tool_and_told_to_call_it() -> None:
    request = replace(HELLO, model=UNFORCED, tools=(WEATHER, Tool("now")), tool_choice="function:weather")
    sent, changed = asked(request)
    assert [each["name"] for each in sent.body["tools"]] == ["weather"]
    assert sent.body["tool_choice"] == {"type": "auto"}
    assert "weather" in sent.body["system"][0]["text"]
    assert changed == ["tool_choice=auto"]
    sent, _ = asked(replace(request, tool_choice="required"))
    assert len(sent.body["tools"]) == 2


def test_a_forced_tool_stops_reasoning_with_a_budget_and_no_other() -> None:
    forced = {"tools": (WEATHER,), "tool_choice": "required", "reasoning_effort": "low"}
    assert "thinking" not in body(**forced)
    assert adjusted(**forced) == ["reasoning_effort=none"]
    assert body(model=SONNET, **forced)["thinking"]["type"] == "adaptive"
    assert adjusted(model=SONNET, **forced) == []


# Limits and sampling


@pytest.mark.parametrize(
    ("model", "asked_for", "sent"),
    [
        (HAIKU, None, 64000),
        (HAIKU, 10, 10),
        (HAIKU, 10**6, 64000),
        (OPUS, None, 128000),
        ("claude-unknown", None, 8192),
        ("claude-3-opus-20240229", None, 4096),
    ],
)
def test_a_limit_is_always_sent(model: str, asked_for: int | None, sent: int) -> None:
    assert body(model=model, max_output_tokens=asked_for)["max_tokens"] == sent


def test_a_temperature_stays_within_what_claude_takes_and_stands_alone() -> None:
    written = body(temperature=1.5, top_p=0.9)
    assert written["temperature"] == 1
    assert "top_p" not in written
    assert adjusted(temperature=1.5, top_p=0.9) == ["top_p", "temperature=1"]
    assert body(top_p=0.9)["top_p"] == 0.9
    assert body(extra={"top_k": 5})["top_k"] == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"model": OPUS},
        {"model": "claude-opus-4-7"},
        {"reasoning_effort": "low"},
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
    ],
)
def test_sampling_is_left_out_and_reported_where_it_is_refused(changes: dict[str, Any]) -> None:
    extra = {"top_k": 5} | ({"thinking": changes.pop("thinking")} if "thinking" in changes else {})
    asked_for = replace(HELLO, temperature=0.5, extra=extra, **changes)
    assert not {"temperature", "top_k"} & set(body(asked_for))
    assert set(adjusted(asked_for)) == {"temperature", "top_k"}


def test_stops_of_white_space_are_left_out() -> None:
    assert body(stop=("END", "\n\n"))["stop_sequences"] == ["END"]
    assert adjusted(stop=("END", "\n\n")) == ["stop=without white space"]
    assert "stop_sequences" not in body(stop=("\n",))


def test_what_claude_has_no_word_for_is_left_out_and_reported() -> None:
    extra = {"frequency_penalty": 1, "logit_bias": {"1": 1}, "logprobs": True}
    assert body(seed=7, extra=extra) == body()
    assert sorted(adjusted(seed=7, extra=extra)) == ["frequency_penalty", "logit_bias", "logprobs", "seed"]


# Reasoning


@pytest.mark.parametrize(
    ("model", "effort", "thinking", "config"),
    [
        (HAIKU, None, None, None),
        (HAIKU, "none", None, None),
        (HAIKU, "minimal", {"type": "enabled", "budget_tokens": 2048}, None),
        (HAIKU, "high", {"type": "enabled", "budget_tokens": 16384}, None),
        ("claude-opus-4-5", "medium", {"type": "enabled", "budget_tokens": 8192}, {"effort": "medium"}),
        ("claude-3-5-sonnet-20241022", "high", None, None),
        (SONNET, None, None, None),
        (SONNET, "xhigh", {"type": "adaptive", "display": "summarized"}, {"effort": "max"}),
        ("claude-opus-4-7", "xhigh", {"type": "adaptive", "display": "summarized"}, {"effort": "xhigh"}),
        (OPUS, None, {"type": "adaptive", "display": "summarized"}, None),
        (OPUS, "none", {"type": "disabled"}, None),
        ("claude-sonnet-5-5", "none", {"type": "between_tools"}, None),
        ("claude-fable-5", "none", {"type": "adaptive", "display": "summarized"}, {"effort": "low"}),
    ],
)
def test_effort_is_asked_for_as_each_model_takes_it(
    model: str, effort: Any, thinking: Any, config: Any
) -> None:
    written = body(model=model, reasoning_effort=effort)
    assert written.get("thinking") == thinking
    assert written.get("output_config") == config


def test_a_budget_leaves_room_for_the_answer() -> None:
    written = body(reasoning_effort="high", max_output_tokens=500)
    assert (written["max_tokens"], written["thinking"]["budget_tokens"]) == (16884, 16384)
    assert adjusted(reasoning_effort="high", max_output_tokens=500) == ["max_completion_tokens=16884"]
    small = body(model="claude-unknown", reasoning_effort="high")
    assert (small["max_tokens"], small["thinking"]["budget_tokens"]) == (8192, 7168)


def test_thinking_in_claudes_own_words_is_passed_on() -> None:
    thinking = {"type": "enabled", "budget_tokens": 5000}
    assert body(extra={"thinking": thinking})["thinking"] == thinking
    assert adjusted(extra={"thinking": thinking}) == []


@pytest.mark.parametrize(
    ("model", "thinking", "sent", "reported"),
    [
        (OPUS, {"type": "enabled", "budget_tokens": 5000}, "adaptive", ["thinking=adaptive"]),
        ("claude-opus-4-7", {"type": "enabled", "budget_tokens": 5000}, "adaptive", ["thinking=adaptive"]),
        (SONNET, {"type": "enabled", "budget_tokens": 5000}, "enabled", []),
        ("claude-3-5-haiku-20241022", {"type": "enabled", "budget_tokens": 2000}, None, ["thinking"]),
        (HAIKU, {"type": "adaptive", "display": "summarized"}, "enabled", ["thinking=enabled"]),
        ("claude-3-5-haiku-20241022", {"type": "adaptive"}, None, ["thinking"]),
        (SONNET, {"type": "adaptive"}, "adaptive", []),
        (OPUS, {"type": "disabled"}, "disabled", []),
        (OPUS, {"type": "between_tools"}, "disabled", ["thinking=disabled"]),
        ("claude-sonnet-5-5", {"type": "disabled"}, "between_tools", ["thinking=between_tools"]),
        (HAIKU, {"type": "between_tools"}, "disabled", ["thinking=disabled"]),
        ("claude-fable-5", {"type": "disabled"}, "adaptive", ["thinking=adaptive"]),
        ("claude-fable-5", {"type": "between_tools"}, "adaptive", ["thinking=adaptive"]),
    ],
)
def test_thinking_in_the_words_of_another_claude_is_asked_for_in_those_of_this_one(
    model: str, thinking: dict[str, Any], sent: str | None, reported: list[str]
) -> None:
    extra = {"thinking": thinking}
    assert body(model=model, extra=extra).get("thinking", {}).get("type") == sent
    assert adjusted(model=model, extra=extra) == reported


@pytest.mark.parametrize(("wanted", "sent"), [(100, 1024), (10**6, 62976), ("many", 1024), (None, 1024)])
def test_a_budget_that_claude_does_not_take_is_moved_to_one_that_it_does(wanted: Any, sent: int) -> None:
    extra = {"thinking": {"type": "enabled", "budget_tokens": wanted}}
    assert body(extra=extra)["thinking"]["budget_tokens"] == sent
    assert adjusted(extra=extra) == [f"thinking={sent} tokens"]


def own(model: str = HAIKU) -> ReasoningState:
    return ReasoningState("anthropic", model, THOUGHTS)


def loop(state: ReasoningState | None, model: str = HAIKU, **changes: Any) -> ChatRequest:
    messages = (said("user", "?"), called(CALL, state=state), result("call_1", "x"))
    return replace(HELLO, model=model, messages=messages, tools=(WEATHER,), reasoning_effort="low", **changes)


def test_reasoning_goes_back_as_it_was_before_everything_else() -> None:
    content = body(loop(own()))["messages"][1]["content"]
    assert content[:2] == list(THOUGHTS)
    assert content[2]["type"] == "tool_use"
    assert adjusted(loop(own())) == []


@pytest.mark.parametrize(
    "state", [None, own("claude-haiku-3"), ReasoningState("gemini", HAIKU, ({"thoughtSignature": "x"},))]
)
def test_reasoning_of_another_does_not_and_a_budget_is_then_no_use(state: ReasoningState | None) -> None:
    written, changed = asked(loop(state))
    assert [block["type"] for block in written.body["messages"][1]["content"]] == ["tool_use"]
    assert "thinking" not in written.body
    assert changed == ["reasoning_effort=none"]
    assert body(loop(state, SONNET))["thinking"]["type"] == "adaptive"
    assert adjusted(loop(state, SONNET)) == []


def test_thinking_that_cannot_go_on_is_reported_under_the_name_it_was_asked_by() -> None:
    request = replace(
        loop(None), reasoning_effort=None, extra={"thinking": {"type": "enabled", "budget_tokens": 2000}}
    )
    assert adjusted(request) == ["thinking"]


def test_a_new_question_is_thought_about_whatever_came_before() -> None:
    earlier = (*loop(None).messages, said("assistant", "Fine."), said("user", "And now?"))
    assert body(messages=earlier, reasoning_effort="low")["thinking"]["type"] == "enabled"


# Formats


def in_json(schema: dict[str, Any], **changes: Any) -> tuple[Asking, list[str]]:
    wanted = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
    return asked(replace(HELLO, response_format=wanted, **changes))


def test_a_schema_is_held_to_where_the_model_can() -> None:
    sent, changed = in_json(CITY)
    assert sent.body["output_config"] == {
        "format": {"type": "json_schema", "schema": CITY | {"additionalProperties": False}}
    }
    assert changed == []
    sent, _ = in_json(CITY, model=OPUS, reasoning_effort="low")
    assert set(sent.body["output_config"]) == {"effort", "format"}


OPEN = {
    "type": "object",
    "properties": {"tags": {"type": "object", "additionalProperties": {"type": "string"}}},
}


@pytest.mark.parametrize(("schema", "model"), [(OPEN, HAIKU), (CITY, "claude-3-5-sonnet-20241022")])
def test_another_schema_is_that_of_a_tool_which_is_the_answer(schema: dict[str, Any], model: str) -> None:
    sent, changed = in_json(schema, model=model)
    assert sent.answer_tool == "json_response"
    assert sent.body["tool_choice"] == {"type": "tool", "name": "json_response"}
    assert sent.body["tools"][0]["input_schema"] == schema
    assert changed == ["response_format=tool"]


@pytest.mark.parametrize("changes", [{"model": UNFORCED}, {"tools": (WEATHER,)}, {"reasoning_effort": "low"}])
def test_where_no_tool_can_be_forced_the_schema_is_an_instruction(changes: dict[str, Any]) -> None:
    sent, changed = in_json(OPEN, **changes)
    assert sent.may_be_fenced
    assert sent.answer_tool is None
    assert '"additionalProperties":{"type":"string"}' in sent.body["system"][-1]["text"]
    assert changed == ["response_format=instruction"]


def test_an_object_of_any_kind_is_an_instruction() -> None:
    sent, changed = asked(replace(HELLO, response_format={"type": "json_object"}))
    assert sent.may_be_fenced
    assert "JSON object" in sent.body["system"][0]["text"]
    assert changed == ["response_format=instruction"]


def test_an_unknown_format_is_refused() -> None:
    for wanted in ({"type": "yaml"}, {"type": "json_schema"}):
        with pytest.raises(InvalidRequest) as refused:
            body(response_format=wanted)
        assert refused.value.param == "response_format"


def test_what_a_schema_cannot_demand_is_said_in_its_description() -> None:
    strict = strict_schema(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "age": {"type": "integer", "minimum": 1, "description": "In years."},
                "mail": {"type": "string", "format": "email", "maxLength": 9},
                "plate": {"type": "string", "format": "plate"},
                "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2},
                "one": {"oneOf": [{"type": "string"}, {"type": "null"}]},
                "two": {"type": ["string", "null"]},
            },
            "required": ["age", "gone"],
        }
    )
    assert strict == {
        "type": "object",
        "properties": {
            "age": {"type": "integer", "description": "In years.\n\n(minimum: 1)"},
            "mail": {"type": "string", "format": "email", "description": "(maxLength: 9)"},
            "plate": {"type": "string", "description": "(format: plate)"},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "description": "(minItems: 2)"},
            "one": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "two": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["age"],
        "additionalProperties": False,
    }


NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}


def test_a_schema_that_refers_to_itself_in_many_ways_is_told_in_no_time() -> None:
    twice = {f"D{n}": {"anyOf": [{"$ref": f"#/$defs/D{n + 1}"}] * 2} for n in range(60)}
    strict_schema({"$ref": "#/$defs/D0", "$defs": {**twice, "D60": CITY}})


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        ({"$ref": "#/$defs/City", "$defs": {"City": CITY}}, True),
        ({"$ref": "#/$defs/Node", "$defs": {"Node": NODE}}, False),
        ({"$ref": "https://a.example/schema"}, False),
        ({"type": "object"}, False),
        ({"type": "object", "properties": {"a": {}}}, False),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, False),
        ({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(25)}}, False),
        ({"type": "object", "properties": {"a": {"enum": [1, "a", None]}}}, True),
        ({"type": "object", "properties": {"a": {"const": {"b": 1}}}}, False),
        ({"allOf": [CITY, {"$ref": "#/$defs/City"}], "$defs": {"City": CITY}}, True),
    ],
)
def test_a_schema_fits_if_the_api_can_hold_an_answer_to_it(schema: dict[str, Any], fits: bool) -> None:
    assert (strict_schema(schema) is not None) == fits


# Other fields


@pytest.mark.parametrize(
    ("extra", "user"),
    [
        ({"user": "u-17"}, "u-17"),
        ({"safety_identifier": "s-1"}, "s-1"),
        ({"user": "u-17", "metadata": {"user_id": "m-1"}}, "m-1"),
    ],
)
def test_the_user_is_named_to_the_provider(extra: dict[str, Any], user: str) -> None:
    assert body(extra=extra)["metadata"] == {"user_id": user}


@pytest.mark.parametrize("user", ["ada@example.org", "+49 30 901820", "x" * 300])
def test_a_user_whose_name_tells_who_it_is_is_hashed(user: str) -> None:
    sent = body(extra={"user": user})["metadata"]["user_id"]
    assert len(sent) == 64
    assert user not in sent


def test_further_fields_of_claude_are_passed_on() -> None:
    cache = {"type": "ephemeral"}
    written = body(extra={"cache_control": cache, "service_tier": "standard_only", "inference_geo": "us"})
    assert (written["cache_control"], written["service_tier"]) == (cache, "standard_only")
    assert adjusted(extra={"service_tier": "flex", "metadata": {"order": "1"}, "store": True}) == [
        "store",
        "metadata",
        "service_tier",
    ]


# Recordings


def recorded() -> list[str]:
    found = STREAMS.glob("anthropic/*/request.json") if STREAMS.exists() else ()
    return sorted(path.parent.name for path in found)


NOT_OURS = {"web_search", "tool_search_tool_bm25"}


@pytest.mark.skipif(not STREAMS.exists(), reason="the recorded streams are not beside this folder")
@pytest.mark.parametrize("case", recorded())
def test_a_recorded_request_can_be_asked_for_in_the_unified_format(case: str) -> None:
    wire = json.loads((STREAMS / "anthropic" / case / "request.json").read_text())
    written = body(unified(wire))
    assert written["model"] == wire["model"]
    assert written["max_tokens"] == wire["max_tokens"]
    assert bare(written["messages"]) == bare(wire["messages"])
    assert [each["name"] for each in written.get("tools", ())] == [each["name"] for each in own_tools(wire)]
    for name in ("stop_sequences", "tool_choice"):
        assert written.get(name) == (wire.get(name) if own_tools(wire) or name != "tool_choice" else None)
    if "effort" not in wire.get("output_config", {}):
        assert written.get("thinking", {}).get("type") == wire.get("thinking", {}).get("type")
    if "format" in wire.get("output_config", {}):
        assert written["output_config"] == wire["output_config"]


def own_tools(wire: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in wire.get("tools", ()) if each["name"] not in NOT_OURS]


def bare(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what only steers citations and the cache."""
    left_out = ("citations", "cache_control")
    return [
        {
            "role": message["role"],
            "content": [
                {k: v for k, v in block.items() if k not in left_out} for block in message["content"]
            ],
        }
        for message in messages
    ]


def unified(wire: dict[str, Any]) -> ChatRequest:
    system = wire.get("system", [])
    told = [system] if isinstance(system, str) else [block["text"] for block in system]
    messages = [said("system", each) for each in told]
    for message in wire["messages"]:
        messages += unified_message(message)
    formatted = wire.get("output_config", {}).get("format")
    choice = wire.get("tool_choice", {}).get("type") if own_tools(wire) else None
    return ChatRequest(
        model=wire["model"],
        messages=tuple(messages),
        max_output_tokens=wire["max_tokens"],
        temperature=wire.get("temperature"),
        stop=tuple(wire.get("stop_sequences", ())),
        tools=tuple(Tool(t["name"], t["description"], t["input_schema"]) for t in own_tools(wire)),
        tool_choice=choice,
        response_format={"type": "json_schema", "json_schema": formatted} if formatted else None,
        reasoning_effort=wire.get("output_config", {}).get("effort"),
        extra={"thinking": wire["thinking"]} if "thinking" in wire else {},
    )


def unified_message(message: dict[str, Any]) -> list[Message]:
    role, results, parts, calls = message["role"], [], [], []
    for block in message["content"]:
        match block:
            case {"type": "text", "text": each}:
                parts.append(Text(each))
            case {"type": "image", "source": {"url": url}}:
                parts.append(Image(url))
            case {"type": "document", "source": {"data": data}, "title": title}:
                url = f"data:text/plain;base64,{base64.b64encode(data.encode()).decode()}"
                parts.append(File(title, url))
            case {"type": "tool_use", "id": call_id, "name": name, "input": given}:
                calls.append(ToolCall(call_id, name, json.dumps(given)))
            case {"type": "tool_result", "tool_use_id": call_id, "content": content}:
                results.append(result(call_id, *(each["text"] for each in content)))
            case _:
                raise AssertionError(block)
    rest = [Message(role, tuple(parts), tool_calls=tuple(calls))] if parts or calls else []
    return results + rest


def test_an_adjustment_says_what_was_sent_instead() -> None:
    assert (
        Adjustment("tool_choice", "auto")
        in asked(replace(HELLO, model=UNFORCED, tools=(WEATHER,), tool_choice="required"))[0].adjustments
    )
