import asyncio
import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from chat.completions import (
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    CompletionError,
    Message,
    StreamTruncated,
    Text,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from chat.upstreams import Timeouts, connect
from chat.upstreams.transport import _proxy_for
from tests.replay import ReplayServer, chunk, ending, said

REQUEST = ChatRequest("test-model", (Message("user", (Text("?"),)),))
KEY = "sk-the-secret-key-of-the-operator"
IMPATIENT = Timeouts(connect=0.5, silence=0.5, total=5)


async def ask(
    base_url: str, timeouts: Timeouts | None = None, key: str = KEY
) -> tuple[str, CompletionError | None]:
    """The text that came, and the error that ended it."""
    text, error = "", None
    try:
        async for part in connect("compatible", base_url, key, timeouts).stream(REQUEST):
            text += part.content
    except CompletionError as exc:
        error = exc
    assert KEY not in f"{error!r} {error and error.upstream}"
    return text, error


async def left(server: ReplayServer, within: float = 2) -> bool:
    return await asyncio.to_thread(server.wait_closed, within)


async def begun(server: ReplayServer) -> None:
    async with asyncio.timeout(5):
        while not (server.requests and server.requests[0].first_byte_at):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield free.getsockname()[1]


async def test_a_refused_connection_says_where_nothing_answers(silent_port: int) -> None:
    _, error = await ask(f"http://127.0.0.1:{silent_port}/v1")
    assert type(error) is UpstreamUnreachable
    assert f"Nothing answers at 127.0.0.1:{silent_port}" in error.message
    assert error.__cause__ is not None


async def test_an_unknown_name_is_unreachable() -> None:
    _, error = await ask("http://no-such-host.invalid/v1")
    assert type(error) is UpstreamUnreachable
    assert "no-such-host.invalid" in error.message


@pytest.mark.parametrize("base_url", ["localhost:11434/v1", "ftp://127.0.0.1/v1", "chat", "http:///v1"])
async def test_a_base_url_that_is_no_web_address_is_said_to_be_none(base_url: str) -> None:
    _, error = await ask(base_url)
    assert type(error) is UpstreamUnreachable
    assert "not a web address" in error.message


async def test_a_server_without_tls_is_unreachable_by_https(server: ReplayServer) -> None:
    _, error = await ask(server.base_url.replace("http:", "https:"))
    assert type(error) is UpstreamUnreachable
    assert "secure connection" in error.message


async def test_a_server_that_never_accepts_is_a_timeout_of_the_connection() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        _, error = await ask(f"http://127.0.0.1:{port}/v1", IMPATIENT)
        for each in waiting:
            each.close()
    assert type(error) is UpstreamTimeout
    assert "No connection" in error.message


async def test_a_connection_closed_without_an_answer_is_unreachable() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listener:
        _, error = await ask(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1")
    assert type(error) is UpstreamUnreachable
    assert "closed the connection without an answer" in error.message


async def test_an_answer_that_is_not_http_is_a_bad_response() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listener:
        _, error = await ask(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1")
    assert type(error) is BadUpstreamResponse


async def test_silence_before_the_first_byte_is_a_timeout(server: ReplayServer) -> None:
    server.answer([], then="stall")
    _, error = await ask(server.base_url, IMPATIENT)
    assert type(error) is UpstreamTimeout
    assert "has said nothing for 0.5 s" in error.message
    assert await left(server)


async def test_silence_in_mid_answer_keeps_what_came(server: ReplayServer) -> None:
    server.say("Half an", then="stall")
    text, error = await ask(server.base_url, IMPATIENT)
    assert text == "Half an"
    assert type(error) is UpstreamTimeout
    assert await left(server)


async def test_an_answer_that_goes_on_for_ever_ends_at_the_total(server: ReplayServer) -> None:
    server.say("word " * 1000, tokens_per_second=100)
    started = time.monotonic()
    text, error = await ask(server.base_url, Timeouts(silence=0.4, total=0.5))
    assert type(error) is UpstreamTimeout
    assert "not complete within 0.5 s" in error.message
    assert text.startswith("word word")
    assert 0.4 < time.monotonic() - started < 1
    assert await left(server)


async def test_a_silent_answer_ends_at_the_total_when_that_comes_first(server: ReplayServer) -> None:
    server.answer([], then="stall")
    _, error = await ask(server.base_url, Timeouts(silence=30, total=0.3))
    assert type(error) is UpstreamTimeout
    assert "not complete within 0.3 s" in error.message


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_a_connection_lost_in_mid_answer_keeps_what_came(server: ReplayServer, then: str) -> None:
    server.answer(said("Half an"), delay=0.02, then=then)
    text, error = await ask(server.base_url)
    assert text == "Half an"
    assert type(error) is StreamTruncated


async def test_a_clean_end_without_a_finish_is_truncated(server: ReplayServer) -> None:
    server.answer(said("Half an"))
    text, error = await ask(server.base_url)
    assert text == "Half an"
    assert type(error) is StreamTruncated


async def test_an_end_within_an_event_is_truncated(server: ReplayServer) -> None:
    server.answer([*said("Half an"), b'data: {"choices":[{"ind'])
    text, error = await ask(server.base_url)
    assert text == "Half an"
    assert type(error) is StreamTruncated


@pytest.mark.parametrize("then", ["close", "reset", "stall"])
async def test_nothing_that_happens_after_the_end_matters(server: ReplayServer, then: str) -> None:
    waits = []
    for _ in range(3):
        server.answer([*said("All of it"), *ending()], delay=0.01, then=then)
        started = time.monotonic()
        assert await ask(server.base_url) == ("All of it", None)
        waits.append(time.monotonic() - started)
    # The quickest: a machine that is busy takes its time, too.
    assert min(waits) < 0.5


async def test_a_lost_connection_after_the_finish_loses_nothing(server: ReplayServer) -> None:
    server.answer([*said("All of it"), chunk({}, "stop")], delay=0.02, then="close")
    assert await ask(server.base_url) == ("All of it", None)


async def test_a_connection_is_used_again(server: ReplayServer) -> None:
    server.say("Hello")
    for _ in range(5):
        await ask(server.base_url)
    assert len({request.client for request in server.requests}) == 1


@pytest.mark.parametrize("status", [200, 404, 500, 502])
async def test_a_web_page_is_never_an_answer(server: ReplayServer, status: int) -> None:
    page = b"\n<!DOCTYPE html><html><h1>Welcome to nginx!</h1></html>"
    server.answer([page], status=status, headers={"content-type": "text/html"})
    text, error = await ask(server.base_url)
    assert text == ""
    assert isinstance(error, UpstreamError)
    assert "<" not in error.message
    assert "nginx" not in error.message
    assert status != 200 or type(error) is BadUpstreamResponse


@pytest.mark.parametrize(
    "body", [b"", b"\n\n \n", b"data: [DONE]\n\n", b": ping\n\n", b"nonsense", b"{}", b"[]"]
)
async def test_an_answer_that_says_nothing_is_a_bad_response(server: ReplayServer, body: bytes) -> None:
    server.answer([body])
    text, error = await ask(server.base_url)
    assert text == ""
    assert type(error) is BadUpstreamResponse


async def test_a_redirect_is_not_followed(server: ReplayServer) -> None:
    server.answer([], status=302, headers={"location": "http://169.254.169.254/"})
    _, error = await ask(server.base_url)
    assert type(error) is BadUpstreamResponse
    assert len(server.requests) == 1


async def test_an_event_that_is_not_json_keeps_what_came(server: ReplayServer) -> None:
    server.answer([*said("Half an"), b"data: {oops}\n\n", *ending()])
    text, error = await ask(server.base_url)
    assert text == "Half an"
    assert type(error) is BadUpstreamResponse


@pytest.mark.parametrize(
    "event",
    [b"[]", b"7", b'"text"', b'{"choices":7}', b'{"choices":[7]}', b'{"choices":[{"delta":"text"}]}',
     b'{"choices":[{"delta":{"tool_calls":[7]}}]}', b'{"choices":[{"delta":{}}],"usage":7}'],
)  # fmt: skip
async def test_json_of_another_shape_is_a_bad_response(server: ReplayServer, event: bytes) -> None:
    server.answer([*said("Half an"), b"data: " + event + b"\n\n"])
    text, error = await ask(server.base_url)
    assert text == "Half an"
    assert type(error) is BadUpstreamResponse


async def test_a_giant_line_is_read(server: ReplayServer) -> None:
    text = "x" * (4 * 1024 * 1024)
    server.say(text)
    assert await ask(server.base_url) == (text, None)


async def test_a_line_beyond_the_limit_is_refused_with_a_reason(server: ReplayServer) -> None:
    server.answer([*said("Half an"), b"data: ", *([b"x" * 1024 * 1024] * 17), b"\n\n"])
    text, error = await ask(server.base_url)
    assert text == "Half an"
    assert type(error) is BadUpstreamResponse
    assert "16,777,216 bytes" in error.message


async def test_an_answer_of_any_number_of_events_has_an_end(
    server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.upstreams.transport._LARGEST_BODY", 100_000)
    server.say("word " * 2_000)
    text, error = await ask(server.base_url)
    assert isinstance(error, BadUpstreamResponse)
    assert "more than one answer may hold" in error.message
    assert text.startswith("word word")
    assert await left(server)


async def test_invalid_utf_8_is_replaced(server: ReplayServer) -> None:
    broken = chunk({"content": "a?b"}).replace(b"?", b"\xff")
    server.answer([broken, *ending()])
    assert await ask(server.base_url) == ("a\ufffdb", None)


async def test_a_compressed_answer_is_read(server: ReplayServer) -> None:
    body = gzip.compress(b"".join([*said("Squeezed"), *ending()]))
    server.answer([body[:40], body[40:]], headers={"content-encoding": "gzip"})
    assert await ask(server.base_url) == ("Squeezed", None)
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_huge_refusal_is_read_no_further_than_needed(server: ReplayServer) -> None:
    server.answer([b"x" * 65536] * 64, status=500, delay=0.001)
    _, error = await ask(server.base_url)
    assert isinstance(error, UpstreamError)
    assert len(error.message) < 500


async def test_a_cancelled_task_stays_cancelled_and_leaves_at_once(server: ReplayServer) -> None:
    server.say("word " * 1000, tokens_per_second=100)
    task = asyncio.create_task(ask(server.base_url))
    await begun(server)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 0.1
    assert await left(server, 0.5)


async def test_a_task_cancelled_before_the_answer_leaves_at_once(server: ReplayServer) -> None:
    server.answer([b": wait\n"], then="stall")
    task = asyncio.create_task(ask(server.base_url, Timeouts(silence=30, total=60)))
    await begun(server)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await left(server, 0.5)


async def test_a_stream_that_is_closed_leaves_at_once(server: ReplayServer) -> None:
    server.say("word " * 1000, tokens_per_second=100)
    stream = connect("compatible", server.base_url, "").stream(REQUEST)
    async with aclosing(stream):
        assert await anext(stream) == Chunk(content="word ")
    assert await left(server, 0.5)


async def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(server: ReplayServer) -> None:
    for key in (f"{KEY}\n", f"{KEY}…"):
        _, error = await ask(server.base_url, key=key)
        assert type(error) is UpstreamAuthFailed
    assert server.requests == []


async def test_a_key_that_the_provider_repeats_is_not_passed_on(server: ReplayServer) -> None:
    for status in (400, 401, 500):
        server.answer([b'{"error":{"message":"Bad key %s."}}' % KEY.encode()], status=status)
        _, error = await ask(server.base_url)
        assert error is not None
        assert error.upstream is not None
        assert error.upstream.message == "Bad key [key]."


async def test_cookies_of_one_answer_do_not_travel_with_the_next(server: ReplayServer) -> None:
    server.answer([*said("Hi"), *ending()], headers={"set-cookie": "who=first"})
    await ask(server.base_url)
    await ask(server.base_url)
    assert "cookie" not in server.requests[1].headers


def test_a_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _proxy_for.cache_clear()
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert _proxy_for("https", "api.example") == "http://proxy.example:3128"
    assert _proxy_for("https", "inside.example") is None
    assert _proxy_for("http", "127.0.0.1") is None
    _proxy_for.cache_clear()
