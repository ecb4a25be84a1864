"""What servers of this API do in their own way, beyond what the recordings show."""

import json
from typing import Any

import pytest

from chat.completions import (
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    Completion,
    CompletionError,
    Message,
    RateLimited,
    StreamTruncated,
    Text,
    ToolCall,
    UpstreamError,
    UpstreamOverloaded,
    Usage,
    collect,
)
from chat.upstreams import connect
from tests.replay import ReplayServer, chunk, ending, said

REQUEST = ChatRequest("test-model", (Message("user", (Text("?"),)),))


async def answer(server: ReplayServer, *pieces: bytes) -> Completion:
    server.answer(pieces)
    return await collect(connect("compatible", server.base_url, "").stream(REQUEST))


async def failure(server: ReplayServer, *pieces: bytes) -> tuple[list[Chunk], CompletionError]:
    server.answer(pieces)
    chunks: list[Chunk] = []
    try:
        async for part in connect("compatible", server.base_url, "").stream(REQUEST):
            chunks.append(part)  # noqa: PERF401
    except CompletionError as error:
        return chunks, error
    raise AssertionError("the stream ended as if it were complete")


def call(index: int | None = None, call_id: str | None = None, **function: Any) -> bytes:
    entry = {"index": index, "id": call_id, "type": "function", "function": function}
    return chunk({"tool_calls": [{key: value for key, value in entry.items() if value is not None}]})


async def calls(server: ReplayServer, *pieces: bytes) -> tuple[ToolCall, ...]:
    completion = await answer(server, *pieces, *ending("tool_calls"))
    return completion.choices[0].tool_calls


@pytest.mark.parametrize(
    "argument", [{}, {"arguments": ""}, {"arguments": None}, {"arguments": " "}, {"arguments": {}}]
)
async def test_a_call_without_arguments_has_an_empty_object(server: ReplayServer, argument: Any) -> None:
    (made,) = await calls(server, call(0, "a", name="now", **argument))
    assert json.loads(made.arguments) == {}


async def test_a_call_is_closed_even_when_no_finish_reason_is_sent(server: ReplayServer) -> None:
    completion = await answer(server, call(0, "a", name="now", arguments=""), b"data: [DONE]\n\n")
    assert completion.choices[0].tool_calls == (ToolCall("a", "now", "{}"),)
    assert completion.choices[0].finish_reason is None


async def test_a_repeated_name_and_an_empty_id_change_nothing(server: ReplayServer) -> None:
    made = await calls(
        server,
        call(0, "a", name="add", arguments=""),
        call(0, "", name="add", arguments='{"x"'),
        call(0, None, name="", arguments=":1}"),
        call(0, None, arguments=None),
    )
    assert made == (ToolCall("a", "add", '{"x":1}'),)


async def test_calls_without_an_index_are_told_apart(server: ReplayServer) -> None:
    made = await calls(
        server,
        call(None, "a", name="one", arguments='{"x"'),
        call(None, None, arguments=":1}"),
        call(None, "b", name="two", arguments="{}"),
        call(None, "a", arguments=" "),
        call(None, None, name="three", arguments="{}"),
    )
    assert [made_call.name for made_call in made] == ["one", "two", "three"]
    assert made[0] == ToolCall("a", "one", '{"x":1} ')


async def test_calls_that_share_an_index_are_told_apart_by_id(server: ReplayServer) -> None:
    made = await calls(
        server,
        call(0, "a", name="one", arguments="{}"),
        call(0, "b", name="two", arguments='{"x"'),
        call(0, None, arguments=":1}"),
    )
    assert made == (ToolCall("a", "one", "{}"), ToolCall("b", "two", '{"x":1}'))


@pytest.mark.parametrize(("call_id", "other"), [("", "a"), ("", "b"), ("same", "b")])
async def test_calls_that_share_an_index_and_an_id_are_told_apart_by_whole_arguments(
    server: ReplayServer, call_id: str, other: str
) -> None:
    first, second = await calls(
        server,
        call(0, call_id, name="a", arguments='{"x":'),
        call(0, call_id, name="a", arguments="{}}"),
        call(0, call_id, name="a", arguments=""),
        call(0, call_id, name=other, arguments='{"x":2}'),
    )
    assert (first.name, json.loads(first.arguments)) == ("a", {"x": {}})
    assert (second.name, json.loads(second.arguments)) == (other, {"x": 2})


@pytest.mark.parametrize("arguments", ["", '{"x":1}'])
async def test_calls_that_share_an_index_and_have_no_arguments_are_told_apart_by_name(
    server: ReplayServer, arguments: str
) -> None:
    first, second = await calls(
        server, call(0, "", name="a", arguments=""), call(0, "", name="b", arguments=arguments)
    )
    assert (first.name, first.arguments) == ("a", "{}")
    assert (second.name, second.arguments) == ("b", arguments or "{}")


