"""OpenAI's Responses API behind the face of Chat Completions.

The events are written here after the official types, which check each of them.
Source: https://platform.openai.com/docs/api-reference/responses-streaming
"""

import base64
import json
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from chat.completions import (
    Audio,
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    Completion,
    CompletionError,
    ContentFiltered,
    File,
    Image,
    InvalidRequest,
    Message,
    RateLimited,
    ReasoningState,
    StreamTruncated,
    Text,
    Tool,
    ToolCall,
    ToolCallDelta,
    UpstreamError,
    Usage,
    collect,
)
from chat.upstreams import connect, openai
from chat.upstreams.openai import Responses
from tests.replay import ReplayServer, random_cuts

from .official import Responses as ResponsesBody
from .official import check

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
WEATHER = Tool("weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
ASKED = Message("user", (Text("Weather in Berlin?"),))
REQUEST = ChatRequest("gpt-6-astra", (ASKED,), tools=(WEATHER,))
PRO = ChatRequest("gpt-5-pro", (ASKED,))
CALL = ToolCall("call_1", "weather", '{"city":"Berlin"}')
REASONING = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "A tool will know."}],
    "encrypted_content": "Z2liYmVyaXNo",
}
USAGE = {
    "input_tokens": 50,
    "input_tokens_details": {"cached_tokens": 32, "cache_write_tokens": 8},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 12},
    "total_tokens": 70,
}


@pytest.fixture(autouse=True)
def nothing_learned() -> Iterator[None]:
    openai._sent_elsewhere.clear()
    yield
    openai._sent_elsewhere.clear()


# Events -----------------------------------------------------------------------------------------------------


def event(kind: str, **fields: Any) -> bytes:
    payload = {"type": kind, "sequence_number": 0, **fields}
    EVENT.validate_python(payload)
    return f"event: {kind}\ndata: {json.dumps(payload)}\n\n".encode()


def response(status: str, **fields: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-6-astra", "output": []}
    settings = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "status": status}
    return {**head, **settings, **fields}


def opening() -> list[bytes]:
    return [
        event("response.created", response=response("in_progress")),
        event("response.in_progress", response=response("in_progress")),
    ]


def completed(usage: dict[str, Any] | None = USAGE) -> bytes:
    return event("response.completed", response=response("completed", usage=usage))


def said(text: str, at: int = 0) -> list[bytes]:
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
    place = {"item_id": "msg_1", "output_index": at, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    return [
        event("response.output_item.added", item=item, output_index=at),
        event("response.content_part.added", part=part, **place),
        *(event("response.output_text.delta", delta=each, logprobs=[], **place) for each in text),
        event("response.output_text.done", text=text, logprobs=[], **place),
        event("response.output_item.done", item={**item, "status": "completed"}, output_index=at),
    ]


def thought(*summaries: str, at: int = 0, encrypted: str | None = "Z2liYmVyaXNo") -> list[bytes]:
    texts = [{"type": "summary_text", "text": text} for text in summaries]
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "incomplete"}
    pieces = [event("response.output_item.added", item=item, output_index=at)]
    for index, text in enumerate(summaries):
        place = {"item_id": "rs_1", "output_index": at, "summary_index": index}
        pieces += [
            event("response.reasoning_summary_part.added", part={**texts[index], "text": ""}, **place),
            event("response.reasoning_summary_text.delta", delta=text, **place),
            event("response.reasoning_summary_text.done", text=text, **place),
            event("response.reasoning_summary_part.done", part=texts[index], **place),
        ]
    done = {**item, "summary": texts, "encrypted_content": encrypted, "status": None}
    # A status of null is what the API sends, though its types do not say so.
    payload = {"type": "response.output_item.done", "sequence_number": 0, "item": done, "output_index": at}
    return [*pieces, f"data: {json.dumps(payload)}\n\n".encode()]


def called(call: ToolCall, *pieces: str, at: int = 0) -> list[bytes]:
    item = {"type": "function_call", "id": f"fc_{at}", "call_id": call.id, "name": call.name, "arguments": ""}
    place = {"item_id": f"fc_{at}", "output_index": at}
    done = {**item, "arguments": call.arguments, "status": "completed"}
    return [
        event("response.output_item.added", item={**item, "status": "in_progress"}, output_index=at),
        *(event("response.function_call_arguments.delta", delta=each, **place) for each in pieces),
        event("response.function_call_arguments.done", arguments=call.arguments, name=call.name, **place),
        event("response.output_item.done", item=done, output_index=at),
    ]


