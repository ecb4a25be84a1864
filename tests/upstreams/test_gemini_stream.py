"""What Gemini's streams do beyond what the recordings show, and its list of models."""

import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chat.completions import (
    BadUpstreamResponse,
    ChatRequest,
    Choice,
    Chunk,
    Completion,
    CompletionError,
    Message,
    RateLimited,
    ReasoningState,
    StreamTruncated,
    Text,
    Tool,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamTimeout,
    Usage,
    collect,
)
from chat.upstreams import ModelInfo, Timeouts, connect
from chat.upstreams.gemini_events import Reader
from tests.replay import ReplayServer

MODEL = "gemini-3-flash-preview"
REQUEST = ChatRequest(MODEL, (Message("user", (Text("?"),)),))
COUNTS = {"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 3, "totalTokenCount": 10}


def response(
    *parts: dict[str, Any], finish: str | None = None, index: int = 0, usage: Any = None, **more: Any
) -> dict[str, Any]:
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": index, **more}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **({"usageMetadata": usage} if usage else {})}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"text": said, **more}


def call(name: str | None = None, **more: Any) -> dict[str, Any]:
    signature = {"thoughtSignature": more.pop("signature")} if "signature" in more else {}
    return {"functionCall": {**({"name": name} if name else {}), **more}, **signature}


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\r\n\r\n"


async def answer(server: ReplayServer, *payloads: Any, request: ChatRequest = REQUEST) -> Completion:
    server.answer([event(payload) for payload in payloads])
    return await collect(connect("gemini", server.base_url, "").stream(request))


async def choice(server: ReplayServer, *payloads: Any) -> Choice:
    return (await answer(server, *payloads)).choices[0]


async def failure(
    server: ReplayServer, *pieces: bytes, silence: float = 5, **more: Any
) -> tuple[list[Chunk], CompletionError]:
    server.answer(pieces, **more)
    chunks: list[Chunk] = []
    upstream = connect("gemini", server.base_url, "", Timeouts(silence=silence, total=10))
    try:
        async for part in upstream.stream(REQUEST):
            chunks.append(part)  # noqa: PERF401
    except CompletionError as error:
        return chunks, error
    raise AssertionError("the stream ended as if it were complete")


def read(*payloads: Any) -> list[Chunk]:
    reader = Reader(MODEL, {})
    chunks = [chunk for payload in payloads for chunk in reader.read_whole(json.dumps(payload).encode())]
    return [*chunks, *reader.end()]


async def test_thoughts_and_text_are_told_apart(server: ReplayServer) -> None:
    said = await choice(
        server,
        response(text("Hm. ", thought=True)),
        response(text("So.", thought=True), text("He")),
        response(text("llo"), finish="STOP"),
    )
    assert (said.reasoning, said.content, said.finish_reason) == ("Hm. So.", "Hello", "stop")


async def test_calls_are_counted_across_events(server: ReplayServer) -> None:
    said = await choice(
        server,
        response(call("one", args={"a": 1}, id="x", signature="AAAA")),
        response(call("two"), call("two", args={})),
        response(call("three", signature="BBBB"), finish="STOP"),
    )
    first, *others, last = said.tool_calls
    assert (first.id, first.name, json.loads(first.arguments), first.signature) == (
        "x",
        "one",
        {"a": 1},
        "AAAA",
    )
    assert [(made.name, made.arguments, made.signature) for made in others] == [("two", "{}", None)] * 2
    assert len({made.id for made in said.tool_calls}) == 4
    assert said.finish_reason == "tool_calls"
    assert said.reasoning_state == ReasoningState(
        "gemini",
        MODEL,
        ({"call": "x", "thoughtSignature": "AAAA"}, {"call": last.id, "thoughtSignature": "BBBB"}),
    )


async def test_a_limit_outranks_a_call(server: ReplayServer) -> None:
    assert (await choice(server, response(call("one"), finish="MAX_TOKENS"))).finish_reason == "length"


async def test_arguments_may_come_in_pieces(server: ReplayServer) -> None:
    def pieces(*partial: dict[str, Any]) -> dict[str, Any]:
        return response(call(partialArgs=list(partial), willContinue=True))

    said = await choice(
        server,
        response(call("add", willContinue=True, signature="AAAA")),
        pieces({"jsonPath": "$.who.name", "stringValue": "A", "willContinue": True}),
        pieces(
            {"jsonPath": "$.who.name", "stringValue": "da"},
            {"jsonPath": "$.who['the age']", "numberValue": 3},
        ),
        pieces(
            {"jsonPath": "$.tags[0].id", "stringValue": "x"}, {"jsonPath": "$.tags[1].id", "boolValue": True}
        ),
        pieces({"jsonPath": "$.nothing", "nullValue": "NULL_VALUE"}),
        response(call()),
        response(call("add", args={"b": 2}), call()),
        response(finish="STOP"),
    )
    first, second = said.tool_calls
    assert json.loads(first.arguments) == {
        "who": {"name": "Ada", "the age": 3},
        "tags": [{"id": "x"}, {"id": True}],
        "nothing": None,
    }
    assert (first.signature, second.signature) == ("AAAA", None)
    assert json.loads(second.arguments) == {"b": 2}


@pytest.mark.parametrize("named", [{"id": "x"}, {"id": "x", "name": "find"}])
async def test_every_piece_of_a_call_may_name_it(server: ReplayServer, named: dict[str, str]) -> None:
    piece = {"jsonPath": "$.query", "stringValue": "ca"}
    said = await choice(
        server,
        response(call("find", id="x", willContinue=True)),
        response(call(**named, partialArgs=[piece], willContinue=True)),
        response(call(**named, partialArgs=[{**piece, "stringValue": "t"}], willContinue=True)),
        response(call(**named)),
        response(call("find", id="y", args={"query": "dog"}), finish="STOP"),
    )
    made = [(made.id, made.name, json.loads(made.arguments)) for made in said.tool_calls]
    assert made == [("x", "find", {"query": "cat"}), ("y", "find", {"query": "dog"})]


async def test_a_further_name_ends_a_call_that_has_no_id(server: ReplayServer) -> None:
    said = await choice(
        server,
        response(call("find", args={"a": 1}, willContinue=True)),
        response(call("look", args={"b": 2}), finish="STOP"),
    )
    made = [(made.name, json.loads(made.arguments)) for made in said.tool_calls]
    assert made == [("find", {"a": 1}), ("look", {"b": 2})]


@pytest.mark.parametrize("path", ["", "$", "$.list[1000000000]", "$.text.deeper"])
def test_pieces_that_fit_nowhere_are_a_bad_response(path: str) -> None:
    begun = response(call("f", args={"text": "x", "list": []}, willContinue=True))
    with pytest.raises(BadUpstreamResponse):
        read(begun, response(call(partialArgs=[{"jsonPath": path, "stringValue": "x"}], willContinue=True)))


async def test_the_recorded_calls_in_pieces_are_whole(server: ReplayServer) -> None:
    server.replay("gemini/vertex-partial-args-and-no-args")
    made = (await collect(connect("gemini", server.base_url, "").stream(REQUEST))).choices[0].tool_calls
    arguments = [(each.name, json.loads(each.arguments)) for each in made]
    assert arguments == [("read_theme", {}), *(("read_screen", {"id": name}) for name in "ABC")]
    assert made[0].signature


@pytest.mark.parametrize(
    ("parts", "block"),
    [
        ([text("Hello"), text("", thoughtSignature="AAAA")], [5, 5]),
        ([text("He", thoughtSignature="AAAA"), text("llo")], [0, 2]),
        ([text("He"), text("llo", thoughtSignature="AAAA")], [2, 5]),
    ],
)
def test_the_signature_of_a_text_is_kept_with_its_place(parts: list[Any], block: list[int]) -> None:
    chunks = read(*(response(part) for part in parts), response(finish="STOP"))
    assert "".join(chunk.content for chunk in chunks) == "Hello"
    state = ReasoningState("gemini", MODEL, ({"text": block, "thoughtSignature": "AAAA"},))
    (last,) = [chunk for chunk in chunks if chunk.reasoning_state]
    assert (last.reasoning_state, last.finish_reason) == (state, "stop")


async def test_pictures_stand_in_the_text_as_markdown(server: ReplayServer) -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    draft = {**picture, "thought": True}
    sound = {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}}
    said = await choice(
        server, response(draft, text("A cat:"), picture, sound), response(text("Done."), finish="STOP")
    )
    assert said.content == "A cat:\n\n![Image](data:image/png;base64,AAAA)\n\nDone."


