import asyncio
import json
import re

import pytest
from asgiref.sync import sync_to_async

from chat.api.writing import Writing
from chat.models import Upstream
from chatsite.asgi import application
from tests.api.conftest import ASK, HELLO, client, events, routed, upstream_of
from tests.replay import chunk, ending, said

ANSWER_OF_ANY_FAMILY = {
    "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
}


async def test_a_whole_answer_is_one_completion(program, server):
    server.say("Good day", reasoning="Hm.")
    response = await program.post(ASK, json=HELLO)
    answer = response.json()
    assert (response.status_code, answer["object"], answer["model"]) == (200, "chat.completion", "replayed")
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Good day",
                "refusal": None,
                "reasoning_content": "Hm.",
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert answer["usage"]["prompt_tokens"] == 10
    assert int(response.headers["content-length"]) == len(response.content)


async def test_a_stream_has_a_head_deltas_one_finish_and_an_end(program, server):
    server.say("Good day", reasoning="Hm.")
    response = await program.post(ASK, json=HELLO | {"stream": True})
    *chunks, done = events(response)
    chunks = [json.loads(each) for each in chunks]
    assert done == "[DONE]"
    assert [each["choices"][0]["delta"] for each in chunks] == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm."},
        {"content": "Good "},
        {"content": "day"},
        {},
    ]
    assert [each["choices"][0]["finish_reason"] for each in chunks] == [None] * 4 + ["stop"]
    assert len({(each["id"], each["created"], each["model"], each["object"]) for each in chunks}) == 1
    assert all("usage" not in each for each in chunks)


async def test_the_first_word_is_sent_before_what_came_with_it(program, server, monkeypatch):
    server.answer([b"".join([*said("one two three"), *ending()])])
    happened = []
    write = Writing.write

    def written(writing, chunk):
        happened.append(chunk.content)
        return write(writing, chunk)

    async def overheard(scope, receive, send):
        async def overhearing(message):
            if message.get("body"):
                # The server sends what was written with the next turn of the event loop.
                asyncio.get_running_loop().call_soon(happened.append, "sent")
            await send(message)

        await application(scope, receive, overhearing)

    monkeypatch.setattr(Writing, "write", written)
    async with client(dict(program.headers), overheard) as program:
        await program.post(ASK, json=HELLO | {"stream": True})
    assert happened[:4] == ["one ", "sent", "two ", "three"]


async def test_a_stream_is_one_by_its_headers(program, server):
    server.say("Hi")
    headers = (await program.post(ASK, json=HELLO | {"stream": True})).headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-cache, no-transform"
    assert headers["x-accel-buffering"] == "no"


async def test_usage_comes_last_and_only_if_it_was_asked_for(program, server):
    server.say("Hi")
    asked = HELLO | {"stream": True, "stream_options": {"include_usage": True}}
    *chunks, usage = [json.loads(each) for each in events(await program.post(ASK, json=asked))[:-1]]
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 12
    assert all(each["usage"] is None for each in chunks)


async def test_a_tool_call_begins_with_its_id_and_name_and_then_grows(program, server):
    call = {"index": 0, "id": "call_1", "function": {"name": "weather", "arguments": '{"city":'}}
    more = {"index": 0, "function": {"arguments": '"Bern"}'}}
    server.answer([chunk({"tool_calls": [call]}), chunk({"tool_calls": [more]}), *ending("stop")])
    tools = [{"type": "function", "function": {"name": "weather"}}]
    response = await program.post(ASK, json=HELLO | {"stream": True, "tools": tools})
    choices = [json.loads(each)["choices"][0] for each in events(response)[:-1]]
    assert [choice["delta"].get("tool_calls") for choice in choices] == [
        None,
        [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": '{"city":'}}],
        [{"index": 0, "function": {"arguments": '"Bern"}'}}],
        None,
    ]
    assert choices[-1]["finish_reason"] == "tool_calls"


FURTHER = [
    {"annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example"}}]},
    {"images": [{"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlh"}}]},
    {"audio": {"id": "audio_1", "transcript": "Good "}},
    {"audio": {"data": "AAA="}},
    {"audio": {"data": "AQE=", "transcript": "day"}},
    {"annotations": [{"type": "url_citation", "url_citation": {"url": "https://b.example"}}]},
    {"audio": {"expires_at": 9, "id": None}},
]