async def chunks(server: ReplayServer, *pieces: bytes, cuts: int | None = None) -> list[Chunk]:
    body = b"".join(pieces)
    server.answer([body] if cuts is None else [body[at : at + cuts] for at in range(0, len(body), cuts)])
    return [chunk async for chunk in connect("openai", server.base_url, "key").stream(REQUEST)]


async def answer(server: ReplayServer, *pieces: bytes, cuts: int | None = None) -> Completion:
    parts = await chunks(server, *pieces, cuts=cuts)

    async def again() -> Any:
        for part in parts:
            yield part

    assert all(part != Chunk() for part in parts)
    return await collect(again())


async def failure(server: ReplayServer, *pieces: bytes) -> tuple[str, CompletionError]:
    server.answer(pieces)
    text = ""
    try:
        async with aclosing(connect("openai", server.base_url, "key").stream(REQUEST)) as stream:
            async for part in stream:
                assert part.finish_reason is None
                text += part.content
    except CompletionError as error:
        return text, error
    raise AssertionError("the stream ended as if it were complete")


WHOLE = [
    *opening(),
    *thought("A tool will know.", "Ask it."),
    *said("I'll look.", at=1),
    *called(CALL, '{"city"', ':"Berlin"}', at=2),
    *called(ToolCall("call_2", "now", "{}"), at=3),
    completed(),
]


@pytest.mark.parametrize("cuts", [None, 1, 7, 1000])
async def test_an_answer_is_read_in_full(server: ReplayServer, cuts: int | None) -> None:
    completion = await answer(server, *WHOLE, cuts=cuts)
    choice = completion.choices[0]
    assert choice.content == "I'll look."
    assert choice.reasoning == "A tool will know.\n\nAsk it."
    assert choice.tool_calls == (CALL, ToolCall("call_2", "now", "{}"))
    assert choice.finish_reason == "tool_calls"
    assert completion.usage == Usage(50, 20, 70, cached_tokens=32, cache_write_tokens=8, reasoning_tokens=12)


async def test_a_plain_answer_stops(server: ReplayServer) -> None:
    completion = await answer(server, *opening(), *said("Hi"), completed(None))
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("Hi", "stop")
    assert completion.usage is None


async def test_a_call_begins_with_the_id_that_its_result_will_name(server: ReplayServer) -> None:
    parts = await chunks(
        server, *opening(), *thought("Hm."), *called(CALL, '{"city"', ":1}", at=1), completed()
    )
    assert [delta for part in parts for delta in part.tool_calls] == [
        ToolCallDelta(0, "call_1", "weather"),
        ToolCallDelta(0, arguments='{"city"'),
        ToolCallDelta(0, arguments=":1}"),
    ]


async def test_arguments_without_deltas_arrive_with_the_end_of_their_call(server: ReplayServer) -> None:
    item = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "weather",
        "status": "completed",
    }
    done = event("response.output_item.done", item={**item, "arguments": CALL.arguments}, output_index=0)
    assert (await answer(server, *called(CALL)[:1], done, completed())).choices[0].tool_calls == (CALL,)
    assert (await answer(server, done, completed())).choices[0].tool_calls == (CALL,)


async def test_calls_that_grow_side_by_side_are_told_apart(server: ReplayServer) -> None:
    first, second = (
        called(CALL, '{"city":"Berlin"}', at=1),
        called(ToolCall("call_2", "now", "{}"), "{}", at=4),
    )
    side_by_side = [piece for pair in zip(first, second, strict=True) for piece in pair]
    completion = await answer(server, *side_by_side, completed())
    assert completion.choices[0].tool_calls == (CALL, ToolCall("call_2", "now", "{}"))


async def test_a_refusal_is_one(server: ReplayServer) -> None:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    refused = event("response.refusal.delta", delta="No.", **place)
    assert (await answer(server, refused, completed())).choices[0].refusal == "No."


async def test_plain_reasoning_is_passed_on(server: ReplayServer) -> None:
    place = {"item_id": "rs_1", "output_index": 0, "content_index": 0}
    thinking = event("response.reasoning_text.delta", delta="Hm.", **place)
    assert (await answer(server, thinking, completed())).choices[0].reasoning == "Hm."