async def test_a_call_begins_with_its_id_and_name_and_never_repeats_them(server: ReplayServer) -> None:
    server.answer(
        [
            call(3, "a", arguments='{"x"'),
            call(3, None, name="add", arguments=":"),
            call(3, "a", name="add", arguments="1}"),
            *ending("tool_calls"),
        ]
    )
    stream = connect("compatible", server.base_url, "").stream(REQUEST)
    deltas = [delta async for part in stream for delta in part.tool_calls]
    assert [(d.index, d.id, d.name, d.arguments) for d in deltas] == [
        (0, "a", "add", '{"x":'),
        (0, None, None, "1}"),
    ]


async def test_a_call_of_nothing_is_none(server: ReplayServer) -> None:
    assert await calls(server, call(0, "", name="", arguments="")) == ()
    (made,) = await calls(server, call(0, "", name="", arguments=""), call(1, "a", name="f", arguments="{}"))
    assert (made.id, made.name) == ("a", "f")


async def test_calls_without_ids_get_ids_of_their_own(server: ReplayServer) -> None:
    first, second = await calls(server, call(0, "", name="one"), call(1, None, name="two"))
    assert first.id.startswith("call_")
    assert second.id.startswith("call_")
    assert first.id != second.id


async def test_arguments_may_come_as_an_object(server: ReplayServer) -> None:
    (made,) = await calls(server, call(0, "a", name="add", arguments={"x": 1}))
    assert json.loads(made.arguments) == {"x": 1}


async def test_a_call_may_be_that_of_a_function(server: ReplayServer) -> None:
    pieces = ({"name": "f", "arguments": ""}, {"arguments": '{"x":'}, {"arguments": "1}"})
    events = [chunk({"content": None, "function_call": piece}) for piece in pieces]
    completion = await answer(server, *events, *ending("function_call"))
    (made,) = completion.choices[0].tool_calls
    assert (made.name, json.loads(made.arguments)) == ("f", {"x": 1})


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "Hm."},
        {"reasoning": "Hm."},
        {"reasoning_content": "Hm.", "reasoning": "Hm."},
        {"reasoning": None, "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]},
        {
            "reasoning_details": [
                {"type": "reasoning.summary", "summary": "Hm."},
                {"type": "reasoning.encrypted"},
            ]
        },
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]},
        {"content": [{"type": "thinking", "thinking": "Hm."}, {"type": "reference", "reference_ids": [1]}]},
        {"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}]},
    ],
)
async def test_thoughts_are_found_under_every_name(server: ReplayServer, delta: dict[str, Any]) -> None:
    completion = await answer(server, chunk(delta), chunk({"content": "4"}), *ending())
    assert (completion.choices[0].reasoning, completion.choices[0].content) == ("Hm.", "4")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("max_tokens", "length"),
        ("function_call", "tool_calls"),
        ("content_filter: PROHIBITED_CONTENT", "content_filter"),
        ("RECITATION", "content_filter"),
        ("", None),
        ("null", None),
    ],
)
async def test_reasons_to_finish_have_one_name(server: ReplayServer, sent: str, meant: str | None) -> None:
    completion = await answer(server, *said("Hi"), chunk({}, sent), b"data: [DONE]\n\n")
    assert completion.choices[0].finish_reason == meant


@pytest.mark.parametrize("sign", [b"data:\n\n", b"event: ping\ndata: \n\n"])
async def test_an_event_without_data_says_nothing(server: ReplayServer, sign: bytes) -> None:
    completion = await answer(server, sign, *said("Hi"), sign, *ending())
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("Hi", "stop")


async def test_a_repeated_reason_is_passed_on_once(server: ReplayServer) -> None:
    server.answer([*said("Hi"), chunk({}, "stop"), chunk({}, "stop"), *ending("stop")])
    stream = connect("compatible", server.base_url, "").stream(REQUEST)
    assert [part.finish_reason async for part in stream if part.finish_reason] == ["stop"]


async def test_one_choice_that_is_finished_does_not_finish_the_other(server: ReplayServer) -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "B"}, "finish_reason": None}]}
    pieces = [chunk({"content": "A"}), b"data: %s\n\n" % json.dumps(other).encode(), chunk({}, "stop")]
    chunks, error = await failure(server, *pieces)
    assert [(part.choice, part.content) for part in chunks if part.content] == [(0, "A"), (1, "B")]
    assert type(error) is StreamTruncated


