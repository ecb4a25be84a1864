"""Answers that are read at once: a crowd's are read a little less often, few as fast as they come."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from chat.completions import ChatRequest, Message, StreamTruncated, Text, UpstreamTimeout
from chat.upstreams import Timeouts, connect
from chat.upstreams.crowd import LONGEST_PAUSE, MANY, crowd
from tests import replay
from tests.replay import ReplayServer

REQUEST = ChatRequest("test-model", (Message("user", (Text("?"),)),))
TEXT = "one two three four five six seven eight nine ten eleven twelve"
SPEED = 100


@contextmanager
def others(count: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(crowd)
        yield


async def readings(server: ReplayServer) -> list[tuple[float, str]]:
    """When something came, and what came then."""
    server.say(TEXT, tokens_per_second=SPEED)
    came: list[tuple[float, str]] = []
    async for chunk in connect("compatible", server.base_url, "").stream(REQUEST):
        now = time.monotonic()
        if came and now - came[-1][0] < 0.3 / SPEED:
            came[-1] = (now, came[-1][1] + chunk.content)
        else:
            came.append((now, chunk.content))
    return came


@pytest.mark.parametrize("count", [0, MANY - 1])
async def test_few_answers_are_read_as_they_come(server: ReplayServer, count: int) -> None:
    with others(count):
        came = await readings(server)
    assert len(came) > len(TEXT.split()) / 2
    assert "".join(text for _, text in came) == TEXT


@pytest.mark.parametrize(("count", "together"), [(40, 2), (100, 3)])
async def test_what_comes_to_one_of_a_crowd_is_read_together_the_more_of_it_the_larger_the_crowd(
    server: ReplayServer, count: int, together: int
) -> None:
    with others(count):
        came = await readings(server)
    assert len(came) <= len(TEXT.split()) / together
    assert "".join(text for _, text in came) == TEXT


async def test_the_first_word_waits_for_no_other(server: ReplayServer) -> None:
    with others(100):
        came = await readings(server)
    assert came[0][1].strip() == "one"
    assert came[0][0] - (server.requests[0].first_byte_at or 0) < LONGEST_PAUSE


async def test_much_that_comes_at_once_is_not_slowed_down(server: ReplayServer) -> None:
    server.say("word " * 2_000)
    began = time.monotonic()
    with others(MANY):
        said = [chunk async for chunk in connect("compatible", server.base_url, "").stream(REQUEST)]
    assert len(said) > 1_000
    assert time.monotonic() - began < 2_000 / SPEED


async def test_an_answer_that_is_left_is_no_longer_in_the_crowd(server: ReplayServer) -> None:
    server.say(TEXT, tokens_per_second=SPEED)
    chunks = connect("compatible", server.base_url, "").stream(REQUEST)
    await anext(chunks)
    assert crowd.size == 1
    await chunks.aclose()
    await asyncio.sleep(0)
    assert crowd.size == 0


@pytest.mark.parametrize(
    ("then", "silence", "error"), [("reset", 5, StreamTruncated), ("stall", 0.5, UpstreamTimeout)]
)
async def test_what_ends_one_of_a_crowd_is_told(
    server: ReplayServer, then: str, silence: float, error: type[Exception]
) -> None:
    server.answer([replay.chunk({"content": "Half"})], then=then)
    answer = connect("compatible", server.base_url, "", Timeouts(silence=silence)).stream(REQUEST)
    with others(100):
        assert (await anext(answer)).content == "Half"
        with pytest.raises(error):
            await anext(answer)
