"""Each field of a request, as Gemini takes it. The official SDK's types refuse what its API does not know."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from google.genai import types
from pydantic import BaseModel

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
    collect,
)
from chat.upstreams import connect
from chat.upstreams.capabilities import capabilities
from chat.upstreams.fitting import fitted
from chat.upstreams.gemini_request import EXTRA, gemini_request
from tests.replay import STREAMS, ReplayServer

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
PDF = base64.b64encode(b"%PDF-1.4\n%").decode()
UNSIGNED = "skip_thought_signature_validator"
OLD, NEW = "gemini-2.5-flash", "gemini-3-flash-preview"


def user(*parts: str | Part) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def says(text: str = "", *calls: ToolCall, **more: Any) -> Message:
    return Message("assistant", (Text(text),) if text else (), tool_calls=calls, **more)


def result(call_id: str, text: str, *parts: Part) -> Message:
    return Message("tool", (Text(text), *parts), tool_call_id=call_id)


HELLO = ChatRequest(OLD, (user("Hello"),))
WEATHER = Tool("weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
BY_SCHEMA = {"type": "json_schema", "json_schema": {"name": "book", "schema": SCHEMA}}
ANSWER = b'data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}\r\n\r\n'


def check(body: dict[str, Any]) -> None:
    """Every field is one of the API's, by its name there and of its type."""
    rest = dict(body)
    for content in rest.pop("contents"):
        strictly(types.Content, content)
    strictly(types.Content, rest.pop("systemInstruction", {}))
    strictly(types.GenerateContentConfig, rest.pop("generationConfig", {}))
    strictly(types.GenerateContentConfig, rest)


def strictly(model: type[BaseModel], value: dict[str, Any]) -> None:
    read = model.model_validate(value)
    written = read.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)
    assert set(written) == set(value)


def written(request: ChatRequest, *, signed: bool = True) -> tuple[dict[str, Any], tuple[Adjustment, ...]]:
    can = capabilities("gemini", request.model)
    fit, adjustments = fitted(request, can, EXTRA)
    made = gemini_request(fit, can, signed=signed)
    check(made.body)
    return made.body, adjustments + made.adjustments


def body(request: ChatRequest, **changes: Any) -> dict[str, Any]:
    return written(replace(request, **changes))[0]


def config(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = body(HELLO, **changes).get("generationConfig", {})
    return found


def contents(*messages: Message, model: str = OLD, signed: bool = True) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = written(ChatRequest(model, messages), signed=signed)[0]["contents"]
    return found


def adjustments(**changes: Any) -> list[str]:
    return [str(each) for each in written(replace(HELLO, **changes))[1]]


def test_a_plain_question_is_sent_with_nothing_that_was_not_asked_for() -> None:
    assert body(HELLO, model="gemini-2.0-flash") == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}]
    }


def test_everything_that_was_asked_for_is_sent() -> None:
    request = replace(
        HELLO,
        max_output_tokens=100,
        temperature=0.2,
        top_p=0.9,
        stop=("END",),
        seed=7,
        n=2,
        reasoning_effort="low",
        extra={"top_k": 40, "modalities": ["text", "image"]},
    )
    assert body(request)["generationConfig"] == {
        "maxOutputTokens": 100,
        "temperature": 0.2,
        "topP": 0.9,
        "topK": 40,
        "stopSequences": ["END"],
        "seed": 7,
        "candidateCount": 2,
        "responseModalities": ["TEXT", "IMAGE"],
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 1024},
    }


def test_instructions_that_stand_first_are_the_system_instruction() -> None:
    made = body(
        HELLO,
        messages=(Message("system", (Text("A"),)), Message("developer", (Text("B"),)), user("?")),
    )
    assert made["systemInstruction"] == {"parts": [{"text": "A"}, {"text": "B"}]}
    assert made["contents"] == [{"role": "user", "parts": [{"text": "?"}]}]