@pytest.mark.parametrize("odd", [b"NaN", b"-Infinity", b"1e400", b'"\\ud83d"', b'"\\ude00"'])
async def test_json_that_is_not_quite_json_is_read(server: ReplayServer, odd: bytes) -> None:
    event = b'data: {"choices":[{"delta":{"content":"Hi"},"odd":%s}]}\n\n' % odd
    completion = await answer(server, event, *ending())
    assert completion.choices[0].content == "Hi"


async def test_json_that_is_nested_too_deeply_is_a_bad_response(server: ReplayServer) -> None:
    deep = b"data: " + b"[" * 100_000 + b"]" * 100_000 + b"\n\n"
    _, error = await failure(server, *said("Half an"), deep, *said(" answer"), *ending())
    assert type(error) is BadUpstreamResponse


async def test_a_failure_without_a_word_is_one(server: ReplayServer) -> None:
    _, error = await failure(server, *said("Half an"), b"event: error\ndata:\n\n", *ending())
    assert type(error) is UpstreamError


async def test_half_a_letter_does_not_end_an_answer(server: ReplayServer) -> None:
    halves = [
        b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % half for half in (b"\\ud83d", b"\\ude00!")
    ]
    completion = await answer(server, *said("Hi"), *halves, *ending())
    assert completion.choices[0].content == "Hi\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}!"


