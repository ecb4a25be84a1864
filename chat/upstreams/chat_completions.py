"""Asking a server that speaks OpenAI's Chat Completions; its families differ in their `Dialect`."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import orjson

from chat.completions import (
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    InvalidRequest,
    StreamTruncated,
    UpstreamTimeout,
)

from .model_list import read_models
from .request_body import Dialect, request_body
from .response_chunks import Reader
from .transport import Answer, bearer, exchange
from .upstream import ModelInfo, Upstream


class ChatCompletionsUpstream(Upstream):
    @abstractmethod
    def dialect(self, model: str) -> Dialect: ...

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        async with self._ask(self.body(request)) as answer:
            reader = Reader()
            chunks = _streamed(answer, reader) if answer.is_stream else _whole(answer, reader)
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk

    async def models(self) -> list[ModelInfo]:
        headers = bearer(self.api_key)
        url = f"{self.base_url}/models"
        async with exchange("GET", url, headers=headers, timeouts=self.timeouts) as answer:
            return read_models(await answer.read())

    def body(self, request: ChatRequest) -> dict[str, Any]:
        return request_body(request, self.dialect(request.model))

    @asynccontextmanager
    async def _ask(self, body: dict[str, Any]) -> AsyncIterator[Answer]:
        async with AsyncExitStack() as stack:
            try:
                answer = await stack.enter_async_context(self._exchange(body))
            except InvalidRequest as refused:
                if not _is_about_stream_options(refused):
                    raise
                plain = {name: value for name, value in body.items() if name != "stream_options"}
                answer = await stack.enter_async_context(self._exchange(plain))
            yield answer

    def _exchange(self, body: dict[str, Any]) -> AbstractAsyncContextManager[Answer]:
        return exchange(
            "POST",
            f"{self.base_url}/chat/completions",
            headers={
                "content-type": "application/json",
                "accept": "text/event-stream",
                **bearer(self.api_key),
            },
            content=orjson.dumps(body),
            timeouts=self.timeouts,
        )


def _is_about_stream_options(refused: InvalidRequest) -> bool:
    said = f"{refused.param} {refused.upstream.message if refused.upstream else ''}"
    return "stream_options" in said or "include_usage" in said


async def _streamed(answer: Answer, reader: Reader) -> AsyncGenerator[Chunk, None]:
    try:
        async with aclosing(answer.events()) as events:
            async for event in events:
                if event.data == b"[DONE]":
                    reader.done()
                    answer.conclude()
                    continue
                for chunk in reader.read(event):
                    yield chunk
    except (StreamTruncated, UpstreamTimeout):
        # Everything was said; only the end of the body is missing.
        if not reader.is_complete:
            raise
    except BadUpstreamResponse:
        # The body ended within its last event, which `end` will judge.
        if not answer.at_end:
            raise
    for chunk in reader.end():
        yield chunk


async def _whole(answer: Answer, reader: Reader) -> AsyncGenerator[Chunk, None]:
    for chunk in reader.read_whole(await answer.read()):
        yield chunk
