"""A program is answered by another upstream when one fails, and does not notice."""

import pytest

from chat.models import Route, Upstream
from tests.api.conftest import ASK, HELLO, events
from tests.replay import ReplayServer, chunk


@pytest.fixture
def other(model):
    with ReplayServer() as server:
        server.say("From the other.")
        upstream = Upstream.objects.create(name="Other", family="compatible", base_url=server.base_url)
        Route.objects.create(model=model, upstream=upstream, priority=1)
        yield server


async def test_a_whole_answer_comes_from_another_upstream(program, server, other):
    server.answer([b"{}"], status=500)
    response = await program.post(ASK, json=HELLO)
    assert response.status_code == 200
    assert response.json()["choices"][0]["message"]["content"] == "From the other."


async def test_a_stream_comes_from_another_upstream_with_nothing_of_the_first(program, server, other):
    server.answer([chunk({"role": "assistant"})], then="close")
    response = await program.post(ASK, json=HELLO | {"stream": True})
    assert response.status_code == 200
    assert "error" not in response.text
    assert events(response)[-1] == "[DONE]"
    assert len(server.requests) == len(other.requests) == 1


async def test_a_stream_that_has_begun_ends_with_its_error(program, server, other):
    server.answer([chunk({"content": "Half"})], then="close")
    response = await program.post(ASK, json=HELLO | {"stream": True})
    assert "Half" in response.text
    assert "upstream_stream_truncated" in response.text
    assert not other.requests


async def test_when_all_fail_it_is_told_what_passes(program, server, other):
    other._scripts.clear()
    other.answer([b"{}"], status=402)
    server.answer([b"{}"], status=429, headers={"retry-after": "20"})
    response = await program.post(ASK, json=HELLO)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "20"