async def test_candidates_are_told_apart(server: ReplayServer) -> None:
    completion = await answer(
        server,
        response(text("A"), index=0),
        response(text("B"), index=1),
        response(call("f"), index=1, finish="STOP"),
        response(text("!"), index=0, finish="MAX_TOKENS", usage=COUNTS),
        request=replace(REQUEST, n=2),
    )
    assert [(each.content, each.finish_reason) for each in completion.choices] == [
        ("A!", "length"),
        ("B", "tool_calls"),
    ]


async def test_one_candidate_that_is_finished_does_not_finish_the_other(server: ReplayServer) -> None:
    done, other = response(text("A"), finish="STOP"), response(text("B"), index=1)
    _, error = await failure(server, event(done), event(other))
    assert type(error) is StreamTruncated


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        *(
            (reason, "content_filter")
            for reason in "SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY "
            "IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION IMAGE_OTHER MODEL_ARMOR ESCALATION".split()
        ),
    ],
)
def test_each_reason_to_finish_has_its_meaning(sent: str, meant: str) -> None:
    *_, last = read(response(text("Hi")), response(finish=sent))
    assert last.finish_reason == meant


@pytest.mark.parametrize(
    "reason",
    "MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MISSING_THOUGHT_SIGNATURE "
    "MALFORMED_RESPONSE OTHER NO_IMAGE CONTINUATION SOMETHING_NEW".split(),
)
async def test_what_is_no_end_of_an_answer_is_an_error(server: ReplayServer, reason: str) -> None:
    last = response(finish=reason, finishMessage="Malformed call: f(", usage=COUNTS)
    chunks, error = await failure(server, event(response(text("Half an"))), event(last))
    assert "".join(part.content for part in chunks) == "Half an"
    assert not any(part.finish_reason for part in chunks)
    assert [part.usage.total_tokens for part in chunks if part.usage] == [10]
    assert type(error) is UpstreamError
    assert error.upstream is not None
    assert (error.upstream.type, error.upstream.message) == (reason, "Malformed call: f(")