async def test_sources_sound_and_pictures_are_passed_on(program, server):
    server.answer([*map(chunk, FURTHER), *ending()])
    response = await program.post(ASK, json=HELLO | {"stream": True})
    deltas = [json.loads(each)["choices"][0]["delta"] for each in events(response)[:-1]]
    assert deltas[1:-1] == FURTHER


async def test_of_sources_sound_and_pictures_a_whole_answer_has_all(program, server):
    server.answer([*map(chunk, FURTHER), *ending()])
    message = (await program.post(ASK, json=HELLO)).json()["choices"][0]["message"]
    assert message["audio"] == {
        "id": "audio_1",
        "transcript": "Good day",
        "data": "AAABAQ==",
        "expires_at": 9,
    }
    assert message["images"] == FURTHER[1]["images"]
    assert message["annotations"] == FURTHER[0]["annotations"] + FURTHER[5]["annotations"]


async def test_sound_that_cannot_be_joined_is_a_bad_response(program, server):
    server.answer([*(chunk({"audio": {"data": piece}}) for piece in ("A=", "AAAA")), *ending()])
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["code"]) == (502, "bad_upstream_response")


async def test_sound_in_pieces_of_one_text_is_that_text(program, server):
    server.answer([*(chunk({"audio": {"data": piece}}) for piece in ("AAAA", "AQ", "E=")), *ending()])
    message = (await program.post(ASK, json=HELLO)).json()["choices"][0]["message"]
    assert message["audio"] == {"data": "AAAAAQE="}


@pytest.mark.parametrize("content", ["Hi", None])
async def test_probabilities_come_once_whatever_comes_with_them(program, server, content):
    token = {"token": "Hi", "logprob": -1, "bytes": None, "top_logprobs": []}
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": content, "reasoning_content": "Hm.", "tool_calls": [call]}
    choice = {"message": message, "logprobs": {"content": [token]}, "finish_reason": "tool_calls"}
    server.answer([json.dumps({"choices": [choice]}).encode()])
    response = await program.post(ASK, json=HELLO | {"stream": True, "logprobs": True})
    choices = [json.loads(each)["choices"][0] for each in events(response)[:-1]]
    assert [choice["logprobs"] for choice in choices if choice["logprobs"]] == [{"content": [token]}]


