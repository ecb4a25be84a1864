"""What only shows on a real connection to the running site: silence, leaving, and how the text is paced."""

import time
from collections.abc import Iterator

import httpx
import pytest
from asgiref.sync import sync_to_async

from chat.api import relay
from chat.models import Route, Upstream
from tests.api.conftest import ASK, HELLO, routed, upstream_of
from tests.replay import ReplayServer, chunk, ending
from tests.site import Site

STREAM = HELLO | {"stream": True}


@pytest.fixture(scope="module")
def upstream_of_the_site() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        server.models = ["replayed"]
        yield server


@pytest.fixture(scope="module")
def caller(upstream_of_the_site, tmp_path_factory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("site")
    with Site(data, COMPATIBLE_BASE_URL=upstream_of_the_site.base_url) as site:
        site.manage("create_user", "olga", "--password", "correct horse battery")
        key = site.manage("create_key", "olga").strip()
        with httpx.Client(
            base_url=site.url, headers={"authorization": f"Bearer {key}"}, timeout=30
        ) as caller:
            yield caller


def test_each_word_is_passed_on_when_it_comes(caller, upstream_of_the_site):
    upstream_of_the_site.say("one two three four", tokens_per_second=5)
    with caller.stream("POST", ASK, json=STREAM) as response:
        came = [time.monotonic() for _ in response.iter_raw()]
    assert came[-1] - came[0] > 0.5


@pytest.mark.parametrize(
    "said", [[], [chunk({"content": "Half"})]], ids=["before the first word", "in the middle"]
)
def test_a_client_that_leaves_closes_the_upstream_within_a_second(caller, upstream_of_the_site, said):
    upstream_of_the_site.answer(said, then="stall")
    with pytest.raises(httpx.ReadTimeout), caller.stream("POST", ASK, json=STREAM, timeout=0.7) as response:
        for _ in response.iter_raw():
            pass
    assert upstream_of_the_site.wait_closed(timeout=1)


def test_a_client_that_leaves_a_whole_answer_closes_the_upstream(caller, upstream_of_the_site):
    upstream_of_the_site.answer([chunk({"content": "Half"})], then="stall")
    with pytest.raises(httpx.ReadTimeout):
        caller.post(ASK, json=HELLO, timeout=0.7)
    assert upstream_of_the_site.wait_closed(timeout=1)


async def test_a_silent_model_keeps_the_connection_open_with_comments(program, server, monkeypatch):
    monkeypatch.setattr(relay, "SILENCE", 0.05)
    server.answer([chunk({"role": "assistant"}), chunk({"content": "Hi"}), *ending()], delay=0.3)
    response = await program.post(ASK, json=STREAM)
    assert response.status_code == 200
    before, _, after = response.text.partition('"content":"Hi"')
    assert before.startswith(": keep-alive\n\n")
    assert before.count(": keep-alive") >= 2
    assert after.endswith("data: [DONE]\n\n")


async def test_what_was_left_out_is_reported_however_long_the_model_is_silent(
    program, server, upstream, monkeypatch
):
    monkeypatch.setattr(relay, "SILENCE", 1)
    await Upstream.objects.aupdate(family="openai")
    await sync_to_async(routed)("o3", upstream)
    server.answer([b"", chunk({"role": "assistant"}), chunk({"content": "Hi"}), *ending()], delay=0.8)
    response = await program.post(
        ASK, json=STREAM | {"model": "o3", "temperature": 0.5, "reasoning_effort": "max"}
    )
    assert response.text.startswith(": keep-alive\n\n")
    assert response.headers["x-gateway-dropped-params"] == "temperature"
    assert response.headers["x-gateway-adjusted-params"] == "reasoning_effort=high"


async def test_what_an_upstream_that_failed_does_not_take_is_not_reported(program, server, upstream):
    """The first would leave out the seed."""
    first = await sync_to_async(upstream_of)("anthropic", server)
    shared = await sync_to_async(routed)("claude-3-5-haiku", first)
    await Route.objects.acreate(model=shared, upstream=upstream, priority=9)
    server.answer([b'{"error": {"message": "Bad key"}}'], status=401)
    server.say("Hi")
    response = await program.post(ASK, json=STREAM | {"model": "claude-3-5-haiku", "seed": 1})
    assert server.requests[-1].json["seed"] == 1
    assert "x-gateway-dropped-params" not in response.headers


async def test_the_first_comment_comes_after_one_silence_and_not_two(program, server, monkeypatch):
    monkeypatch.setattr(relay, "SILENCE", 0.4)
    server.answer([b"", chunk({"content": "Hi"}), *ending()], delay=0.7)
    assert (await program.post(ASK, json=STREAM)).text.startswith(": keep-alive\n\n")


async def test_a_failure_after_a_long_silence_is_an_error_in_the_stream(program, server, monkeypatch):
    monkeypatch.setattr(relay, "SILENCE", 0.05)
    server.answer([b"", b'data: {"error": {"message": "overloaded", "code": 529}}\n\n'], delay=0.3)
    response = await program.post(ASK, json=STREAM)
    assert response.status_code == 200
    assert '"code":"server_is_overloaded"' in response.text
    assert response.text.endswith("data: [DONE]\n\n")