def test_a_limited_account_is_the_operators_business() -> None:
    with pytest.raises(UpstreamAuthFailed):
        read(response(finish="PUP_LIMITED_DISABLED"))


async def test_a_blocked_prompt_says_why(server: ReplayServer) -> None:
    said = await choice(server, {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": COUNTS})
    assert (said.content, said.finish_reason) == ("", "content_filter")
    assert "SAFETY" in said.refusal


async def test_a_blocked_answer_says_why_unless_some_of_it_was_said(server: ReplayServer) -> None:
    blocked = response(finish="SAFETY", finishMessage="Too much.")
    assert (await choice(server, blocked)).refusal == "Too much."
    said = await choice(server, response(text("Half an")), blocked)
    assert (said.content, said.refusal) == ("Half an", "")


async def test_the_last_counts_hold_and_what_they_leave_out_stays(server: ReplayServer) -> None:
    more = {"promptTokenCount": 40, "toolUsePromptTokenCount": 2, "cachedContentTokenCount": 30}
    completion = await answer(
        server,
        response(text("A"), usage={"promptTokenCount": 4, "totalTokenCount": 4}),
        response(text("B"), usage=COUNTS),
        response(finish="STOP", usage=more),
        {"usageMetadata": {"trafficType": "ON_DEMAND"}},
    )
    assert completion.usage == Usage(42, 5, 47, cached_tokens=30, reasoning_tokens=3)


async def test_usage_is_said_once(server: ReplayServer) -> None:
    server.answer(
        [event(response(text(word), usage=COUNTS)) for word in "abc"] + [event(response(finish="STOP"))]
    )
    chunks = [part async for part in connect("gemini", server.base_url, "").stream(REQUEST)]
    assert sum(part.usage is not None for part in chunks) == 1


async def test_an_answer_longer_than_one_request_is_asked_on(server: ReplayServer) -> None:
    going_on = response(text("Half "), finish="CONTINUATION", continuationToken="AAAA", usage=COUNTS)
    server.answer([event(going_on)])
    server.answer([event(response(text("an answer"), finish="STOP", usage=COUNTS))])
    completion = await collect(connect("gemini", server.base_url, "").stream(REQUEST))
    assert completion.choices[0].content == "Half an answer"
    assert completion.usage == Usage(10, 10, 20, reasoning_tokens=6)
    first, second = (request.json for request in server.requests)
    assert second == {**first, "continuationToken": "AAAA"}


async def test_a_failure_without_a_word_is_tried_again_once(server: ReplayServer) -> None:
    malformed = event(response(finish="MALFORMED_FUNCTION_CALL", usage=COUNTS))
    server.answer([malformed])
    server.answer([event(response(text("Hi"), finish="STOP", usage=COUNTS))])
    completion = await collect(connect("gemini", server.base_url, "").stream(REQUEST))
    assert completion.choices[0].content == "Hi"
    assert completion.usage == Usage(10, 10, 20, reasoning_tokens=6)
    server.requests.clear()
    _, error = await failure(server, malformed)
    assert type(error) is UpstreamError
    assert len(server.requests) == 2


async def test_counts_of_another_type_are_passed_over(server: ReplayServer) -> None:
    odd = {**COUNTS, "thoughtsTokenCount": "three", "cachedContentTokenCount": None}
    completion = await answer(server, response(text("Hi"), finish="STOP", usage=odd))
    assert completion.usage == Usage(5, 2, 10)


@pytest.mark.parametrize("sign", [b"data: [DONE]\n\n", b"data:\n\n", b"event: ping\ndata: \n\n"])
async def test_signs_of_life_and_of_the_end_that_other_apis_use_are_passed_over(
    server: ReplayServer, sign: bytes
) -> None:
    server.answer([event(response(text("Hi"))), sign, event(response(finish="STOP")), sign])
    completion = await collect(connect("gemini", server.base_url, "").stream(REQUEST))
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("Hi", "stop")


async def test_what_is_not_known_is_passed_over(server: ReplayServer) -> None:
    said = await choice(
        server,
        {"sessionId": "x"},
        response({"toolCall": {"id": "a"}, "thoughtSignature": "AAAA"}, {"somethingNew": 1}, text("Hi")),
        response({"executableCode": {"code": "1"}}, {"codeExecutionResult": {"output": "1"}}),
        {"candidates": [{"finishReason": "FINISH_REASON_UNSPECIFIED", "groundingMetadata": {}}]},
        response(finish="STOP"),
    )
    assert (said.content, said.tool_calls, said.reasoning_state) == ("Hi", (), None)


@pytest.mark.parametrize("as_list", [True, False])
async def test_json_is_taken_for_the_stream(server: ReplayServer, as_list: bool) -> None:
    last = response(text("lo"), finish="STOP", usage=COUNTS)
    body = [response(text("Hel")), last] if as_list else last
    server.answer([json.dumps(body, indent=1).encode()], headers={"content-type": "application/json"})
    completion = await collect(connect("gemini", server.base_url, "").stream(REQUEST))
    assert completion.choices[0].content == ("Hello" if as_list else "lo")
    assert completion.usage == Usage(5, 5, 10, reasoning_tokens=3)


async def test_a_list_without_an_end_is_truncated(server: ReplayServer) -> None:
    chunks, error = await failure(server, json.dumps([response(text("Hel"))]).encode())
    assert [part.content for part in chunks] == ["Hel"]
    assert type(error) is StreamTruncated


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"data: {}\r\n\r\n", b"data: [DONE]\r\n\r\n", b": hi\r\n\r\n"]
)
async def test_an_answer_that_says_nothing_is_a_bad_response(server: ReplayServer, body: bytes) -> None:
    chunks, error = await failure(server, body)
    assert not chunks
    assert type(error) is BadUpstreamResponse