async def test_reasoning_that_can_be_sent_back_is_kept_whole(server: ReplayServer) -> None:
    parts = await chunks(server, *opening(), *thought("A tool will know."), *called(CALL, at=1), completed())
    states = [(part.reasoning_state, part.finish_reason) for part in parts if part.reasoning_state]
    assert states == [(ReasoningState("openai", "gpt-6-astra", (REASONING,)), "tool_calls")]


async def test_reasoning_that_cannot_be_sent_back_is_not_kept(server: ReplayServer) -> None:
    completion = await answer(server, *thought("Hm.", encrypted=None), *said("Hi", at=1), completed())
    assert completion.choices[0].reasoning_state is None


@pytest.mark.parametrize(
    ("cause", "reason"), [("max_output_tokens", "length"), ("content_filter", "content_filter")]
)
async def test_an_answer_that_was_cut_says_why(server: ReplayServer, cause: str, reason: str) -> None:
    end = response("incomplete", incomplete_details={"reason": cause}, usage=USAGE)
    completion = await answer(server, *said("Half"), event("response.incomplete", response=end))
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("Half", reason)
    assert completion.usage is not None


async def test_an_answer_that_was_cut_for_no_known_reason_failed(server: ReplayServer) -> None:
    end = event("response.incomplete", response=response("incomplete", incomplete_details=None))
    text, error = await failure(server, *said("Half"), end)
    assert (text, type(error)) == ("Half", UpstreamError)


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("server_error", "The server had an error", UpstreamError),
        ("rate_limit_exceeded", "Rate limit reached", RateLimited),
        ("invalid_prompt", "Your prompt was flagged", ContentFiltered),
        ("bio_policy", "Not this", ContentFiltered),
        ("invalid_prompt", "Not this", InvalidRequest),
        ("image_too_large", "Too large", InvalidRequest),
    ],
)
async def test_a_failure_in_mid_answer_keeps_what_came(
    server: ReplayServer, code: str, message: str, expected: type[CompletionError]
) -> None:
    failed = event("response.failed", response=response("failed", error={"code": code, "message": message}))
    for end in (failed, event("error", code=code, message=message, param=None)):
        text, error = await failure(server, *opening(), *said("Half an"), end)
        assert (text, type(error)) == ("Half an", expected)
        assert error.upstream is not None
        assert (error.upstream.status, error.upstream.code, error.upstream.message) == (200, code, message)
        assert error.upstream.type is None


async def test_a_failure_may_come_as_in_the_other_api(server: ReplayServer) -> None:
    failed = {"error": {"type": "server_error", "code": "server_error", "message": "Oops", "param": None}}
    end = b"data: %s\n\n" % json.dumps(failed).encode()
    text, error = await failure(server, *opening(), *said("Half an"), end)
    assert (text, type(error)) == ("Half an", UpstreamError)
    assert error.upstream is not None
    assert (error.upstream.type, error.upstream.message) == ("server_error", "Oops")


async def test_a_failure_without_a_reason_is_one(server: ReplayServer) -> None:
    _, error = await failure(server, event("response.failed", response=response("failed", error=None)))
    assert type(error) is UpstreamError


async def test_a_stream_that_does_not_say_that_it_is_complete_is_truncated(server: ReplayServer) -> None:
    for end in random_cuts(len(b"".join(WHOLE[:-1])), 12, 1):
        _, error = await failure(server, b"".join(WHOLE)[:end])
        assert type(error) in (StreamTruncated, BadUpstreamResponse)
    _, error = await failure(server, *WHOLE[:-1])
    assert type(error) is StreamTruncated
    _, error = await failure(server, *WHOLE[:-1], b"data: [DONE]\n\n")
    assert type(error) is StreamTruncated


async def test_what_follows_the_end_is_not_waited_for(server: ReplayServer) -> None:
    server.answer(WHOLE, then="stall")
    completion = await collect(connect("openai", server.base_url, "key").stream(REQUEST))
    assert completion.choices[0].finish_reason == "tool_calls"


