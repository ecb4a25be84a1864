"""A fake provider on loopback: replays recorded answers byte for byte, or plays what a test writes for it.

    with ReplayServer() as server:            # a thread of its own, so it also serves other processes
        server.base_url                       # "http://127.0.0.1:<port>/v1", for COMPATIBLE_BASE_URL
        server.replay("compat/vllm-crusoe-llama33")          # a case of ../shared/streams
        server.replay("openai/text-gpt4o", cuts=7)           # sent 7 bytes at a time
        server.replay("openai/text-gpt4o", cuts=[100, 205])  # cut at these offsets
        server.say("Hello **world**", tokens_per_second=50, reasoning="Hm.")
        server.say("one two three", holds=["two"])           # waits after "two" for server.go_on()
        server.answer([b"data: {", ...], delay=0.1, then="stall")
        server.answer([b"{...}"], status=429, headers={"retry-after": "20"})
        server.models = ["small", {"id": "large", "context_length": 8192}]
        server.models_a_page = 1              # the rest follows after_id, as at Anthropic
        server.requests[-1].json, .headers, .path            # what was asked
        server.wait_closed(timeout=1)                        # True once a client left before the end

(`wait_closed` blocks; the client closes only while its loop runs, so a coroutine awaits it in a thread.)
Every POST plays an answer. Answers are played in the order in which they were given; the last one is played
again for every further request. `then` is what follows the last piece:

    "end"    the body ends as HTTP says it should
    "close"  the connection closes without the end of the body
    "reset"  the connection is reset
    "stall"  nothing more comes, the connection stays open

By hand: `uv run --group dev python -m tests.replay --port 9000` answers any question with a paragraph.
"""

import argparse
import asyncio
import json
import random
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

STREAMS = Path(__file__).parents[2] / "shared" / "streams"

Ending = Literal["end", "close", "reset", "stall"]
Cuts = int | Sequence[int] | None

PARAGRAPH = (
    "A fake provider wrote this paragraph. It comes **word by word**, as an answer of a model does, "
    "so that whatever reads it has something to read for a while. It has `code`, a list:\n\n"
    "- one thing\n- and another\n\nand then it ends."
)


@dataclass(frozen=True, slots=True)
class Script:
    """One answer: its head, the pieces of its body, the seconds between them, and what follows.

    After each of the pieces numbered in `holds` it waits until its gate lets it go on.
    """

    pieces: Sequence[bytes]
    delay: float = 0
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Ending = "end"
    holds: Sequence[int] = ()
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))