@pytest.mark.parametrize("then", ["end", "close", "reset"])
async def test_an_end_without_a_finish_is_truncated(server: ReplayServer, then: str) -> None:
    chunks, error = await failure(
        server, event(response(text("Half an"), usage=COUNTS)), b'data: {"cand', delay=0.02, then=then
    )
    assert "".join(part.content for part in chunks) == "Half an"
    assert [part.usage.total_tokens for part in chunks if part.usage] == [10]
    assert type(error) is StreamTruncated


async def test_silence_in_mid_answer_keeps_what_came(server: ReplayServer) -> None:
    chunks, error = await failure(server, event(response(text("Half an"))), silence=0.5, then="stall")
    assert "".join(part.content for part in chunks) == "Half an"
    assert type(error) is UpstreamTimeout


@pytest.mark.parametrize("then", ["close", "reset", "stall"])
async def test_nothing_that_happens_after_the_end_matters(server: ReplayServer, then: str) -> None:
    server.answer(
        [event(response(text("All of it"), finish="STOP")), event({"usageMetadata": COUNTS})],
        delay=0.05,
        then=then,  # type: ignore[arg-type]
    )
    started = time.monotonic()
    completion = await collect(connect("gemini", server.base_url, "").stream(REQUEST))
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("All of it", "stop")
    assert completion.usage == Usage(5, 5, 10, reasoning_tokens=3)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("wrap", [lambda error: error, lambda error: [error]])
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": 503, "status": "UNAVAILABLE", "message": "Overloaded"}, UpstreamOverloaded),
        ({"code": 500, "status": "INTERNAL", "message": "Oops"}, UpstreamError),
        ({"code": 504, "status": "DEADLINE_EXCEEDED", "message": "Late"}, UpstreamTimeout),
        (
            {
                "code": 429,
                "status": "RESOURCE_EXHAUSTED",
                "message": "Slow",
                "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}],
            },
            RateLimited,
        ),
    ],
)
async def test_a_failure_in_mid_answer_keeps_what_came(
    server: ReplayServer, error: dict[str, Any], expected: type[CompletionError], wrap: Any
) -> None:
    chunks, raised = await failure(
        server, event(response(text("Half an"), usage=COUNTS)), event(wrap({"error": error}))
    )
    assert "".join(part.content for part in chunks) == "Half an"
    assert not any(part.finish_reason for part in chunks)
    assert type(raised) is expected
    assert raised.upstream is not None
    assert (raised.upstream.type, raised.upstream.message) == (error["status"], error["message"])
    assert raised.retry_after == (14 if expected is RateLimited else None)