async def test_events_and_items_that_nobody_knows_are_passed_over(server: ReplayServer) -> None:
    unknown = [
        b'event: response.telepathy\ndata: {"type":"response.telepathy"}\n\n',
        b'data: {"type":"response.output_item.added","output_index":9,"item":{"type":"telepathy"}}\n\n',
        b'data: {"type":"response.output_item.done","output_index":9,"item":{"type":"telepathy"}}\n\n',
    ]
    assert (await answer(server, *unknown, *said("Hi"), *unknown, completed())).choices[0].content == "Hi"


@pytest.mark.parametrize(
    "wrong", [b"data: {]\n\n", b"data: 7\n\n", b'data: {"type":"response.output_text.delta"}\n\n']
)
async def test_what_the_protocol_does_not_say_is_an_error(server: ReplayServer, wrong: bytes) -> None:
    _, error = await failure(server, *opening(), wrong, *said("Hi"), completed())
    assert type(error) is BadUpstreamResponse


async def test_one_piece_instead_of_a_stream_is_an_error(server: ReplayServer) -> None:
    _, error = await failure(server, json.dumps(response("completed")).encode())
    assert type(error) is BadUpstreamResponse
    _, error = await failure(server, b'{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}')
    assert type(error) is RateLimited


# Requests ---------------------------------------------------------------------------------------------------


def sent(request: ChatRequest, **asked: Any) -> tuple[dict[str, Any], list[str]]:
    upstream, request = Responses(), replace(request, **asked)
    fit, adjustments = upstream.prepared(request, upstream.capabilities(request.model))
    body = upstream.body(fit)
    check(body, ResponsesBody)
    return body, [str(adjustment) for adjustment in adjustments]


def items(*messages: Message) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sent(REQUEST, messages=messages)[0]["input"]
    return found


def test_a_plain_question_is_sent_with_nothing_that_was_not_asked_for() -> None:
    assert sent(PRO) == (
        {
            "model": "gpt-5-pro",
            "input": [{"role": "user", "content": "Weather in Berlin?"}],
            "reasoning": {"summary": "auto"},
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "stream": True,
            "stream_options": {"include_obfuscation": False},
        },
        [],
    )


def test_everything_that_was_asked_for_is_sent() -> None:
    schema = {"name": "answer", "schema": {"type": "object"}, "strict": True}
    body, adjustments = sent(
        REQUEST,
        max_output_tokens=1000,
        tool_choice="function:weather",
        parallel_tool_calls=False,
        reasoning_effort="max",
        response_format={"type": "json_schema", "json_schema": schema},
        extra={"verbosity": "low", "user": "ada", "service_tier": "flex", "prompt_cache_key": "k"},
    )
    assert adjustments == []
    assert body["max_output_tokens"] == 1000
    assert body["tools"] == [
        {
            "type": "function",
            "name": "weather",
            "description": "The weather.",
            "parameters": WEATHER.parameters,
            "strict": False,
        }
    ]
    assert body["tool_choice"] == {"type": "function", "name": "weather"}
    assert body["parallel_tool_calls"] is False
    assert body["reasoning"] == {"effort": "max", "summary": "auto"}
    assert body["text"] == {"format": {"type": "json_schema", **schema}, "verbosity": "low"}
    assert (body["user"], body["service_tier"], body["prompt_cache_key"]) == ("ada", "flex", "k")


def test_a_tool_is_strict_only_if_it_says_so() -> None:
    body, _ = sent(REQUEST, tools=(replace(WEATHER, strict=True), Tool("now")))
    assert [tool["strict"] for tool in body["tools"]] == [True, False]
    assert body["tools"][1]["parameters"] == {"type": "object", "properties": {}}


def test_instructions_at_the_beginning_stand_apart_from_later_ones() -> None:
    system, developer = Message("system", (Text("Be brief."),)), Message("developer", (Text("Be kind."),))
    body, _ = sent(REQUEST, messages=(system, developer, ASKED, system))
    assert body["instructions"] == "Be brief.\n\nBe kind."
    assert body["input"][1:] == [{"role": "developer", "content": "Be brief."}]


def test_instructions_alone_are_what_is_said() -> None:
    body, _ = sent(REQUEST, messages=(Message("system", (Text("Tell a story."),)),))
    assert "instructions" not in body
    assert body["input"] == [{"role": "developer", "content": "Tell a story."}]


def test_an_object_is_spoken_of_outside_of_the_instructions() -> None:
    system = Message("system", (Text("Write JSON."),))
    body, _ = sent(REQUEST, messages=(system, ASKED), response_format={"type": "json_object"})
    assert body["text"] == {"format": {"type": "json_object"}}
    assert "instructions" not in body
    assert body["input"][0] == {"role": "developer", "content": "Write JSON."}