async def test_a_whole_completion_is_taken_for_the_stream(server: ReplayServer) -> None:
    whole = {"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}
    server.answer([b"\n\n", json.dumps(whole).encode()], headers={"content-type": "application/json"})
    completion = await collect(connect("compatible", server.base_url, "").stream(REQUEST))
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == ("Hi", "stop")


async def test_a_filtered_answer_may_have_no_message_at_all(server: ReplayServer) -> None:
    whole = {"choices": [{"index": 0, "finish_reason": "content_filter"}]}
    completion = await answer(server, json.dumps(whole).encode())
    assert completion.choices[0].finish_reason == "content_filter"


async def test_a_whole_completion_may_begin_with_a_byte_order_mark(server: ReplayServer) -> None:
    whole = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
    completion = await answer(server, b"\xef\xbb\xbf" + json.dumps(whole).encode())
    assert completion.choices[0].content == "Hi"


@pytest.mark.parametrize(
    ("event", "expected", "message"),
    [
        (b'data: {"error":{"message":"No GPU","code":503}}\n\n', UpstreamOverloaded, "No GPU"),
        (b'error: {"message":"No GPU","code":503}\n\n', UpstreamOverloaded, "No GPU"),
        (b'error: {"error":{"message":"No GPU"}}\n\n', UpstreamError, "No GPU"),
        (b"error: No GPU\n\n", UpstreamError, "No GPU"),
        (b'event: error\ndata: {"message":"No GPU"}\n\n', UpstreamError, "No GPU"),
        (b"event: error\ndata: No GPU\n\n", UpstreamError, "No GPU"),
        (b'data: {"object":"error","message":"No GPU","code":40303}\n\n', UpstreamError, "No GPU"),
        (b'data: {"error":"No GPU"}\n\n', UpstreamError, "No GPU"),
        (b'data: {"error":{"type":"rate_limit_error","message":"Slow down"}}\n\n', RateLimited, "Slow down"),
        (b'data: {"choices":[{"error":{"message":"No GPU"}}]}\n\n', UpstreamError, "No GPU"),
        (b'data: {"choices":[{"delta":{}}],"x_groq":{"error":"No GPU"}}\n\n', UpstreamError, "No GPU"),
        (b'{"error":{"message":"No GPU","type":"api_error"}}\n\n', UpstreamError, "No GPU"),
    ],
)
async def test_a_failure_in_mid_answer_keeps_what_came(
    server: ReplayServer, event: bytes, expected: type[CompletionError], message: str
) -> None:
    chunks, error = await failure(server, *said("Half an"), event, b"data: [DONE]\n\n")
    assert "".join(part.content for part in chunks) == "Half an"
    assert not any(part.finish_reason for part in chunks)
    assert type(error) is expected
    assert error.upstream is not None
    assert (error.upstream.status, error.upstream.message) == (200, message)


async def test_the_models_of_a_server_are_listed_with_what_it_says_of_them(server: ReplayServer) -> None:
    server.models = [
        {"id": "small", "created": 1700000000, "max_model_len": 8192},
        {
            "id": "big",
            "name": "The Big One",
            "description": "Thinks.",
            "context_length": 131072,
            "created": "x",
        },
        "text-embedding-nomic-embed-text-v1.5",
        "small",
    ]
    small, big = await connect("compatible", server.base_url, "key").models()
    assert (small.id, small.display_name) == ("small", "")
    assert (big.id, big.display_name, big.description) == ("big", "The Big One", "Thinks.")
    assert (big.created, big.context_window) == (None, 131072)
    assert server.requests[0].headers["authorization"] == "Bearer key"


async def test_models_of_openai_that_do_not_chat_are_left_out(server: ReplayServer) -> None:
    chatting = ["gpt-4o", "gpt-4o-mini", "gpt-5.1", "o4-mini", "chatgpt-4o-latest", "ft:gpt-4o:us::1"]
    chatting += ["gpt-5-pro", "gpt-5.3-codex"]
    voices = ["whisper-1", "tts-1", "gpt-4o-transcribe", "gpt-realtime"]
    pictures = ["gpt-image-1", "dall-e-3", "sora-2"]
    others = ["text-embedding-3-small", "omni-moderation-latest", "o3-deep-research", "davinci-002"]
    server.models = [*chatting, *voices, *pictures, *others]
    listed = await connect("openai", server.base_url, "key").models()
    assert [model.id for model in listed] == chatting


async def test_probabilities_are_passed_on_and_join_up(server: ReplayServer) -> None:
    def token(text: str) -> dict[str, Any]:
        return {
            "content": [{"token": text, "logprob": -0.1, "bytes": None, "top_logprobs": []}],
            "refusal": None,
        }

    def event(text: str) -> bytes:
        choice = {"index": 0, "delta": {"content": text}, "logprobs": token(text), "finish_reason": None}
        return b"data: %s\n\n" % json.dumps({"choices": [choice]}).encode()

    completion = await answer(server, event("A"), event("B"), *ending())
    assert completion.choices[0].logprobs == {
        "content": [*token("A")["content"], *token("B")["content"]],
        "refusal": None,
    }


@pytest.mark.parametrize(
    "reason", ["function_call_filter: MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "Error"]
)
async def test_a_reason_that_is_no_end_of_an_answer_is_an_error(server: ReplayServer, reason: str) -> None:
    chunks, error = await failure(server, *said("Half an"), chunk({}, reason), b"data: [DONE]\n\n")
    assert not any(part.finish_reason for part in chunks)
    assert type(error) is UpstreamError


async def test_a_provider_that_gives_up_for_lack_of_machines_is_overloaded(server: ReplayServer) -> None:
    end = [chunk({"content": " answer"}, "insufficient_system_resource"), b"data: [DONE]\n\n"]
    chunks, error = await failure(server, *said("Half an"), *end)
    assert "".join(part.content for part in chunks) == "Half an answer"
    assert type(error) is UpstreamOverloaded


@pytest.mark.parametrize(
    ("usage", "cached", "written"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 9}}, 0, 9),
        ({"prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36}, 64, None),
        ({"prompt_tokens_details": {"cached_tokens": 4, "cache_creation_input_tokens": 8}}, 4, 8),
        ({"cached_tokens": 7}, 7, None),
        ({}, None, None),
    ],
)
async def test_tokens_of_the_cache_are_found_under_every_name(
    server: ReplayServer, usage: dict[str, Any], cached: int | None, written: int | None
) -> None:
    counted = {"prompt_tokens": 100, "completion_tokens": 1, **usage}
    completion = await answer(server, *said("Hi"), chunk({}, "stop", usage=counted), b"data: [DONE]\n\n")
    assert completion.usage is not None
    assert (completion.usage.cached_tokens, completion.usage.cache_write_tokens) == (cached, written)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [(9.0, Usage(9, 1, 10)), ("9", None), ([], None), (None, None), (True, None), (10**30, None)],
)
async def test_only_numbers_are_counts(server: ReplayServer, prompt: Any, expected: Usage | None) -> None:
    counted = {"prompt_tokens": prompt, "completion_tokens": 1.0, "total_tokens": {}}
    completion = await answer(server, *said("Hi"), chunk({}, "stop", usage=counted), b"data: [DONE]\n\n")
    assert completion.usage == expected


@pytest.mark.parametrize(
    "odd", [{"index": "x"}, {"logprobs": 7}, {"logprobs": {"content": 7}}, {"delta": {"refusal": ["x"]}}]
)
async def test_what_is_of_another_type_is_passed_over(server: ReplayServer, odd: dict[str, Any]) -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": None, **odd}
    event = b"data: %s\n\n" % json.dumps({"choices": [choice]}).encode()
    (only,) = (await answer(server, *said("Hi"), event, *ending())).choices
    assert (only.content, only.refusal, only.logprobs) == ("Hi", "", None)


async def test_tokens_may_be_counted_in_the_choice(server: ReplayServer) -> None:
    counted = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": counted}]}
    completion = await answer(server, *said("Hi"), b"data: %s\n\n" % json.dumps(end).encode())
    assert completion.usage == Usage(9, 1, 10)