async def test_whole_tool_calls_have_no_content(program, server):
    call = {"index": 0, "id": "call_1", "function": {"name": "weather", "arguments": "{}"}}
    server.answer([chunk({"tool_calls": [call]}), *ending("tool_calls")])
    choice = (await program.post(ASK, json=HELLO)).json()["choices"][0]
    assert choice["message"]["content"] is None
    assert choice["message"]["tool_calls"] == [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    ]
    assert choice["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("call", [{"name": "f", "arguments": '{"a": '}, {"arguments": "{}"}])
async def test_a_call_that_no_program_can_carry_out_is_an_error(program, server, call):
    server.answer(
        [chunk({"tool_calls": [{"index": 0, "id": "call_1", "function": call}]}), *ending("tool_calls")]
    )
    assert (await program.post(ASK, json=HELLO)).json()["error"]["code"] == "bad_upstream_response"
    *_, error, done = events(await program.post(ASK, json=HELLO | {"stream": True}))
    assert json.loads(error)["error"]["code"] == "bad_upstream_response"
    assert done == "[DONE]"


async def test_a_call_that_was_cut_off_by_the_limit_is_passed_on_as_it_is(program, server):
    call = {"index": 0, "id": "call_1", "function": {"name": "f", "arguments": '{"a": '}}
    server.answer([chunk({"tool_calls": [call]}), *ending("length")])
    choice = (await program.post(ASK, json=HELLO)).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"a": '


async def test_an_end_without_a_word_is_an_error(program, server):
    server.answer([chunk({"role": "assistant", "content": ""}), b"data: [DONE]\n\n"])
    assert (await program.post(ASK, json=HELLO)).json()["error"]["code"] == "bad_upstream_response"


async def test_an_answer_that_is_missing_is_noticed(program, server):
    server.answer([chunk({"content": "One"}), chunk({}, "stop")])
    response = await program.post(ASK, json=HELLO | {"n": 2})
    assert response.json()["error"]["code"] == "upstream_stream_truncated"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("sensitive", "content_filter"),
        ("model_context_window_exceeded", "length"),
        ("eos", "stop"),
        ("tool_calls", "stop"),
    ],
)
async def test_reasons_of_other_servers_are_told_in_openais_words(program, server, reason, finish):
    server.answer([chunk({"content": "One"}), *ending(reason)])
    assert (await program.post(ASK, json=HELLO)).json()["choices"][0]["finish_reason"] == finish


@pytest.mark.parametrize("reason", ["abort", "network_error"])
async def test_a_server_that_gave_up_is_not_taken_for_one_that_stopped(program, server, reason):
    server.answer([chunk({"content": "Half"}), *ending(reason)])
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["type"]) == (502, "api_error")


async def test_several_answers_are_told_apart_by_their_index(program, server):
    def said(index: int, delta: dict, reason: str | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "finish_reason": reason}
        return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"

    server.answer(
        [
            said(0, {"content": "a"}),
            said(1, {"content": "b"}),
            said(1, {}, "stop"),
            said(0, {}, "length"),
            b"data: [DONE]\n\n",
        ]
    )
    answer = (await program.post(ASK, json=HELLO | {"n": 2})).json()
    assert [(c["index"], c["message"]["content"], c["finish_reason"]) for c in answer["choices"]] == [
        (0, "a", "length"),
        (1, "b", "stop"),
    ]
    streamed = await program.post(ASK, json=HELLO | {"n": 2, "stream": True})
    choices = [json.loads(each)["choices"][0] for each in events(streamed)[:-1]]
    assert [(c["index"], c["finish_reason"]) for c in choices if c["finish_reason"]] == [
        (0, "length"),
        (1, "stop"),
    ]


@pytest.mark.parametrize("stream", [True, False])
async def test_an_upstream_that_refuses_keeps_its_status(program, server, stream):
    server.answer([b'{"error":{"message":"slow down"}}'], status=429, headers={"retry-after": "7"})
    response = await program.post(ASK, json=HELLO | {"stream": stream})
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "rate_limit_exceeded"
    assert response.headers["retry-after"] == "7"
    assert response.headers["retry-after-ms"] == "7000"


@pytest.mark.parametrize(
    ("status", "code", "ours", "named"),
    [
        (401, "invalid_api_key", 502, "upstream_auth_error"),
        (402, None, 503, "upstream_quota"),
        (529, None, 503, "server_is_overloaded"),
        (500, None, 502, "upstream_error"),
        (504, None, 504, "upstream_timeout"),
    ],
)
async def test_a_failure_of_the_upstream_is_never_taken_for_the_clients(
    program, server, status, code, ours, named
):
    server.answer([json.dumps({"error": {"message": "no", "code": code}}).encode()], status=status)
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["code"]) == (ours, named)
    vain = named in ("upstream_auth_error", "upstream_quota")
    assert response.headers.get("x-should-retry") == ("false" if vain else None)