def test_each_kind_of_part_is_sent() -> None:
    parts = (
        Text("See:"),
        Image("https://a.example/b.png"),
        Image("data:image/png;base64,AA==", "low"),
        File(file_id="file-1"),
        File("a.pdf", "data:application/pdf;base64,AA=="),
    )
    assert items(Message("user", parts))[0]["content"] == [
        {"type": "input_text", "text": "See:"},
        {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "auto"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"},
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
    ]


def test_a_file_is_sent_with_the_type_that_its_content_shows() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()
    document = base64.b64encode(b"%PDF-1.7\n%").decode()
    parts = (Image(f"data:image/jpeg;base64,{picture}"), File("a.pdf", f"data:;base64,{document}"))
    image, file = items(Message("user", parts))[0]["content"]
    assert image["image_url"] == f"data:image/png;base64,{picture}"
    assert file["file_data"] == f"data:application/pdf;base64,{document}"


def test_a_sound_is_refused_by_its_place() -> None:
    with pytest.raises(InvalidRequest, match="does not take audio input") as refused:
        items(Message("user", (Audio("AA==", "wav"),)))
    assert refused.value.param == "messages[0].content[0].type"


def test_a_file_without_content_is_refused_by_its_place() -> None:
    with pytest.raises(InvalidRequest, match="this kind of file") as refused:
        items(Message("user", (File("a.pdf"),)))
    assert (refused.value.param, refused.value.code) == ("messages[0].content[0].type", "unsupported_value")


def test_a_tool_conversation_is_sent_in_order() -> None:
    state = ReasoningState("openai", "gpt-6-astra", (REASONING,))
    assert items(
        ASKED,
        Message("assistant", (Text("I'll look."),), tool_calls=(CALL,), reasoning="x", reasoning_state=state),
        Message("tool", (Text("15 °C"),), tool_call_id="call_1"),
        Message("assistant", (Text("15 °C."),)),
        Message("user", (Text("Thanks"),)),
    ) == [
        {"role": "user", "content": "Weather in Berlin?"},
        REASONING,
        {"role": "assistant", "content": "I'll look."},
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Berlin"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "15 °C"},
        {"role": "assistant", "content": "15 °C."},
        {"role": "user", "content": "Thanks"},
    ]


def test_a_call_of_another_provider_keeps_to_the_longest_id_that_the_api_takes() -> None:
    call = ToolCall("x" * 65, "weather", "{}")
    result = Message("tool", (Text("Sunny"),), tool_call_id=call.id)
    _, asked, answered = items(ASKED, Message("assistant", tool_calls=(call,)), result)
    assert asked["call_id"] == answered["call_id"]
    assert len(asked["call_id"]) == 64


@pytest.mark.parametrize(("family", "model"), [("openai", "gpt-6.1-sol"), ("anthropic", "gpt-6-astra")])
def test_reasoning_of_another_model_is_not_sent(family: str, model: str) -> None:
    state = ReasoningState(family, model, (REASONING,))
    (call,) = items(Message("assistant", tool_calls=(CALL,), reasoning="Hm.", reasoning_state=state))
    assert call["type"] == "function_call"


def test_reasoning_that_nothing_follows_is_not_sent() -> None:
    state = ReasoningState("openai", "gpt-6-astra", (REASONING,))
    assert items(Message("assistant", reasoning="Hm.", reasoning_state=state), ASKED) == items(ASKED)


def test_what_the_api_has_no_word_for_is_left_out_and_named() -> None:
    extra = {
        "logit_bias": {"1": 1},
        "presence_penalty": 1,
        "frequency_penalty": 1,
        "logprobs": True,
        "store": True,
    }
    named = replace(ASKED, name="ada")
    body, adjustments = sent(PRO, stop=("END",), seed=7, temperature=0.2, extra=extra, messages=(named,))
    assert body == sent(PRO)[0]
    assert sorted(adjustments) == sorted([*extra, "stop", "seed", "temperature", "messages.name"])


def test_a_limit_is_raised_to_the_least_that_the_api_takes() -> None:
    body, adjustments = sent(PRO, max_output_tokens=1)
    assert (body["max_output_tokens"], adjustments) == (16, ["max_completion_tokens=16"])


def test_several_answers_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="at most 1 answer at once") as refused:
        sent(PRO, n=2)
    assert refused.value.param == "n"


