"""Every request that cannot be answered: its status, type, code and the path of what is wrong."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.api.conftest import ASK, HELLO, routed, upstream_of

USER = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "42"}
TOOL = {"type": "function", "function": {"name": "f"}}

MISSING, KIND, VALUE = "missing_required_parameter", "invalid_type", "invalid_value"


def allowed(*names: str) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": tools}}


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"model": None}, "model", KIND),
    ({"model": 5}, "model", KIND),
    ({"model": ""}, "model", VALUE),
    ({"messages": None}, "messages", KIND),
    ({"messages": "Hello"}, "messages", KIND),
    ({"messages": []}, "messages", "empty_array"),
    ({"messages": ["Hello"]}, "messages[0]", KIND),
    ({"messages": [{}]}, "messages[0].role", MISSING),
    ({"messages": [{"role": "function", "content": ""}]}, "messages[0].role", VALUE),
    ({"messages": [{"role": None, "content": ""}]}, "messages[0].role", VALUE),
    ({"messages": [{"role": "user"}]}, "messages[0].content", MISSING),
    ({"messages": [USER, {"role": "user", "content": 5}]}, "messages[1].content", KIND),
    ({"messages": [{"role": "user", "content": [5]}]}, "messages[0].content[0]", KIND),
    ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type", MISSING),
    ({"messages": [{"role": "user", "content": [{"type": "x"}]}]}, "messages[0].content[0].type", VALUE),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text", MISSING),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": 5}}]}]},
        "messages[0].content[0].image_url.url",
        KIND,
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
        "messages[0].content[0].input_audio.data",
        MISSING,
    ),
    (
        {
            "messages": [
                {"role": "system", "content": [{"type": "image_url", "image_url": "https://a.example"}]}
            ]
        },
        "messages[0].content[0].type",
        VALUE,
    ),
    ({"messages": [USER, RESULT]}, "messages[1].tool_call_id", VALUE),
    ({"messages": [USER, CALLING]}, "messages[1].tool_calls", VALUE),
    ({"messages": [USER, CALLING, USER]}, "messages[1].tool_calls", VALUE),
    ({"messages": [USER, CALLING, RESULT, RESULT]}, "messages[3].tool_call_id", VALUE),
    (
        {"messages": [USER, {**CALLING, "tool_calls": [CALL, CALL]}, RESULT]},
        "messages[1].tool_calls",
        VALUE,
    ),
    ({"messages": [{"role": "tool", "content": "42"}]}, "messages[0].tool_call_id", MISSING),
    ({"messages": [{**CALLING, "tool_calls": [{}]}]}, "messages[0].tool_calls[0].id", MISSING),
    ({"stream": "yes"}, "stream", KIND),
    ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage", KIND),
    ({"max_tokens": 0}, "max_tokens", VALUE),
    ({"max_tokens": "5"}, "max_tokens", KIND),
    ({"max_tokens": 1.5}, "max_tokens", KIND),
    ({"max_completion_tokens": -1}, "max_completion_tokens", VALUE),
    ({"temperature": 2.1}, "temperature", VALUE),
    ({"temperature": "hot"}, "temperature", KIND),
    ({"top_p": -0.1}, "top_p", VALUE),
    ({"n": 0}, "n", VALUE),
    ({"n": True}, "n", KIND),
    ({"seed": "x"}, "seed", KIND),
    ({"stop": 5}, "stop", KIND),
    ({"stop": [5]}, "stop[0]", KIND),
    ({"tools": {}}, "tools", KIND),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type", VALUE),
    ({"tools": [{"type": "function"}]}, "tools[0].function", MISSING),
    ({"tools": [{"type": "function", "function": {"name": ""}}]}, "tools[0].function.name", VALUE),
    ({"tools": [{"type": "function", "function": {"name": "f" * 129}}]}, "tools[0].function.name", VALUE),
    (
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]},
        "tools[0].function.parameters",
        KIND,
    ),
    ({"tools": [TOOL], "tool_choice": "any"}, "tool_choice", VALUE),
    (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}},
        "tool_choice.function.name",
        VALUE,
    ),
    (
        {"tools": [TOOL], "tool_choice": allowed("g")},
        "tool_choice.allowed_tools.tools[0].function.name",
        VALUE,
    ),
    ({"tools": [TOOL], "tool_choice": allowed()}, "tool_choice.allowed_tools.tools", "empty_array"),
    ({"parallel_tool_calls": 1}, "parallel_tool_calls", KIND),
    ({"response_format": "json"}, "response_format", KIND),
    ({"response_format": {"type": "xml"}}, "response_format.type", VALUE),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", MISSING),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        "response_format.json_schema.name",
        MISSING,
    ),
    ({"reasoning_effort": "enormous"}, "reasoning_effort", VALUE),
    ({"functions": [{"name": "f"}]}, "functions", "unsupported_parameter"),
    ({"function_call": "auto"}, "function_call", "unsupported_parameter"),
]


@pytest.mark.parametrize(
    ("fields", "param", "code"), FIELDS, ids=[str(param) + ":" + code for _, param, code in FIELDS]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_field_that_is_wrong_is_named(program, server, fields, param, code, stream):
    body = HELLO | {"stream": stream} | fields
    response = await program.post(ASK, json=body)
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error"), error
    assert (error["param"], error["code"]) == (param, code)
    assert error["message"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b'{"model": NaN}', "invalid_json"),
        (b'{"model": "\\ud800"}', "invalid_json"),
        (b"[" * 5000 + b"]" * 5000, "invalid_json"),
        (b"[]", "invalid_type"),
        (b'"model"', "invalid_type"),
        (b"null", "invalid_type"),
    ],
)
async def test_a_body_that_is_not_an_object_is_refused(program, body, code):
    response = await program.post(ASK, content=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(("depth", "status"), [(50, 200), (500, 400)])
async def test_deeply_nested_values_are_passed_on_as_far_as_they_can_be(program, server, depth, status):
    server.say("Hi")
    nested: Any = {}
    for _ in range(depth):
        nested = {"a": nested}
    tool = {"type": "function", "function": {"name": "f", "parameters": nested}}
    response = await program.post(ASK, json=HELLO | {"tools": [tool]})
    assert response.status_code == status


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": True},
        {"type": "object", "properties": 5},
        {"properties": {}, "anyOf": 5},
        {"properties": {}, "anyOf": [{"properties": 5}]},
        {"properties": {}, "oneOf": [{"required": 5}]},
    ],
)
@pytest.mark.parametrize("model_id", ["claude-haiku-4-5", "claude-3-5-haiku"])
async def test_what_is_no_schema_is_refused_and_no_failure_of_the_site(program, server, schema, model_id):
    await sync_to_async(routed)(model_id, await sync_to_async(upstream_of)("anthropic", server))
    server.answer(
        [b'{"error": {"type": "invalid_request_error", "message": "JSON schema is invalid"}}'], status=400
    )
    tool = {"type": "function", "function": {"name": "f", "parameters": schema, "strict": True}}
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    for fields in ({"tools": [tool]}, {"response_format": form}):
        response = await program.post(ASK, json=HELLO | {"model": model_id} | fields)
        assert response.status_code == 400, response.text
        assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("address", ["http://[", "https://a]b.example/a.png", "http://a b/"])
@pytest.mark.parametrize("model_id", ["gemini-2.5-flash", "gemini-3-flash"])
async def test_what_is_no_address_is_refused_by_its_place(program, server, model_id, address):
    await sync_to_async(routed)(model_id, await sync_to_async(upstream_of)("gemini", server))
    content = [{"type": "image_url", "image_url": {"url": address}}]
    asked = {"model": model_id, "messages": [{"role": "user", "content": content}]}
    error = (await program.post(ASK, json=asked)).json()["error"]
    assert (error["param"], error["code"]) == ("messages[0].content[0]", "invalid_value")


async def test_modalities_of_another_type_are_refused(program, server):
    await sync_to_async(routed)("gemini-2.5-flash", await sync_to_async(upstream_of)("gemini", server))
    response = await program.post(ASK, json=HELLO | {"model": "gemini-2.5-flash", "modalities": "text"})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "modalities")


async def test_a_body_that_is_too_large_is_refused(program, settings):
    settings.API_MAX_BODY = 1000
    response = await program.post(ASK, json=HELLO | {"user": "x" * 1000})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "request_too_large")


async def test_a_large_body_is_passed_on(program, server):
    server.say("Hi")
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 20_000_000}}
    body = HELLO | {"messages": [{"role": "user", "content": [picture]}]}
    assert (await program.post(ASK, json=body)).status_code == 200
    assert len(json.dumps(server.requests[-1].json)) > 20_000_000


async def test_a_nul_in_a_text_is_passed_on(program, server):
    server.say("Hi")
    body = HELLO | {"messages": [{"role": "user", "content": "a\0b"}]}
    assert (await program.post(ASK, json=body)).status_code == 200
    assert server.requests[-1].json["messages"][0]["content"] == "a\0b"


async def test_an_unknown_model_is_not_found(program):
    response = await program.post(ASK, json=HELLO | {"model": "no"})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")


async def test_a_model_id_with_a_nul_is_not_found(program):
    response = await program.post(ASK, json=HELLO | {"model": "a\0b"})
    assert response.status_code == 404