@dataclass(slots=True)
class Received:
    """A request as it came in. The times are those of `time.monotonic`; `client` is the connection's port.

    `left_at` is when the client went away before its answer was over.
    """

    client: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: float
    first_byte_at: float | None = None
    ended_at: float | None = None
    left_at: float | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ReplayServer:
    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.requests: list[Received] = []
        self.models: list[str | dict[str, Any]] = ["test-model"]
        self.models_a_page = 1000
        self._scripts: deque[Script] = deque()
        self._played = False
        self._left = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def answer(
        self,
        chunks: Iterable[bytes],
        *,
        delay: float = 0,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        then: Ending = "end",
    ) -> None:
        """Play these pieces; without a content type they are an event stream, or JSON if not a 200."""
        usual = "text/event-stream" if status == 200 else "application/json"
        self._add(Script(list(chunks), delay, status, {"content-type": usual, **(headers or {})}, then))

    def replay(self, case: str, *, cuts: Cuts = None, delay: float = 0) -> None:
        """Play a recorded case, whole or cut: into pieces of one size, or at offsets."""
        meta = json.loads((STREAMS / case / "meta.json").read_text())
        name = "response.sse" if meta["streaming"] else "response.json"
        body = (STREAMS / case / name).read_bytes()
        usual = "text/event-stream" if meta["streaming"] else "application/json"
        headers = {"content-type": usual, **(meta.get("response_headers") or {})}
        self._add(Script(cut(body, cuts), delay, meta["http_status"], headers))

    def say(
        self,
        text: str,
        *,
        tokens_per_second: float = 0,
        reasoning: str = "",
        finish_reason: str = "stop",
        then: Ending = "end",
        holds: Sequence[str] = (),
    ) -> None:
        """Stream this text as a model would, a word at a time; 0 tokens per second means at once.

        Once it has said for the first time what `holds` holds, it waits until it may go on.
        """
        delay = 1 / tokens_per_second if tokens_per_second else 0
        pieces = [*said(text, reasoning)]
        before = len(pieces) - len(_words(text))
        at = [before + _words_up_to(each, text) - 1 for each in holds]
        if then == "end":
            pieces += ending(finish_reason, len(pieces))
        self._add(Script(pieces, delay, 200, {"content-type": "text/event-stream"}, then, at))

    def go_on(self) -> None:
        """Say what comes after a hold."""
        with self._lock:
            self._loop.call_soon_threadsafe(self._scripts[0].gate.release)

    def forget(self) -> None:
        """Play nothing of what was to come: nobody has asked for it."""
        with self._lock:
            self._scripts.clear()

    def wait_closed(self, timeout: float = 2) -> bool:
        """Whether a client has left, or leaves in time, before its answer was over; counts each once."""
        return self._left.acquire(timeout=timeout)

    def wait_asked(self, timeout: float = 5) -> None:
        """Until the first request is here."""
        deadline = time.monotonic() + timeout
        while not self.requests:
            assert time.monotonic() < deadline, "nobody asked"
            time.sleep(0.01)

    def listing(self, after: str | None) -> dict[str, Any]:
        """A page of the models: those after this one."""
        entries = [
            {"id": model, "object": "model"} if isinstance(model, str) else model for model in self.models
        ]
        ids = [entry["id"] for entry in entries]
        start = ids.index(after) + 1 if after else 0
        page = entries[start : start + self.models_a_page]
        more = {"has_more": True, "last_id": page[-1]["id"]} if start + len(page) < len(entries) else {}
        return {"object": "list", "data": page, **more}

    def script_for(self, received: Received) -> Script:
        """What to answer a request with: the next of the answers that were given."""
        with self._lock:
            if not self._scripts:
                return Script([*said(PARAGRAPH), *ending("stop", 50)], 0.02)
            if self._played and len(self._scripts) > 1:
                self._scripts.popleft()
            self._played = True
            return self._scripts[0]

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/{path:.*}models", self._list)
        app.router.add_post("/{path:.*}", self._play)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def _add(self, script: Script) -> None:
        with self._lock:
            self._scripts.append(script)

    async def _list(self, request: web.Request) -> web.Response:
        await self._record(request)
        return web.json_response(self.listing(request.query.get("after_id")))

    async def _play(self, request: web.Request) -> web.StreamResponse:
        received = await self._record(request)
        script = self.script_for(received)
        response = web.StreamResponse(status=script.status, headers=script.headers)
        try:
            await response.prepare(request)
            await self._send(script, response, received)
            await self._finish(script, request, response)
        except (ConnectionError, asyncio.CancelledError):
            received.left_at = time.monotonic()
            self._left.release()
            raise
        finally:
            received.ended_at = time.monotonic()
        return response

    async def _record(self, request: web.Request) -> Received:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        client = request.transport.get_extra_info("peername")[1] if request.transport else 0
        received = Received(client, request.method, request.path, headers, body, time.monotonic())
        self.requests.append(received)
        return received

    async def _send(self, script: Script, response: web.StreamResponse, received: Received) -> None:
        due = time.monotonic()
        for number, piece in enumerate(script.pieces):
            await response.write(piece)
            received.first_byte_at = received.first_byte_at or time.monotonic()
            if number in script.holds:
                await script.gate.acquire()
                due = time.monotonic()
            due += script.delay
            # Pieces keep their rate even when the machine was late with one.
            await asyncio.sleep(max(due - time.monotonic(), 0))

    async def _finish(self, script: Script, request: web.Request, response: web.StreamResponse) -> None:
        if script.then == "end":
            await response.write_eof()
        elif script.then == "stall":
            await asyncio.Event().wait()
        elif request.transport is not None:
            if script.then == "reset":
                _reset_on_close(request.transport)
            request.transport.close()


def _reset_on_close(transport: asyncio.Transport) -> None:
    """With a linger time of 0 the kernel sends RST instead of FIN."""
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )


def cut(body: bytes, cuts: Cuts) -> list[bytes]:
    if not cuts:
        return [body]
    at = list(range(cuts, len(body), cuts)) if isinstance(cuts, int) else sorted(cuts)
    return [body[start:end] for start, end in zip([0, *at], [*at, len(body)], strict=True) if start < end]


def random_cuts(body_size: int, count: int, seed: int) -> list[int]:
    return sorted(random.Random(seed).sample(range(1, body_size), min(count, body_size - 1)))


def chunk(delta: Mapping[str, Any], finish_reason: str | None = None, **more: Any) -> bytes:
    """One event of a Chat Completions stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _event({"choices": [choice], **more})


def said(text: str, reasoning: str = "") -> list[bytes]:
    """The events of a text, a word each, without the end."""
    thoughts = [chunk({"reasoning_content": word}) for word in _words(reasoning)]
    return [
        chunk({"role": "assistant", "content": ""}),
        *thoughts,
        *(chunk({"content": w}) for w in _words(text)),
    ]


def ending(finish_reason: str = "stop", completion_tokens: int = 1) -> list[bytes]:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": completion_tokens,
        "total_tokens": 10 + completion_tokens,
    }
    return [chunk({}, finish_reason), _event({"choices": [], "usage": usage}), b"data: [DONE]\n\n"]


def _words(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:] if text else []


def _words_up_to(part: str, text: str) -> int:
    """How many words have to be said until this part of it has been."""
    return text[: text.index(part) + len(part)].count(" ") + 1


def _event(payload: Mapping[str, Any]) -> bytes:
    head = {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1, "model": "test-model"}
    return b"data: " + json.dumps({**head, **payload}).encode() + b"\n\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake provider that streams a paragraph.")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--tokens-per-second", type=float, default=50)
    options = parser.parse_args()
    with ReplayServer(options.port) as server:
        server.say(PARAGRAPH, tokens_per_second=options.tokens_per_second)
        print(f"Listening at {server.base_url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