# When it is asked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "effort", "tools", "path"),
    [
        ("gpt-4o", None, True, "/v1/chat/completions"),
        ("gpt-5", "high", True, "/v1/chat/completions"),
        ("gpt-5.4", None, True, "/v1/chat/completions"),
        ("gpt-5.4", "low", True, "/v1/responses"),
        ("gpt-5.4", "low", False, "/v1/chat/completions"),
        ("gpt-5.6-sol", None, True, "/v1/responses"),
        ("gpt-5.6-sol", "none", True, "/v1/chat/completions"),
        ("gpt-6-astra", "none", True, "/v1/responses"),
        ("gpt-6-astra", None, False, "/v1/chat/completions"),
        ("gpt-5.5-pro", None, False, "/v1/responses"),
        ("gpt-5.3-codex", None, True, "/v1/responses"),
    ],
)
async def test_each_model_is_asked_where_it_answers(
    server: ReplayServer, model: str, effort: str | None, *, tools: bool, path: str
) -> None:
    asked = replace(REQUEST, model=model, reasoning_effort=effort, tools=(WEATHER,) if tools else ())
    if path == "/v1/responses":
        server.answer([*said("Hi"), completed()])
    else:
        server.say("Hi")
    completion = await collect(connect("openai", server.base_url, "key").stream(asked))
    assert completion.choices[0].content == "Hi"
    assert [request.path for request in server.requests] == [path]


def refused(message: str, param: str | None) -> bytes:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return json.dumps({"error": error}).encode()


WITH_TOOLS = (
    "Function tools with reasoning_effort are not supported for gpt-7 in /v1/chat/completions. "
    "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
)
ONLY_THERE = "This model is only supported in v1/responses and not in v1/chat/completions."


async def test_a_model_newer_than_the_table_says_itself_where_it_is_answered(server: ReplayServer) -> None:
    request = replace(REQUEST, model="gpt-7", reasoning_effort="high")
    server.answer([refused(WITH_TOOLS, "reasoning_effort")], status=400)
    server.answer([*said("Hi"), completed()])
    upstream = connect("openai", server.base_url, "key")
    for _ in range(2):
        completion = await collect(upstream.stream(request))
        assert completion.choices[0].content == "Hi"
        assert completion.adjustments == ()
    server.say("Hi")
    for asked in (replace(request, tools=()), replace(request, reasoning_effort="none")):
        await collect(upstream.stream(asked))
    paths = [request.path.removeprefix("/v1") for request in server.requests]
    assert paths == [
        "/chat/completions",
        "/responses",
        "/responses",
        "/chat/completions",
        "/chat/completions",
    ]
    assert server.requests[1].json["reasoning"]["effort"] == "high"


@pytest.mark.parametrize("status", [400, 404])
async def test_a_model_may_be_answered_by_the_other_api_alone(server: ReplayServer, status: int) -> None:
    request = replace(PRO, model="gpt-7-pro")
    server.answer([refused(ONLY_THERE, "model")], status=status)
    server.answer([*said("Hi"), completed()])
    upstream = connect("openai", server.base_url, "key")
    for _ in range(2):
        assert (await collect(upstream.stream(request))).choices[0].content == "Hi"
    paths = [request.path.removeprefix("/v1") for request in server.requests]
    assert paths == ["/chat/completions", "/responses", "/responses"]


async def test_a_model_that_neither_api_answers_is_refused_once_each(server: ReplayServer) -> None:
    server.answer([refused(ONLY_THERE, "model")], status=400)
    with pytest.raises(InvalidRequest):
        await collect(connect("openai", server.base_url, "key").stream(replace(PRO, model="gpt-7-pro")))
    assert len(server.requests) == 2


async def test_without_a_verified_organisation_there_are_no_summaries(server: ReplayServer) -> None:
    message = "Your organization must be verified to generate reasoning summaries."
    server.answer([refused(message, "reasoning.summary")], status=400)
    server.answer([*said("Hi"), completed()])
    completion = await collect(connect("openai", server.base_url, "key").stream(REQUEST))
    assert completion.choices[0].content == "Hi"
    assert "reasoning" not in server.requests[1].json