async def test_a_stream_that_breaks_off_ends_with_an_error_and_without_a_finish(program, server):
    server.answer([chunk({"content": "Half an"})], then="end")
    *chunks, error, done = events(await program.post(ASK, json=HELLO | {"stream": True}))
    assert json.loads(error)["error"]["code"] == "upstream_stream_truncated"
    assert done == "[DONE]"
    assert [json.loads(each)["choices"][0]["finish_reason"] for each in chunks] == [None, None]


async def test_a_whole_answer_that_breaks_off_is_an_error(program, server):
    server.answer([chunk({"content": "Half an"})], then="close")
    response = await program.post(ASK, json=HELLO)
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "upstream_stream_truncated"


async def test_an_empty_answer_is_an_error(program, server):
    server.answer([b""])
    response = await program.post(ASK, json=HELLO | {"stream": True})
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "bad_upstream_response"


async def test_what_a_model_does_not_take_is_left_out_and_reported(program, server, upstream, caplog):
    caplog.set_level("INFO", "chat.gateway")
    await Upstream.objects.aupdate(family="openai")
    await sync_to_async(routed)("o3", upstream)
    server.say("Hi")
    asked = HELLO | {"model": "o3", "temperature": 0.5, "reasoning_effort": "xhigh", "top_k": 4}
    for stream in (True, False):
        response = await program.post(ASK, json=asked | {"stream": stream})
        assert response.headers["x-gateway-dropped-params"] == "top_k, temperature"
        assert response.headers["x-gateway-adjusted-params"] == "reasoning_effort=high"
    assert "temperature" not in server.requests[-1].json
    for changed in ("top_k", "temperature", "reasoning_effort=high"):
        assert re.search(f"for o3 at Replay: .*{changed}", caplog.text)


@pytest.mark.parametrize(
    ("family", "model_id", "reported"),
    [
        ("anthropic", "claude-haiku-4-5", "messages.name, image_url.detail"),
        ("gemini", "gemini-2.5-flash", "messages.name, image_url.detail, tools.strict"),
        ("openai", "gpt-4o", None),
    ],
)
async def test_what_stands_within_messages_and_tools_is_reported_too(
    program, server, family, model_id, reported
):
    await sync_to_async(routed)(model_id, await sync_to_async(upstream_of)(family, server))
    server.answer([json.dumps(ANSWER_OF_ANY_FAMILY).encode()])
    picture = {"url": "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=", "detail": "low"}
    content = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": picture}]
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    strict = {"name": "f", "parameters": nothing, "strict": True}
    tools = [{"type": "function", "function": function} for function in (strict, {"name": "g"})]
    asked = {
        "model": model_id,
        "messages": [{"role": "user", "name": "ada", "content": content}],
        "tools": tools,
    }
    response = await program.post(ASK, json=asked)
    assert response.json()["choices"][0]["message"]["content"] == "Hi"
    assert response.headers.get("x-gateway-dropped-params") == reported


@pytest.mark.parametrize("stream", [True, False])
async def test_a_field_of_a_message_that_goes_no_further_is_reported(program, server, stream):
    server.say("Hi")
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "tool_calls": [call], "annotations": [], "audio": None, "refusal": None},
        {"role": "tool", "tool_call_id": "call_1", "name": "f", "content": "1"},
        {"role": "assistant", "content": "I", "prefix": True, "audio": {"id": "audio_1"}},
    ]
    response = await program.post(ASK, json=HELLO | {"messages": messages, "stream": stream})
    assert response.headers["x-gateway-dropped-params"] == "messages.prefix, messages.audio"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_field_may_have_any_name(program, server, stream):
    await Upstream.objects.aupdate(family="openai")
    server.say("Hi")
    odd = {"foo\nx-evil: 1": 1, "ü\r": 2} | {f"field_{number}": 1 for number in range(3000)}
    response = await program.post(ASK, json=HELLO | odd | {"stream": stream})
    assert response.status_code == 200
    assert "x-evil" not in response.headers
    assert len(response.headers["x-gateway-dropped-params"]) <= 2000


