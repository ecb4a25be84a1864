"""Asking a server that speaks OpenAI's Chat Completions; its families differ in their `Dialect`."""

from abc import abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from chat.completions import BadUpstreamResponse, ChatRequest, Chunk, StreamTruncated, UpstreamTimeout

from .capabilities import capabilities
from .fetching import with_files_fetched
from .fitting import fitted
from .healing import ask
from .model_list import read_models
from .request_body import Dialect, request_body
from .response_chunks import Reader
from .transport import Answer, bearer, exchange
from .upstream import ModelInfo, Upstream


class ChatCompletionsUpstream(Upstream):
    @abstractmethod
    def dialect(self, model: str) -> Dialect: ...

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        can = capabilities(self.family, request.model)
        request, adjustments = fitted(request, can, self.extra)
        body = self.body(await with_files_fetched(request, can))
        url = f"{self.base_url}/chat/completions"
        headers = bearer(self.api_key)
        async with ask(url, body, model=request.model, headers=headers, timeouts=self.timeouts) as (
            answer,
            healed,
        ):
            if changed := adjustments + healed:
                yield Chunk(adjustments=changed)
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