def test_later_instructions_are_said_by_the_user() -> None:
    assert contents(user("?"), says("!"), Message("system", (Text("Be brief."),)), user("??")) == [
        {"role": "user", "parts": [{"text": "?"}]},
        {"role": "model", "parts": [{"text": "!"}]},
        {"role": "user", "parts": [{"text": "<system>\nBe brief.\n</system>"}, {"text": "??"}]},
    ]


def test_instructions_alone_are_a_question() -> None:
    made = body(HELLO, messages=(Message("system", (Text("Say hi."),)),))
    assert made == {
        "contents": [{"role": "user", "parts": [{"text": "Say hi."}]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
    }


def test_messages_of_one_role_become_one_and_empty_ones_none() -> None:
    assert contents(user("A"), user(""), says(""), user("B"), says("C"), says("D")) == [
        {"role": "user", "parts": [{"text": "A"}, {"text": "B"}]},
        {"role": "model", "parts": [{"text": "C"}, {"text": "D"}]},
    ]


def test_the_first_content_is_the_users() -> None:
    assert [each["role"] for each in contents(says("Hi"), user("?"))] == ["user", "model", "user"]


def test_nothing_to_answer_is_the_askers_mistake() -> None:
    with pytest.raises(InvalidRequest) as refused:
        contents(user(""))
    assert refused.value.param == "messages"


def test_a_refusal_is_what_the_assistant_said() -> None:
    assert contents(user("?"), Message("assistant", refusal="I cannot."))[1]["parts"] == [
        {"text": "I cannot."}
    ]


def test_results_of_one_step_are_one_content_in_the_order_of_the_calls() -> None:
    made = contents(
        user("?"),
        says("Let me see.", ToolCall("a", "weather", '{"city":"Berlin"}'), ToolCall("b", "time", "")),
        result("b", "12:00"),
        result("a", '{"sky":"blue"}'),
        user("Well?"),
    )
    assert made[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "Let me see."},
                {"functionCall": {"id": "a", "name": "weather", "args": {"city": "Berlin"}}},
                {"functionCall": {"id": "b", "name": "time", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "a", "name": "weather", "response": {"sky": "blue"}}},
                {"functionResponse": {"id": "b", "name": "time", "response": {"output": "12:00"}}},
            ],
        },
        {"role": "user", "parts": [{"text": "Well?"}]},
    ]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("sunny", {"output": "sunny"}),
        ("", {"output": ""}),
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", {"output": [1, 2]}),
        ("7", {"output": 7}),
        ('"x"', {"output": "x"}),
        ('{"a": {"$ref": "#/b"}}', {"output": '{"a": {"$ref": "#/b"}}'}),
    ],
)
def test_a_result_is_an_object(text: str, response: dict[str, Any]) -> None:
    made = contents(user("?"), says("", ToolCall("a", "f", "{}")), result("a", text))
    assert made[-1]["parts"][0]["functionResponse"]["response"] == response


def test_a_result_without_its_call_is_the_askers_mistake() -> None:
    with pytest.raises(InvalidRequest) as refused:
        contents(user("?"), says("", ToolCall("a", "f", "{}")), result("b", "x"))
    assert refused.value.param == "messages[2].tool_call_id"


@pytest.mark.parametrize(
    ("arguments", "args"),
    [("", {}), ('{"a":1}', {"a": 1}), ('{"a":', {"_raw": '{"a":'}), ("[1]", {"_raw": [1]})],
)
def test_arguments_are_an_object_whatever_the_model_wrote(arguments: str, args: dict[str, Any]) -> None:
    made = contents(user("?"), says("", ToolCall("a", "f", arguments)), result("a", "x"))
    assert made[1]["parts"][0]["functionCall"]["args"] == args


def test_a_picture_in_a_result_stands_in_it_where_the_model_reads_that() -> None:
    picture = Image(f"data:image/png;base64,{PNG}")
    asked = (user("?"), says("", ToolCall("a", "f", "{}")), result("a", "Look", picture))
    blob = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    new = contents(*asked, model=NEW)
    assert new[-1]["parts"][0]["functionResponse"]["parts"] == [blob]
    old = contents(*asked, user("Well?"))
    assert "parts" not in old[-2]["parts"][0]["functionResponse"]
    assert old[-1] == {"role": "user", "parts": [blob, {"text": "Well?"}]}


