"""A field that an upstream refuses is left out, over real HTTP."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from chat.completions import (
    ChatRequest,
    Completion,
    InvalidRequest,
    Message,
    RateLimited,
    Text,
    Tool,
    UpstreamAnswer,
    collect,
)
from chat.upstreams import connect, healing
from tests.replay import ReplayServer

REQUEST = ChatRequest("some-model", (Message("user", (Text("?"),)),), max_output_tokens=9, temperature=0.2)


@pytest.fixture(autouse=True)
def nothing_learned() -> Iterator[None]:
    healing._refused.clear()
    yield
    healing._refused.clear()


def refuse(server: ReplayServer, message: str, param: str | None = None, status: int = 400) -> None:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    server.answer([json.dumps({"error": error}).encode()], status=status)


async def ask(server: ReplayServer, request: ChatRequest = REQUEST) -> Completion:
    return await collect(connect("compatible", server.base_url, "").stream(request))


def asked(server: ReplayServer, name: str) -> list[Any]:
    return [request.json.get(name) for request in server.requests]


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"),
        ("Unsupported parameter: 'temperature' is not supported with this model.", None),
        ("Unsupported value: 'temperature' does not support 0.2; only the default (1) is supported.", None),
        ("temperature: Extra inputs are not permitted", None),
        ("`temperature` is deprecated for this model.", None),
        ("Unrecognized request argument supplied: temperature", None),
        ('Unknown name "temperature": Cannot find field.', None),
        ("Unexpected field", "body.temperature"),
    ],
)
async def test_a_refused_field_is_left_out_once_and_from_then_on(
    server: ReplayServer, message: str, param: str | None
) -> None:
    refuse(server, message, param)
    server.say("Hi")
    for _ in range(2):
        completion = await ask(server)
        assert completion.choices[0].content == "Hi"
        assert [str(adjustment) for adjustment in completion.adjustments] == ["temperature"]
    assert asked(server, "temperature") == [0.2, None, None]
    assert asked(server, "max_tokens") == [9, 9, 9]


async def test_what_was_refused_of_one_model_is_still_sent_to_another(server: ReplayServer) -> None:
    refuse(server, "Unsupported parameter: 'temperature'")
    server.say("Hi")
    await ask(server)
    await ask(server, replace(REQUEST, model="another"))
    assert asked(server, "temperature") == [0.2, None, 0.2]


async def test_who_does_not_send_the_field_is_told_nothing(server: ReplayServer) -> None:
    refuse(server, "Unsupported parameter: 'temperature'")
    server.say("Hi")
    await ask(server)
    assert (await ask(server, replace(REQUEST, temperature=None))).adjustments == ()


async def test_a_field_with_another_name_is_sent_under_that(server: ReplayServer) -> None:
    message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    refuse(server, message, "max_tokens")
    server.say("Hi")
    for _ in range(2):
        completion = await ask(server)
        assert [str(each) for each in completion.adjustments] == ["max_tokens=max_completion_tokens"]
    assert asked(server, "max_tokens") == [9, None, None]
    assert asked(server, "max_completion_tokens") == [None, 9, 9]


async def test_of_an_object_only_the_refused_field_is_left_out(server: ReplayServer) -> None:
    refuse(server, 'Unknown name "top_k" at "options": Cannot find field.')
    server.say("Hi")
    completion = await ask(server, replace(REQUEST, extra={"options": {"top_k": 4, "min_p": 1}}))
    assert asked(server, "options") == [{"top_k": 4, "min_p": 1}, {"min_p": 1}]
    assert [str(each) for each in completion.adjustments] == ["top_k"]


async def test_an_object_of_which_nothing_is_left_is_left_out(server: ReplayServer) -> None:
    refuse(server, "Unknown parameter: 'options.top_k'.", "options.top_k")
    server.say("Hi")
    await ask(server, replace(REQUEST, extra={"options": {"top_k": 4}}))
    assert asked(server, "options") == [{"top_k": 4}, None]


async def test_a_field_that_nobody_asked_for_is_left_out_without_a_word(server: ReplayServer) -> None:
    refuse(server, "Unknown parameter: 'stream_options'.", "stream_options")
    server.say("Hi")
    assert (await ask(server)).adjustments == ()
    assert asked(server, "stream_options") == [{"include_usage": True}, None]


async def test_one_refused_value_does_not_speak_against_the_others(server: ReplayServer) -> None:
    message = "Unsupported value: 'reasoning_effort' does not support 'minimal'. Supported values are: 'low'."
    refuse(server, message, "reasoning_effort")
    server.say("Hi")
    completion = await ask(server, replace(REQUEST, reasoning_effort="minimal"))
    assert [str(each) for each in completion.adjustments] == ["reasoning_effort"]
    assert (await ask(server, replace(REQUEST, reasoning_effort="low"))).adjustments == ()
    assert asked(server, "reasoning_effort") == ["minimal", None, "low"]


async def test_a_refused_effort_does_not_speak_against_the_others(server: ReplayServer) -> None:
    refuse(server, "This model does not support effort level 'xhigh'. Supported levels: high, low, medium.")
    server.say("Hi")
    with suppress(InvalidRequest):
        await ask(server, replace(REQUEST, extra={"effort": "xhigh"}))
    await ask(server, replace(REQUEST, extra={"effort": "low"}))
    assert asked(server, "effort")[-1] == "low"


async def test_what_is_refused_inside_the_messages_is_not_looked_for_elsewhere(server: ReplayServer) -> None:
    refuse(server, "Unsupported content part type.", "messages[0].content[1].type")
    request = replace(REQUEST, response_format={"type": "json_object"})
    with pytest.raises(InvalidRequest, match="content part"):
        await ask(server, request)
    server.say("Hi")
    await ask(server, request)
    assert asked(server, "response_format")[-1] == {"type": "json_object"}


async def test_a_second_refused_field_is_learned_by_the_next_request(server: ReplayServer) -> None:
    for name in ("temperature", "max_tokens", "max_tokens"):
        refuse(server, f"Unsupported parameter: '{name}'")
    server.say("Hi")
    with pytest.raises(InvalidRequest, match="max_tokens"):
        await ask(server)
    completion = await ask(server)
    assert [str(each) for each in completion.adjustments] == ["max_tokens", "temperature"]
    assert asked(server, "temperature") == [0.2, None, None, None]
    assert asked(server, "max_tokens") == [9, 9, 9, None]


@pytest.mark.parametrize(
    ("message", "param", "status"),
    [
        ("temperature is too high", "temperature", 400),
        ("Invalid value for 'temperature'", "temperature", 400),
        ("Unsupported parameter: 'top_k'", "top_k", 400),
        ("The model 'some-model' is not supported here", "model", 400),
        ("'messages' with role 'tool' are not supported", "messages", 400),
        ("Unsupported: 'tools'", "tools", 400),
        ("Unsupported parameter: 'temperature'. Use /v1/responses.", "temperature", 400),
        ("Unsupported parameter: 'temperature'", "temperature", 413),
    ],
)
async def test_a_request_that_is_refused_otherwise_is_sent_once(
    server: ReplayServer, message: str, param: str, status: int
) -> None:
    refuse(server, message, param, status)
    with pytest.raises(InvalidRequest):
        await ask(server, replace(REQUEST, tools=(Tool("now"),)))
    assert len(server.requests) == 1
    assert not any(healing._refused.values())


async def test_another_error_is_not_healed(server: ReplayServer) -> None:
    refuse(server, "Unsupported parameter: 'temperature'", "temperature", 429)
    with pytest.raises(RateLimited):
        await ask(server)
    assert len(server.requests) == 1


def test_a_refusal_of_our_own_is_nobodys_offence() -> None:
    own = InvalidRequest("Unsupported parameter: 'temperature'", param="temperature")
    assert healing.offending(own, {"temperature": 1}) is None
    theirs = InvalidRequest("", upstream=UpstreamAnswer(400, "Unsupported parameter: 'temperature'"))
    assert healing.offending(theirs, {"temperature": 1}) == ("temperature", None)
