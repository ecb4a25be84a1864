"""What Anthropic's API answers in its own way, beyond what the recordings show."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chat.completions import (
    Adjustment,
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    Completion,
    CompletionError,
    ContextLengthExceeded,
    InvalidRequest,
    Message,
    ReasoningState,
    StreamTruncated,
    Text,
    Tool,
    ToolCall,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    Usage,
    collect,
)
from chat.upstreams import connect
from chat.upstreams.unfenced import Unfenced
from tests.replay import ReplayServer

MODEL = "claude-haiku-4-5"
HELLO = ChatRequest(MODEL, (Message("user", (Text("?"),)),))
WEATHER = Tool("get.weather", parameters={"type": "object", "properties": {"city": {"type": "string"}}})
SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}


def event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def started(**usage: Any) -> bytes:
    message = {"type": "message", "role": "assistant", "content": [], "usage": {"input_tokens": 3} | usage}
    return event("message_start", message=message)


def block(index: int, begins: dict[str, Any], *deltas: dict[str, Any]) -> list[bytes]:
    return [
        event("content_block_start", index=index, content_block=begins),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


def said(index: int, *texts: str) -> list[bytes]:
    return block(index, {"type": "text", "text": ""}, *({"type": "text_delta", "text": t} for t in texts))


def called(index: int, name: str, *pieces: str, **fields: Any) -> list[bytes]:
    begins = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}} | fields
    return block(index, begins, *({"type": "input_json_delta", "partial_json": piece} for piece in pieces))


def ended(reason: str = "end_turn", details: Any = None, **usage: Any) -> list[bytes]:
    delta = {"stop_reason": reason, "stop_sequence": None, "stop_details": details}
    return [
        event("message_delta", delta=delta, usage={"output_tokens": 5} | usage),
        event("message_stop"),
    ]


async def answer(server: ReplayServer, *pieces: bytes, request: ChatRequest = HELLO) -> Completion:
    server.answer(pieces)
    return await collect(connect("anthropic", server.base_url, "key").stream(request))


async def failure(
    server: ReplayServer, pieces: Sequence[bytes], **how: Any
) -> tuple[list[Chunk], CompletionError]:
    server.answer(pieces, **how)
    chunks: list[Chunk] = []
    try:
        async for chunk in connect("anthropic", server.base_url, "key").stream(HELLO):
            chunks.append(chunk)  # noqa: PERF401
    except CompletionError as error:
        return chunks, error
    raise AssertionError("the stream ended as if it were complete")


async def test_a_question_is_asked_with_the_key_and_the_version(server: ReplayServer) -> None:
    server.answer([started(), *said(0, "Hi"), *ended()])
    for base_url in (server.base_url, f"{server.base_url}/", server.base_url.removesuffix("/v1")):
        await collect(connect("anthropic", base_url, "the-key").stream(HELLO))
    await collect(connect("anthropic", server.base_url, "").stream(HELLO))
    assert {request.path for request in server.requests} == {"/v1/messages"}
    first, *_, last = server.requests
    assert first.headers["x-api-key"] == "the-key"
    assert first.headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in first.headers
    assert "x-api-key" not in last.headers


ANSWER = [
    started(),
    event("ping"),
    *block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "H"},
        {"type": "thinking_delta", "thinking": "m."},
        {"type": "signature_delta", "signature": "c2ln"},
    ),
    *block(1, {"type": "redacted_thinking", "data": "secret"}),
    *said(2, "Let me ", "see."),
    *called(3, "get_weather", "", '{"city":', '"Berlin"}'),
    *called(4, "now", ""),
    *ended("tool_use"),
]


async def test_an_answer_with_everything_in_it(server: ReplayServer) -> None:
    completion = await answer(server, *ANSWER)
    (choice,) = completion.choices
    assert (choice.reasoning, choice.content, choice.finish_reason) == ("Hm.", "Let me see.", "tool_calls")
    assert choice.tool_calls == (
        ToolCall("toolu_3", "get_weather", '{"city":"Berlin"}'),
        ToolCall("toolu_4", "now", "{}"),
    )
    assert choice.reasoning_state == ReasoningState(
        "anthropic", MODEL, (SIGNED, {"type": "redacted_thinking", "data": "secret"})
    )
    assert completion.usage == Usage(3, 5, 8)


async def test_only_reasoning_that_is_signed_is_kept_for_later(server: ReplayServer) -> None:
    begins = {"type": "thinking", "thinking": "", "signature": ""}
    silent = block(0, begins, {"type": "signature_delta", "signature": "c2ln"})
    cut_off = block(1, begins, {"type": "thinking_delta", "thinking": "Hm"})
    completion = await answer(server, started(), *silent, *cut_off, *ended("max_tokens"))
    state = completion.choices[0].reasoning_state
    assert state is not None
    assert state.blocks == ({"type": "thinking", "thinking": "", "signature": "c2ln"},)
    assert completion.choices[0].reasoning == "Hm"


async def test_a_call_begins_with_its_id_and_name_and_is_counted_among_calls(server: ReplayServer) -> None:
    server.answer(ANSWER)
    stream = connect("anthropic", server.base_url, "key").stream(HELLO)
    deltas = [delta async for part in stream for delta in part.tool_calls]
    assert [(d.index, d.id, d.name, d.arguments) for d in deltas] == [
        (0, "toolu_3", "get_weather", ""),
        (0, None, None, '{"city":'),
        (0, None, None, '"Berlin"}'),
        (1, "toolu_4", "now", ""),
        (1, None, None, "{}"),
    ]


async def test_the_reason_to_finish_comes_once_and_last_with_the_reasoning(server: ReplayServer) -> None:
    server.answer(ANSWER)
    chunks = [chunk async for chunk in connect("anthropic", server.base_url, "key").stream(HELLO)]
    assert [chunk.finish_reason for chunk in chunks].index("tool_calls") == len(chunks) - 1
    assert chunks[-1].reasoning_state is not None


@pytest.mark.parametrize("kept", range(1, len(ANSWER)))
async def test_an_answer_cut_off_after_any_event_is_not_complete(
    kept: int, shared_server: ReplayServer
) -> None:
    for then in ("end", "close"):
        chunks, error = await failure(shared_server, ANSWER[:kept], then=then)
        assert type(error) is StreamTruncated
        assert not any(chunk.finish_reason for chunk in chunks)


async def test_an_answer_cut_off_within_an_event_is_not_complete(server: ReplayServer) -> None:
    body = b"".join(ANSWER)
    _, error = await failure(server, [body[:-9]])
    assert type(error) is StreamTruncated


async def test_the_last_event_needs_no_blank_line_and_the_connection_no_end(server: ReplayServer) -> None:
    body = b"".join(ANSWER)
    assert (await answer(server, body[:-2])).choices[0].finish_reason == "tool_calls"
    for then in ("stall", "close", "reset"):
        server.answer(ANSWER, then=then)  # type: ignore[arg-type]
        completion = await collect(connect("anthropic", server.base_url, "key").stream(HELLO))
        assert completion.choices[0].finish_reason == "tool_calls"


async def test_an_answer_without_an_event_is_a_bad_one(server: ReplayServer) -> None:
    for pieces in ([b": nothing\n\n"], [event("ping")]):
        _, error = await failure(server, pieces)
        assert type(error) is BadUpstreamResponse


async def test_the_input_may_come_with_the_beginning_of_a_call(server: ReplayServer) -> None:
    completion = await answer(server, started(), *called(0, "a", input={"x": 1}), *ended("tool_use"))
    assert json.loads(completion.choices[0].tool_calls[0].arguments) == {"x": 1}


async def test_calls_that_never_end_are_closed_with_the_answer(server: ReplayServer) -> None:
    open_call = called(0, "now", id=None)[:-1]
    completion = await answer(server, started(), *open_call, *ended("tool_use"))
    (call,) = completion.choices[0].tool_calls
    assert call.arguments == "{}"
    assert call.id.startswith("call_")


async def test_text_may_come_with_the_beginning_of_a_block(server: ReplayServer) -> None:
    begun = block(0, {"type": "text", "text": "He"}, {"type": "text_delta", "text": "llo"})
    assert (await answer(server, started(), *begun, *ended())).choices[0].content == "Hello"


async def test_unknown_events_blocks_and_deltas_are_passed_over(server: ReplayServer) -> None:
    search = {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}}
    completion = await answer(
        server,
        started(),
        event("weather_report", sky="blue", error=None),
        event("message_paused"),
        *block(0, search, {"type": "input_json_delta", "partial_json": '{"q":1}'}),
        *block(1, {"type": "web_search_tool_result", "content": []}),
        *block(2, {"type": "hologram"}, {"type": "hologram_delta", "light": 1}),
        *block(3, {"type": "text", "text": ""}, {"type": "citations_delta", "citation": {}}),
        *said(4, "Hi"),
        *ended(),
    )
    assert completion.choices[0].content == "Hi"
    assert completion.choices[0].tool_calls == ()


@pytest.mark.parametrize("sign", [b"data: [DONE]\n\n", b"data:\n\n", b"event: ping\ndata: \n\n"])
async def test_signs_of_life_and_of_the_end_that_other_apis_use_are_passed_over(
    server: ReplayServer, sign: bytes
) -> None:
    completion = await answer(server, started(), *said(0, "Hi"), *ended(), sign)
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("Hi", "stop")


async def test_a_sign_of_the_end_that_other_apis_use_is_not_the_end(server: ReplayServer) -> None:
    _, error = await failure(server, [started(), *said(0, "Hi"), b"data: [DONE]\n\n"])
    assert type(error) is StreamTruncated


@pytest.mark.parametrize(
    "broken",
    [
        b"data: [1]\n\n",
        b"data: {\n\n",
        event("content_block_start", index=0),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": 7}),
        event("content_block_delta", index=9, delta={"type": "thinking_delta", "thinking": "x"}),
        event("message_start"),
        event("message_delta", delta={"stop_reason": [7]}),
        event("message_delta", delta={"stop_reason": "refusal", "stop_details": {"explanation": 7}}),
    ],
)
async def test_what_is_not_of_the_protocol_is_a_bad_response(broken: bytes, server: ReplayServer) -> None:
    _, error = await failure(server, [started(), broken, *said(0, "Hi"), *ended()])
    assert type(error) is BadUpstreamResponse


@pytest.mark.parametrize(
    ("broken", "expected", "message"),
    [
        (
            event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
            UpstreamOverloaded,
            "Overloaded",
        ),
        (event("error", error={"type": "api_error", "message": "Oops"}), UpstreamError, "Oops"),
        (b'data: {"type":"error","error":{"type":"api_error","message":"Oops"}}\n\n', UpstreamError, "Oops"),
        (b'data: {"error":"Oops"}\n\n', UpstreamError, "Oops"),
        (b"event: error\ndata: Oops\n\n", UpstreamError, "Oops"),
    ],
)
async def test_a_failure_in_mid_answer_keeps_what_came(
    broken: bytes, expected: type[CompletionError], message: str, server: ReplayServer
) -> None:
    chunks, error = await failure(server, [started(), *said(0, "Half an"), broken])
    assert "".join(chunk.content for chunk in chunks) == "Half an"
    assert not any(chunk.finish_reason for chunk in chunks)
    assert type(error) is expected
    assert error.upstream is not None
    assert error.upstream.message == message


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("sunset", "stop"),
    ],
)
async def test_reasons_to_finish_have_one_name(sent: str, meant: str, server: ReplayServer) -> None:
    completion = await answer(server, started(), *said(0, "Hi"), *ended(sent))
    assert completion.choices[0].finish_reason == meant


async def test_a_refusal_says_why(server: ReplayServer) -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not this."}
    completion = await answer(server, started(), *said(0, "I"), *ended("refusal", details))
    (choice,) = completion.choices
    assert (choice.content, choice.refusal, choice.finish_reason) == ("I", "Not this.", "content_filter")


async def test_tokens_of_the_cache_are_part_of_the_prompt_and_null_changes_nothing(
    server: ReplayServer,
) -> None:
    begun = started(
        input_tokens=10, cache_read_input_tokens=100, cache_creation_input_tokens=1000, output_tokens=1
    )
    details = {"thinking_tokens": 2}
    end = ended(
        input_tokens=None, cache_read_input_tokens=200, output_tokens=7, output_tokens_details=details
    )
    completion = await answer(server, begun, *said(0, "Hi"), *end)
    assert completion.usage == Usage(1210, 7, 1217, 200, 1000, 2)


async def test_only_numbers_are_counts(server: ReplayServer) -> None:
    odd = {"cache_read_input_tokens": "many", "output_tokens_details": {"thinking_tokens": []}}
    completion = await answer(server, started(input_tokens=4.0), *said(0, "Hi"), *ended(**odd))
    assert completion.usage == Usage(4, 5, 9)


async def test_the_prompt_is_counted_before_the_answer_is_over(server: ReplayServer) -> None:
    chunks, _ = await failure(server, [started(input_tokens=10, output_tokens=1), *said(0, "Hi")])
    assert chunks[0] == Chunk(usage=Usage(10, 1, 11))


async def test_a_whole_message_is_taken_for_the_stream(server: ReplayServer) -> None:
    whole = {
        "type": "message",
        "content": [
            SIGNED,
            {"type": "text", "text": "Hi"},
            {"type": "tool_use", "id": "a", "name": "now", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
    completion = await answer(server, json.dumps(whole).encode())
    (choice,) = completion.choices
    assert (choice.reasoning, choice.content, choice.finish_reason) == ("Hm.", "Hi", "tool_calls")
    assert choice.tool_calls == (ToolCall("a", "now", "{}"),)
    assert choice.reasoning_state == ReasoningState("anthropic", MODEL, (SIGNED,))
    assert completion.usage == Usage(3, 4, 7)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"type":"error","error":{"type":"overloaded_error","message":"No"}}', UpstreamOverloaded),
        (b'{"type":"completion","completion":"Hi"}', BadUpstreamResponse),
        (b'{"content":[{}]}', BadUpstreamResponse),
        (b"[]", BadUpstreamResponse),
    ],
)
async def test_a_body_that_is_no_message_is_an_error(
    body: bytes, expected: type[CompletionError], server: ReplayServer
) -> None:
    _, error = await failure(server, [body])
    assert type(error) is expected


async def test_tools_are_called_by_the_names_that_were_asked_for(server: ReplayServer) -> None:
    request = replace(HELLO, tools=(WEATHER,))
    await answer(server, started(), *said(0, "Hi"), *ended(), request=request)
    sent = server.requests[-1].json["tools"][0]["name"]
    completion = await answer(server, started(), *called(0, sent, "{}"), *ended("tool_use"), request=request)
    assert sent != "get.weather"
    assert completion.choices[0].tool_calls == (ToolCall("toolu_0", "get.weather", "{}"),)


OPEN = {"type": "object", "properties": {"a": {"type": "object"}}}
IN_JSON = replace(HELLO, response_format={"type": "json_schema", "json_schema": {"schema": OPEN}})


async def test_an_answer_that_comes_as_a_tool_is_the_content(server: ReplayServer) -> None:
    completion = await answer(
        server, started(), *called(0, "json_response", '{"a":', "{}}"), *ended("tool_use"), request=IN_JSON
    )
    (choice,) = completion.choices
    assert (choice.content, choice.tool_calls, choice.finish_reason) == ('{"a":{}}', (), "stop")
    assert completion.adjustments == (Adjustment("response_format", "tool"),)


async def test_an_answer_in_json_loses_its_fence(server: ReplayServer) -> None:
    request = replace(HELLO, response_format={"type": "json_object"})
    completion = await answer(
        server, started(), *said(0, "``", "`json\n{", '"a": 1}', "\n``", "`"), *ended(), request=request
    )
    assert completion.choices[0].content == '{"a": 1}'


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('{"a": "```"}', '{"a": "```"}'),
        ('```json\n{"a": "``` b"}\n```', '{"a": "``` b"}'),
        ("```\n[1]\n```\n", "[1]"),
        ("``", "``"),
        ("```json\n{", "{"),
        ("```json\n{}\n``", "{}\n``"),
        ("", ""),
    ],
)
def test_only_what_is_a_fence_is_taken_away(text: str, plain: str) -> None:
    for size in range(1, len(text) + 2):
        unfenced = Unfenced()
        pieces = [unfenced.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + unfenced.rest() == plain


def going_on(model: str = MODEL) -> ChatRequest:
    state = ReasoningState("anthropic", model, (SIGNED,))
    call = Message("assistant", tool_calls=(ToolCall("a", "now", "{}"),), reasoning_state=state)
    result = Message("tool", (Text("noon"),), tool_call_id="a")
    return replace(HELLO, model=model, messages=(*HELLO.messages, call, result), reasoning_effort="low")


@pytest.mark.parametrize(
    "words",
    [
        "messages.1.content.0: The block is bound to a different conversation.",
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest message cannot be modified.",
    ],
)
async def test_reasoning_that_is_not_taken_back_is_left_out_once(words: str, server: ReplayServer) -> None:
    refusal = json.dumps(
        {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
    ).encode()
    server.answer([refusal], status=400)
    completion = await answer(server, started(), *said(0, "Noon."), *ended(), request=going_on())
    first, second = server.requests
    assert first.json["messages"][1]["content"][0] == SIGNED
    assert first.json["thinking"]["type"] == "enabled"
    assert second.json["messages"][1]["content"][0]["type"] == "tool_use"
    assert "thinking" not in second.json
    assert completion.choices[0].content == "Noon."
    assert completion.adjustments == (
        Adjustment("reasoning_effort", "none"),
        Adjustment("reasoning_content"),
    )


def too_long(read: int) -> bytes:
    words = f"input length and `max_tokens` exceed context limit: {read} + 64000 > 200000, decrease either"
    return json.dumps(
        {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
    ).encode()


async def test_a_limit_that_nobody_asked_for_gives_way_to_a_long_conversation(server: ReplayServer) -> None:
    server.answer([too_long(150000)], status=400)
    completion = await answer(server, started(), *said(0, "Hi"), *ended())
    assert [request.json["max_tokens"] for request in server.requests] == [64000, 50000]
    assert completion.adjustments == ()


@pytest.mark.parametrize(("limit", "read"), [(64000, 150000), (None, 199500)])
async def test_a_limit_that_was_asked_for_or_leaves_no_room_does_not(
    limit: int | None, read: int, server: ReplayServer
) -> None:
    server.answer([too_long(read)], status=400)
    request = replace(HELLO, max_output_tokens=limit)
    with pytest.raises(ContextLengthExceeded):
        await collect(connect("anthropic", server.base_url, "key").stream(request))
    assert len(server.requests) == 1


async def test_a_reader_that_leaves_closes_the_connection(server: ReplayServer) -> None:
    server.answer([started(), *said(0, "Hi")], then="stall")
    stream = connect("anthropic", server.base_url, "key").stream(HELLO)
    async for chunk in stream:
        if chunk.content:
            break
    await stream.aclose()
    assert await asyncio.to_thread(server.wait_closed, 1)


async def test_a_request_refused_for_another_reason_is_sent_once(server: ReplayServer) -> None:
    server.answer([b'{"type":"error","error":{"type":"invalid_request_error","message":"No."}}'], status=400)
    with pytest.raises(InvalidRequest, match="No"):
        await collect(connect("anthropic", server.base_url, "key").stream(going_on()))
    assert len(server.requests) == 1


async def test_a_level_of_effort_that_a_model_does_not_know_is_left_out(server: ReplayServer) -> None:
    words = "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium."
    refusal = json.dumps(
        {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
    ).encode()
    server.answer([refusal], status=400)
    request = replace(HELLO, model="claude-opus-4-7-test", reasoning_effort="xhigh")
    completion = await answer(server, started(), *said(0, "Hi"), *ended(), request=request)
    assert completion.adjustments == (Adjustment("effort"),)
    assert "output_config" not in server.requests[1].json


async def test_a_key_that_cannot_be_one_is_not_sent(server: ReplayServer) -> None:
    with pytest.raises(UpstreamAuthFailed, match="characters"):
        await collect(connect("anthropic", server.base_url, "kéy").stream(HELLO))
    assert server.requests == []


async def test_the_models_are_listed_page_by_page_without_the_retired(server: ReplayServer) -> None:
    server.models = [
        {
            "type": "model",
            "id": "claude-opus-5",
            "display_name": "Claude Opus 5",
            "created_at": "2026-07-20T00:00:00Z",
            "max_input_tokens": 1000000,
            "lifecycle": "active",
        },
        {
            "id": "claude-2",
            "display_name": "Claude 2",
            "created_at": "1970-01-01T00:00:00Z",
            "lifecycle": "retired",
        },
        {"id": "claude-new", "display_name": "Claude New", "created_at": "1970-01-01T00:00:00Z"},
    ]
    server.models_a_page = 1
    opus, new = await connect("anthropic", server.base_url, "key").models()
    assert (opus.id, opus.display_name, opus.context_window) == ("claude-opus-5", "Claude Opus 5", 1000000)
    assert opus.created == 1784505600
    assert (new.id, new.created, new.context_window) == ("claude-new", None, None)
    assert [request.path for request in server.requests] == ["/v1/models"] * 3
    assert server.requests[0].headers["x-api-key"] == "key"