def test_tools_are_declared_with_their_json_schema() -> None:
    nothing = Tool("now", parameters={})
    assert body(HELLO, tools=(WEATHER, nothing))["tools"] == [
        {
            "functionDeclarations": [
                {
                    "name": "weather",
                    "description": "The weather.",
                    "parametersJsonSchema": WEATHER.parameters,
                },
                {"name": "now"},
            ]
        }
    ]


def test_a_schema_loses_only_the_words_that_gemini_does_not_know() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Args",
        "type": "object",
        "properties": {"title": {"type": "string", "title": "Title"}, "const": {"const": "a"}},
        "$defs": {"title": {"anyOf": [{"const": 1}, {"enum": ["title"]}]}},
        "additionalProperties": False,
    }
    declared = body(HELLO, tools=(Tool("f", parameters=schema),))["tools"][0]["functionDeclarations"][0]
    assert declared["parametersJsonSchema"] == {
        "type": "object",
        "properties": {"title": {"type": "string"}, "const": {"enum": ["a"]}},
        "$defs": {"title": {"anyOf": [{"enum": [1]}, {"enum": ["title"]}]}},
        "additionalProperties": False,
    }


async def test_a_tools_name_comes_back_as_it_was_given(server: ReplayServer) -> None:
    tools = (Tool("1st tool"), Tool("1st_tool"), Tool("x" * 140))
    event = {"functionCall": {"name": "_1st_tool_2", "args": {}}}
    answer = {"candidates": [{"content": {"parts": [event]}, "finishReason": "STOP"}]}
    server.answer([b"data: " + json.dumps(answer).encode() + b"\r\n\r\n"])
    request = replace(HELLO, tools=tools, tool_choice="function:1st_tool")
    completion = await collect(connect("gemini", server.base_url, "").stream(request))
    sent = server.requests[0].json
    names = [tool["name"] for tool in sent["tools"][0]["functionDeclarations"]]
    assert names == ["_1st_tool", "_1st_tool_2", "x" * 128]
    assert sent["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] == ["_1st_tool_2"]
    assert completion.choices[0].tool_calls[0].name == "1st_tool"


@pytest.mark.parametrize(
    ("choice", "strict", "wire"),
    [
        (None, None, None),
        ("auto", None, {"mode": "AUTO"}),
        ("none", None, {"mode": "NONE"}),
        ("required", None, {"mode": "ANY"}),
        ("function:weather", True, {"mode": "ANY", "allowedFunctionNames": ["weather"]}),
        (None, True, {"mode": "VALIDATED"}),
        ("auto", True, {"mode": "VALIDATED"}),
        ("required", True, {"mode": "ANY"}),
    ],
)
def test_each_choice_of_tools_has_its_mode(choice: str | None, strict: bool | None, wire: Any) -> None:
    made = body(HELLO, tools=(replace(WEATHER, strict=strict),), tool_choice=choice)
    assert made.get("toolConfig") == (wire and {"functionCallingConfig": wire})


def test_a_choice_of_tools_is_not_sent_without_tools() -> None:
    assert "toolConfig" not in body(HELLO, tool_choice="required")


def test_what_cannot_be_asked_for_is_reported() -> None:
    assert adjustments(tools=(WEATHER,), parallel_tool_calls=False) == ["parallel_tool_calls"]
    assert adjustments(extra={"presence_penalty": 1, "user": "ada"}) == ["presence_penalty", "user"]
    assert adjustments(model="gemini-3.6-flash", temperature=0.3, extra={"top_k": 3}) == [
        "temperature",
        "top_k",
    ]


def test_json_is_asked_for_by_its_type() -> None:
    made = config(response_format={"type": "json_object"}, model="gemini-2.0-flash")
    assert made == {"responseMimeType": "application/json"}


def test_json_of_a_schema_is_asked_for_by_the_schema() -> None:
    titled = {"type": "json_schema", "json_schema": {"name": "b", "schema": {**SCHEMA, "title": "Book"}}}
    made = config(response_format=titled, model="gemini-2.0-flash")
    assert made == {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}
    assert config(response_format=titled, tools=(WEATHER,), model=NEW)["responseJsonSchema"] == SCHEMA


def test_a_format_that_gemini_does_not_know_is_reported() -> None:
    assert adjustments(response_format={"type": "grammar"}) == ["response_format"]
    made = config(response_format={"type": "json_schema", "json_schema": {"name": "b"}})
    assert made["responseMimeType"] == "application/json"


@pytest.mark.parametrize("response_format", [{"type": "json_object"}, BY_SCHEMA])
def test_json_beside_tools_is_asked_for_in_words_where_the_model_takes_one_only(
    response_format: dict[str, Any],
) -> None:
    made, changed = written(replace(HELLO, response_format=response_format, tools=(WEATHER,)))
    assert "responseMimeType" not in made["generationConfig"]
    words = made["systemInstruction"]["parts"][-1]["text"]
    assert "one JSON object" in words
    assert ('"title"' in words) == (response_format is BY_SCHEMA)
    assert changed == (Adjustment("response_format", "instructions"),)


@pytest.mark.parametrize(
    ("model", "effort", "wire"),
    [
        ("gemini-2.0-flash", None, None),
        ("gemini-2.0-flash", "high", None),
        ("gemini-2.5-flash-image", "high", None),
        ("gemini-2.5-flash", None, {"includeThoughts": True}),
        ("gemini-2.5-flash", "none", {"includeThoughts": False, "thinkingBudget": 0}),
        ("gemini-2.5-flash", "medium", {"includeThoughts": True, "thinkingBudget": 8192}),
        ("gemini-2.5-flash", "xhigh", {"includeThoughts": True, "thinkingBudget": 24576}),
        ("gemini-2.5-flash-lite", None, None),
        ("gemini-2.5-pro", "none", {"includeThoughts": True, "thinkingBudget": 128}),
        ("gemini-2.5-pro", "high", {"includeThoughts": True, "thinkingBudget": 32768}),
        ("models/gemini-3-flash-preview", "minimal", {"includeThoughts": True, "thinkingLevel": "minimal"}),
        ("gemini-3-pro-preview", "medium", {"includeThoughts": True, "thinkingLevel": "high"}),
        ("gemini-3.1-pro-preview", "minimal", {"includeThoughts": True, "thinkingLevel": "low"}),
        ("gemini-3.8-flash", "none", {"includeThoughts": True, "thinkingLevel": "low"}),
        ("gemini-4-hydrogen", "xhigh", {"includeThoughts": True, "thinkingLevel": "xhigh"}),
        ("gemini-4-carbon", None, {"includeThoughts": True}),
    ],
)
def test_effort_is_a_budget_or_a_level_as_the_model_has_it(model: str, effort: str | None, wire: Any) -> None:
    assert config(model=model, reasoning_effort=effort).get("thinkingConfig") == wire


@pytest.mark.parametrize(
    "extra",
    [
        {"google": {"thinking_config": {"thinking_budget": 99}}},
        {"extra_body": {"google": {"thinking_config": {"thinking_budget": 99}}}},
        {"google": {"thinkingConfig": {"thinkingBudget": 99}}},
        {"thinking_config": {"thinking_budget": 99}},
    ],
)
def test_googles_own_fields_are_passed_on(extra: dict[str, Any]) -> None:
    made, changed = written(replace(HELLO, extra=extra, reasoning_effort="high"))
    assert made["generationConfig"]["thinkingConfig"] == {"includeThoughts": True, "thinkingBudget": 99}
    assert changed == (Adjustment("reasoning_effort"),)


def test_settings_of_safety_are_sent_only_when_given() -> None:
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    assert "safetySettings" not in body(HELLO)
    assert body(HELLO, extra={"safety_settings": settings})["safetySettings"] == settings
    made = body(HELLO, extra={"google": {"safety_settings": settings, "cached_content": "cachedContents/1"}})
    assert (made["safetySettings"], made["cachedContent"]) == (settings, "cachedContents/1")


def test_unknown_fields_of_google_are_reported() -> None:
    extra = {"google": {"thought_tag_marker": "x"}, "extra_body": {"enable_thinking": True}}
    assert adjustments(extra=extra) == ["extra_body.enable_thinking", "google.thoughtTagMarker"]
    with pytest.raises(InvalidRequest) as refused:
        body(HELLO, extra={"google": 7})
    assert refused.value.param == "google"


YOUTUBE = "https://www.youtube.com/watch?v=1"
UPLOADED = "https://generativelanguage.googleapis.com/v1beta/files/abc"


@pytest.mark.parametrize(
    ("part", "wire"),
    [
        (
            Image(f"data:image/jpeg;base64,{PNG}"),
            {"inlineData": {"mimeType": "image/png", "data": PNG}},
        ),
        (
            Image("https://a.example/b.png?c=1"),
            {"fileData": {"fileUri": "https://a.example/b.png?c=1", "mimeType": "image/png"}},
        ),
        (Image("gs://bucket/b"), {"fileData": {"fileUri": "gs://bucket/b"}}),
        (Audio("AAAA", "mp3"), {"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}}),
        (Audio("AAAA", "wav"), {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}}),
        (
            File("a.pdf", f"data:application/pdf;base64,{PDF}"),
            {"inlineData": {"mimeType": "application/pdf", "data": PDF}},
        ),
        (File("a.txt", "data:text/plain;base64,SGk="), {"text": "a.txt:\n\nHi"}),
        (File(None, "data:application/json,%7B%7D"), {"text": "{}"}),
        (File("Makefile", "data:application/octet-stream;base64,SGk="), {"text": "Makefile:\n\nHi"}),
        (File("a.mp3", "data:;base64,AAAA"), {"inlineData": {"mimeType": "audio/mpeg", "data": "AAAA"}}),
        (
            File(None, "data:;base64,AAAA"),
            {"inlineData": {"mimeType": "application/octet-stream", "data": "AAAA"}},
        ),
        (File("a.pdf", file_id="files/abc"), {"fileData": {"fileUri": UPLOADED, "mimeType": "application/pdf"}}),
        (File(file_id=UPLOADED), {"fileData": {"fileUri": UPLOADED}}),
        (Video("data:video/mp4;base64,AAAA"), {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}),
        (Video(YOUTUBE), {"fileData": {"fileUri": YOUTUBE}}),
        (Video(YOUTUBE, 0.5), {"fileData": {"fileUri": YOUTUBE}, "videoMetadata": {"fps": 0.5}}),
    ],
)  # fmt: skip
def test_each_kind_of_part_is_sent_beside_text(part: Part, wire: dict[str, Any]) -> None:
    assert contents(user("Look:", part))[0]["parts"] == [{"text": "Look:"}, wire]


def test_a_file_without_content_is_the_askers_mistake() -> None:
    with pytest.raises(InvalidRequest) as refused:
        contents(user("Look:", File("a.pdf")))
    assert refused.value.param == "messages[0].content[1].type"


async def test_a_video_of_youtube_is_never_downloaded(server: ReplayServer) -> None:
    server.answer([ANSWER])
    request = replace(HELLO, messages=(user("Watch:", Video(YOUTUBE)),))
    await collect(connect("gemini", server.base_url, "").stream(request))
    assert server.requests[0].json["contents"][0]["parts"][1] == {"fileData": {"fileUri": YOUTUBE}}


def test_a_picture_that_the_model_painted_goes_back_as_a_picture() -> None:
    painted = f"A cat:\n\n![Image](data:image/png;base64,{PNG})\n\nDone."
    assert contents(user("Paint"), says(painted))[1]["parts"] == [
        {"text": "A cat:"},
        {"inlineData": {"mimeType": "image/png", "data": PNG}},
        {"text": "Done."},
    ]


def state(model: str, *blocks: dict[str, Any], family: str = "gemini") -> ReasoningState:
    return ReasoningState(family, model, blocks)


def call(call_id: str = "a", signature: str | None = None) -> ToolCall:
    return ToolCall(call_id, "f", "{}", signature)


def signatures(*messages: Message, model: str = NEW, signed: bool = True) -> list[str | None]:
    """Of all calls."""
    made = contents(*messages, model=model, signed=signed)
    parts = [part for content in made for part in content["parts"] if "functionCall" in part]
    return [part.get("thoughtSignature") for part in parts]


SIGNED = {"call": "a", "thoughtSignature": "AAAA"}


def test_signatures_go_back_to_the_model_that_gave_them() -> None:
    own = says("", call("a", "BBBB"), call("b"), reasoning_state=state(NEW, SIGNED))
    assert signatures(user("?"), own, result("a", "x"), result("b", "x")) == ["AAAA", None]
    assert signatures(user("?"), says("", call("a", "BBBB")), result("a", "x")) == ["BBBB"]


@pytest.mark.parametrize(
    "of", [state("gemini-3-pro-preview", SIGNED), state(NEW, SIGNED, family="anthropic")]
)
def test_signatures_of_another_model_never_travel(of: ReasoningState) -> None:
    foreign = says("", call("a", "AAAA"), reasoning_state=of)
    assert signatures(user("?"), foreign, result("a", "x")) == [UNSIGNED]
    assert signatures(user("?"), foreign, result("a", "x"), model=OLD) == [None]


def test_the_first_call_of_each_step_of_this_turn_is_never_unsigned() -> None:
    step = (says("", call("a"), call("b")), result("a", "x"), result("b", "x"))
    earlier, now = [None, None], [UNSIGNED, None]
    assert signatures(user("?"), *step, says("!"), user("?"), *step, *step) == [*earlier, *now, *now]
    assert signatures(user("?"), *step, model=OLD) == [None, None]


def test_without_its_own_signatures_every_step_has_the_one_for_unsigned_calls() -> None:
    own = says(
        "Hm.", call("a", "AAAA"), reasoning_state=state(NEW, {"text": [0, 3], "thoughtSignature": "AAAA"})
    )
    made = contents(user("?"), own, result("a", "x"), user("?"), signed=False)
    assert made[1]["parts"] == [
        {"text": "Hm."},
        {"functionCall": {"id": "a", "name": "f", "args": {}}, "thoughtSignature": UNSIGNED},
    ]


@pytest.mark.parametrize(
    ("text", "place", "parts"),
    [
        ("Hello", [5, 5], [{"text": "Hello"}, {"text": "", "thoughtSignature": "AAAA"}]),
        ("Hello", [0, 2], [{"text": "He", "thoughtSignature": "AAAA"}, {"text": "llo"}]),
        ("Hello", [2, 5], [{"text": "He"}, {"text": "llo", "thoughtSignature": "AAAA"}]),
        ("Hi", [2, 9], [{"text": "Hi"}, {"text": "", "thoughtSignature": "AAAA"}]),
        ("", [0, 0], [{"text": "", "thoughtSignature": "AAAA"}]),
    ],
)
def test_a_signed_text_goes_back_cut_as_it_came(text: str, place: list[int], parts: list[Any]) -> None:
    block = {"text": place, "thoughtSignature": "AAAA"}
    made = contents(user("?"), says(text, reasoning_state=state(NEW, block)), user("?"), model=NEW)
    assert made[1]["parts"] == parts


async def test_a_refused_signature_is_asked_without_once(server: ReplayServer) -> None:
    refusal = {
        "error": {"code": 400, "message": "Corrupted thought signature.", "status": "INVALID_ARGUMENT"}
    }
    server.answer([json.dumps(refusal).encode()], status=400)
    server.answer([ANSWER])
    messages = (user("?"), says("", call("a", "AAAA")), result("a", "x"))
    completion = await collect(connect("gemini", server.base_url, "").stream(ChatRequest(NEW, messages)))
    assert completion.choices[0].content == "Hi"
    sent = [request.json["contents"][1]["parts"][0]["thoughtSignature"] for request in server.requests]
    assert sent == ["AAAA", UNSIGNED]


async def test_a_missing_signature_is_made_up_for_on_any_model(server: ReplayServer) -> None:
    server.answer(
        [
            b'{"error":{"code":400,"message":"Function call is missing a thought_signature in functionCall parts."}}'
        ],
        status=400,
    )
    server.answer([ANSWER])
    messages = (user("?"), says("", call("a")), result("a", "x"))
    await collect(connect("gemini", server.base_url, "").stream(ChatRequest(OLD, messages)))
    assert server.requests[1].json["contents"][1]["parts"][0]["thoughtSignature"] == UNSIGNED


@pytest.mark.parametrize(
    "message",
    [
        "Thinking level MINIMAL is not supported for this model.",
        "Unable to submit request because thinking_level is not supported by this model.",
        "Budget 0 is invalid. This model only works in thinking mode.",
    ],
)
async def test_thinking_that_the_model_refuses_is_left_to_it_and_reported(
    server: ReplayServer, message: str
) -> None:
    server.answer([json.dumps({"error": {"code": 400, "message": message}}).encode()], status=400)
    server.answer([ANSWER])
    request = replace(HELLO, reasoning_effort="low", max_output_tokens=9)
    completion = await collect(connect("gemini", server.base_url, "").stream(request))
    assert completion.adjustments == (Adjustment("reasoning_effort"),)
    assert server.requests[1].json["generationConfig"] == {"maxOutputTokens": 9}


async def test_instructions_that_the_model_refuses_are_said_by_the_user(server: ReplayServer) -> None:
    message = "Developer instruction is not enabled for models/gemma-3-27b-it"
    server.answer([json.dumps({"error": {"code": 400, "message": message}}).encode()], status=400)
    server.answer([ANSWER])
    messages = (Message("system", (Text("Be brief."),)), user("Hello"))
    await collect(connect("gemini", server.base_url, "").stream(ChatRequest("gemma-3-27b-it", messages)))
    assert server.requests[1].json == {
        "contents": [
            {"role": "user", "parts": [{"text": "Be brief."}]},
            {"role": "user", "parts": [{"text": "Hello"}]},
        ]
    }


async def test_signatures_refused_twice_are_an_error(server: ReplayServer) -> None:
    server.answer([b'{"error":{"code":400,"message":"Corrupted thought signature."}}'], status=400)
    with pytest.raises(InvalidRequest):
        await collect(connect("gemini", server.base_url, "").stream(HELLO))
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
        ("models/gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
        ("tunedModels/mine", "/v1beta/tunedModels/mine:streamGenerateContent"),
        ("a/b?c#d", "/v1beta/models/a/b?c#d:streamGenerateContent"),
    ],
)
@pytest.mark.parametrize("version", ["", "/", "/v1beta", "/v1beta/"])
async def test_a_model_is_asked_at_its_own_address(
    server: ReplayServer, model: str, path: str, version: str
) -> None:
    server.answer([ANSWER])
    base_url = server.base_url.removesuffix("/v1") + version
    await collect(connect("gemini", base_url, "the-key").stream(replace(HELLO, model=model)))
    assert server.requests[0].path == path
    assert server.requests[0].headers["x-goog-api-key"] == "the-key"
    assert "authorization" not in server.requests[0].headers


async def test_a_field_that_the_model_refuses_is_left_out_and_reported(server: ReplayServer) -> None:
    message = "Unknown name \"thinkingConfig\" at 'generation_config': Cannot find field."
    server.answer([json.dumps({"error": {"code": 400, "message": message}}).encode()], status=400)
    server.answer([ANSWER])
    completion = await collect(connect("gemini", server.base_url, "").stream(HELLO))
    assert completion.adjustments == (Adjustment("thinkingConfig"),)
    assert "generationConfig" not in server.requests[1].json


SPOT = {name: {"type": "string", "description": f"{name.capitalize()} (e.g., {example})"} for name, example in
        [("latitude", "52.5200"), ("longitude", "13.4050")]}  # fmt: skip
SPOTS = Tool(
    "weather",
    "Gets current weather for a location",
    {"type": "object", "properties": SPOT, "required": ["latitude", "longitude"]},
)
TWO_NUMBERS = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}
MULTIPLY = Tool("multiply", "Multiply two numbers.", {**TWO_NUMBERS, "required": ["x", "y"]})
COUNTRY = Tool("get_country", parameters={"additionalProperties": False, "properties": {}, "type": "object"})
CHATBOT = Message("system", (Text("You are a helpful chatbot."),))
FRANCE = user("What is the capital of France?")
BERLIN = user("What's the weather in Berlin? (52.5200, 13.4050)")
USERS_COUNTRY = user("What is the capital of the user country? Call the tool")
HARMS = ("DANGEROUS_CONTENT", "SEXUALLY_EXPLICIT", "HATE_SPEECH", "HARASSMENT")
UNSAFE = [{"category": f"HARM_CATEGORY_{harm}", "threshold": "BLOCK_NONE"} for harm in HARMS]


