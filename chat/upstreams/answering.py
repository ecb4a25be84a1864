"""An upstream that is asked with a body of JSON, and answers with events. The APIs differ in both."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any, ClassVar, Protocol

from chat.completions import (
    Adjustment,
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    StreamTruncated,
    UpstreamTimeout,
)
from chat.completions.sse import Event

from .capabilities import Capabilities, capabilities
from .fetching import with_files_fetched
from .fitting import fitted
from .healing import ask
from .model_list import read_models
from .substitutes import substituted
from .transport import Answer, bearer, exchange
from .upstream import ModelInfo, Upstream


class AnswerReader(Protocol):
    """Reads the events of one answer, one after the other. Every method may raise a `CompletionError`.

    `is_complete`: the answer may end here. `is_over`: nothing that matters can follow.
    """

    @property
    def is_complete(self) -> bool: ...
    @property
    def is_over(self) -> bool: ...
    def read(self, event: Event) -> Iterator[Chunk]: ...
    def read_whole(self, body: bytes) -> Iterator[Chunk]: ...
    def end(self) -> Iterator[Chunk]: ...


class AnsweringUpstream(Upstream):
    path: ClassVar[str]

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        can = self.capabilities(request.model)
        request, adjustments = self.prepared(request, can)
        body = self.body(await with_files_fetched(request, can))
        reader = self.reader(request)
        url, headers = f"{self.base_url}{self.path}", bearer(self.api_key)
        async with ask(url, body, model=request.model, headers=headers, timeouts=self.timeouts) as (
            answer,
            healed,
        ):
            if changed := adjustments + healed:
                yield Chunk(adjustments=changed)
            chunks = _streamed(answer, reader) if answer.is_stream else _whole(answer, reader)
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk

    async def models(self) -> list[ModelInfo]:
        headers = bearer(self.api_key)
        url = f"{self.base_url}/models"
        async with exchange("GET", url, headers=headers, timeouts=self.timeouts) as answer:
            return read_models(await answer.read())

    def capabilities(self, model: str) -> Capabilities:
        return capabilities(self.family, model)

    def prepared(self, request: ChatRequest, can: Capabilities) -> tuple[ChatRequest, tuple[Adjustment, ...]]:
        """The request as the model takes it, and what had to be changed for that."""
        request, substitutes = substituted(request, can)
        request, changes = fitted(request, can, self.extra)
        return request, substitutes + changes

    @abstractmethod
    def body(self, request: ChatRequest) -> dict[str, Any]: ...

    @abstractmethod
    def reader(self, request: ChatRequest) -> AnswerReader: ...


async def _streamed(answer: Answer, reader: AnswerReader) -> AsyncGenerator[Chunk, None]:
    try:
        async with aclosing(answer.events()) as events:
            async for event in events:
                for chunk in reader.read(event):
                    yield chunk
                if reader.is_over:
                    answer.conclude()
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


async def _whole(answer: Answer, reader: AnswerReader) -> AsyncGenerator[Chunk, None]:
    for chunk in reader.read_whole(await answer.read()):
        yield chunk