@pytest.mark.parametrize("stream", [True, False])
async def test_a_key_that_the_provider_quotes_is_not_passed_on(program, server, stream):
    await Upstream.objects.aupdate(api_key=f"sk-operator-{stream}")
    said = {"error": {"message": f"Bad: sk-operator-{stream}", "type": "invalid_request_error"}}
    server.answer([b"data: " + json.dumps(said).encode() + b"\n\n"])
    response = await program.post(ASK, json=HELLO | {"stream": stream})
    assert "sk-operator" not in response.text
    assert "[key]" in response.text


@pytest.mark.parametrize("word", ["x", "ollama", "key"])
async def test_a_word_in_the_place_of_a_key_is_left_in_what_is_said(program, server, word):
    await Upstream.objects.aupdate(api_key=word)
    said = {"error": {"message": f"No {word} today.", "type": "invalid_request_error"}}
    server.answer([json.dumps(said).encode()], status=400)
    message = (await program.post(ASK, json=HELLO)).json()["error"]["message"]
    assert message == f"The provider could not accept this request: No {word} today."


async def test_a_sound_may_be_sent_as_a_data_url(program, server):
    server.say("Hi")
    sound = {"data": "data:audio/wav;base64,AAAA", "format": "wav"}
    content = [{"type": "input_audio", "input_audio": sound}]
    await program.post(ASK, json=HELLO | {"messages": [{"role": "user", "content": content}]})
    (part,) = server.requests[0].json["messages"][0]["content"]
    assert part["input_audio"] == {"data": "AAAA", "format": "wav"}


async def test_a_film_keeps_its_frames_a_second(program, server, upstream):
    upstream.family = "qwen"
    await sync_to_async(upstream.save)(update_fields=["family"])
    server.say("Hi")
    film = {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}, "fps": 2}
    await program.post(ASK, json=HELLO | {"messages": [{"role": "user", "content": [film]}]})
    assert server.requests[0].json["messages"][0]["content"] == [film]


@pytest.mark.parametrize("mode", ["auto", "required"])
async def test_of_all_tools_only_the_allowed_ones_are_offered(program, server, mode):
    server.say("Hi")
    f, g, h = ({"type": "function", "function": {"name": name}} for name in "fgh")
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [h, f]}}
    await program.post(ASK, json=HELLO | {"tools": [f, g, h], "tool_choice": choice})
    sent = server.requests[0].json
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["f", "h"]
    assert sent["tool_choice"] == mode


async def test_neutral_values_are_neither_sent_nor_reported(program, server):
    server.say("Hi")
    asked = HELLO | {"temperature": 1, "top_p": 1, "n": 1, "presence_penalty": 0, "tools": [], "stop": None}
    response = await program.post(ASK, json=asked)
    assert set(server.requests[-1].json) == {"model", "messages", "stream", "stream_options"}
    assert "x-gateway-dropped-params" not in response.headers


async def test_a_field_that_asks_for_something_with_nothing_in_it_is_sent(program, server, upstream):
    await Upstream.objects.aupdate(family="openai")
    await sync_to_async(routed)("gpt-4o-search-preview", upstream)
    server.say("Hi")
    response = await program.post(
        ASK, json=HELLO | {"model": "gpt-4o-search-preview", "web_search_options": {}}
    )
    assert server.requests[-1].json["web_search_options"] == {}
    assert "x-gateway-dropped-params" not in response.headers


async def test_a_whole_answer_is_asked_for_as_a_stream(program, server):
    server.say("Hi")
    await program.post(ASK, json=HELLO)
    assert server.requests[-1].json["stream"] is True


@pytest.mark.parametrize("path", [ASK, f"{ASK}/"])
async def test_a_slash_at_the_end_does_not_matter(program, server, path):
    server.say("Hi")
    assert (await program.post(path, json=HELLO)).status_code == 200