def asked_with(model: str, *messages: Message, **more: Any) -> ChatRequest:
    return ChatRequest(model, messages, **more)


def recorded(case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((STREAMS / "gemini" / case / "request.json").read_text())
    return loaded


@pytest.mark.skipif(not STREAMS.exists(), reason="the recorded streams are not beside this folder")
@pytest.mark.parametrize(
    ("case", "request_"),
    [
        ("text-flash-exp", asked_with("gemini-2.0-flash-exp", CHATBOT, FRANCE, temperature=0)),
        (
            "max-tokens-thinking-used-all-empty",
            asked_with("gemini-2.5-pro", CHATBOT, FRANCE, max_output_tokens=5),
        ),
        ("error-404-model", asked_with("gemini-3.6-flahs", user("hello"))),
        ("tool-25flash-finishmessage", asked_with(OLD, BERLIN, tools=(SPOTS,))),
        (
            "json-thoughts-tool-id-31pro",
            asked_with("gemini-3.1-pro-preview", BERLIN, tools=(SPOTS,), reasoning_effort="low"),
        ),
        (
            "tool-gemini3-flash-signature",
            asked_with(NEW, user("What is 5 times 3?"), tools=(MULTIPLY,), extra={"safety_settings": UNSAFE}),
        ),
        (
            "tool-gemini3-thought-signature",
            asked_with("gemini-3-pro-preview", USERS_COUNTRY, tools=(COUNTRY,)),
        ),
    ],
)
def test_a_recorded_question_is_asked_in_the_same_words(case: str, request_: ChatRequest) -> None:
    assert plain(body(request_)) == plain(recorded(case))


@pytest.mark.skipif(not STREAMS.exists(), reason="the recorded streams are not beside this folder")
def test_a_recorded_signature_goes_back_where_it_came_from() -> None:
    asked = recorded("tool-gemini3-turn2-replays-signature")
    signature = asked["contents"][1]["parts"][0]["thoughtSignature"]
    call_id = asked["contents"][2]["parts"][0]["functionResponse"]["id"]
    made = body(
        asked_with(
            "gemini-3-pro-preview",
            USERS_COUNTRY,
            says("", ToolCall(call_id, "get_country", "{}", signature)),
            result(call_id, '{"return_value": "Mexico"}'),
            tools=(COUNTRY,),
        )
    )
    assert plain(made) == plain(asked)


def plain(asked: dict[str, Any]) -> dict[str, Any]:
    """Without what those who recorded say in their own way, and without our asking to see the thoughts."""
    made = json.loads(json.dumps(asked).replace("parameters_json_schema", "parametersJsonSchema"))
    made.get("systemInstruction", {}).pop("role", None)
    wanted = made.pop("generationConfig", {})
    wanted.pop("responseModalities", None)
    wanted.get("thinkingConfig", {}).pop("includeThoughts", None)
    for tool in made.get("tools", []):
        for function in tool["functionDeclarations"]:
            schema = function.pop("parameters", None) or function["parametersJsonSchema"]
            function["parametersJsonSchema"] = json.loads(
                json.dumps(schema).replace("OBJECT", "object").replace("STRING", "string")
            )
            function.setdefault("description", "")
    return {**made, **{name: value for name, value in wanted.items() if value != {}}}