@pytest.mark.parametrize("odd", [{"finishReason": 7}, {"finishReason": "OTHER", "finishMessage": 7}])
async def test_a_reason_of_another_type_is_no_end(server: ReplayServer, odd: dict[str, Any]) -> None:
    end = {"candidates": [{"index": "x", **odd}]}
    chunks, error = await failure(server, event(response(text("Half an"))), event(end))
    assert "".join(part.content for part in chunks) == "Half an"
    assert type(error) is UpstreamError
    assert error.upstream is not None
    assert isinstance(error.upstream.message, str)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrap", [lambda error: error, lambda error: [error]])
async def test_a_failure_may_come_in_plain_json(server: ReplayServer, wrap: Any, indent: int | None) -> None:
    error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    plain = json.dumps(wrap(error), indent=indent).encode()
    chunks, raised = await failure(server, event(response(text("Half an"))), plain)
    assert "".join(part.content for part in chunks) == "Half an"
    assert type(raised) is UpstreamOverloaded
    assert raised.upstream is not None
    assert (raised.upstream.type, raised.upstream.code) == ("UNAVAILABLE", "503")


@pytest.mark.parametrize(
    "payload",
    [7, "text", [7], {"candidates": 7}, {"candidates": [7]}, {"candidates": [{"content": 7}]},
     response({"functionCall": 7}), response({"inlineData": {"mimeType": 7}}), response({"text": 7}),
     {"candidates": [{"content": {"parts": [7]}}]}, {"usageMetadata": 7}],
)  # fmt: skip
async def test_json_of_another_shape_is_a_bad_response(server: ReplayServer, payload: Any) -> None:
    chunks, error = await failure(server, event(response(text("Half an"))), event(payload))
    assert "".join(part.content for part in chunks) == "Half an"
    assert type(error) is BadUpstreamResponse


async def test_a_stream_that_is_closed_leaves_at_once(server: ReplayServer) -> None:
    server.answer([event(response(text("word "))) for _ in range(1000)], delay=0.01)
    stream = connect("gemini", server.base_url, "").stream(REQUEST)
    async with aclosing(stream):
        assert await anext(stream) == Chunk(content="word ")
    assert await asyncio.to_thread(server.wait_closed, 0.5)


async def test_what_was_changed_is_said_before_the_answer(server: ReplayServer) -> None:
    tool = Tool("f")
    request = ChatRequest(
        "gemini-3.6-flash", REQUEST.messages, temperature=0.1, tools=(tool,), parallel_tool_calls=False
    )
    server.answer([event(response(text("Hi"), finish="STOP"))])
    first, *_ = [part async for part in connect("gemini", server.base_url, "").stream(request)]
    assert [str(each) for each in first.adjustments] == ["temperature", "parallel_tool_calls"]


def test_an_event_costs_microseconds() -> None:
    data = json.dumps(
        response(text("word "), usage={**COUNTS, "promptTokensDetails": [{"modality": "TEXT"}]})
    ).encode()
    reader = Reader(MODEL, {})

    def cost() -> float:
        started = time.process_time()
        for _ in range(2000):
            list(reader.read_whole(data))
        return (time.process_time() - started) / 2000

    assert min(cost() for _ in range(5)) < 30e-6


PAGES: dict[str, dict[str, Any]] = {
    "": {
        "models": [
            {
                "name": "models/gemini-2.5-flash",
                "displayName": "Gemini 2.5 Flash",
                "description": "Quick.",
                "inputTokenLimit": 1048576,
                "supportedGenerationMethods": ["generateContent", "countTokens"],
            },
            {"name": "models/embedding-001", "supportedGenerationMethods": ["embedContent"]},
        ],
        "nextPageToken": "a/b=",
    },
    "a/b=": {
        "models": [
            {
                "name": "models/gemini-2.5-flash-preview-tts",
                "supportedGenerationMethods": ["generateContent"],
            },
            {"name": "tunedModels/mine", "supportedGenerationMethods": ["generateContent"]},
        ]
    },
}


async def models(pages: dict[str, Any]) -> list[ModelInfo]:
    async def page(request: web.Request) -> web.Response:
        assert request.headers["x-goog-api-key"] == "the-key"
        assert request.query["pageSize"] == "1000"
        return web.json_response(pages[request.query.get("pageToken", "")])

    app = web.Application()
    app.router.add_get("/v1beta/models", page)
    async with TestServer(app) as listing:
        return await connect("gemini", str(listing.make_url("/v1beta")), "the-key").models()


async def test_models_that_answer_are_listed_from_every_page() -> None:
    assert await models(PAGES) == [
        ModelInfo("gemini-2.5-flash", "Gemini 2.5 Flash", "Quick.", context_window=1048576),
        ModelInfo("tunedModels/mine"),
    ]


async def test_a_list_that_never_ends_is_read_no_further_than_sensible() -> None:
    endless = {**PAGES[""], "nextPageToken": ""}
    assert (
        len(await models({"": {**endless, "nextPageToken": "x"}, "x": {**endless, "nextPageToken": "x"}}))
        == 1
    )


@pytest.mark.parametrize("listing", [[], "x", {"models": [7]}, {"models": [{}]}])
async def test_what_is_no_list_is_a_bad_response(listing: Any) -> None:
    with pytest.raises(BadUpstreamResponse, match="base URL"):
        await models({"": listing})
