"""An upstream that is asked with a body of JSON, and answers with events. The APIs differ in both."""

from abc import abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, ClassVar

from chat.completions import Adjustment, ChatRequest, Chunk

from .capabilities import Capabilities
from .fetching import with_files_fetched
from .fitting import fitted
from .healing import ask
from .model_list import read_models
from .reading import AnswerReader, read_answer
from .substitutes import substituted
from .transport import bearer, exchange
from .upstream import ModelInfo, Upstream


class AnsweringUpstream(Upstream):
    path: ClassVar[str]

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        can = self.capabilities(request.model)
        request, adjustments = self.prepared(request, can)
        body = self.body(await with_files_fetched(request, can))
        reader = self.reader(request)
        url, headers = f"{self.base_url}{self.path}", bearer(self.api_key)
        if adjustments:
            yield Chunk(adjustments=adjustments)
        async with ask(url, body, model=request.model, headers=headers, timeouts=self.timeouts) as (
            answer,
            healed,
        ):
            if healed:
                yield Chunk(adjustments=adjustments + healed)
            async with aclosing(read_answer(answer, reader)) as chunks:
                async for chunk in chunks:
                    yield chunk
            for chunk in reader.end():
                yield chunk

    async def models(self) -> list[ModelInfo]:
        headers = bearer(self.api_key)
        url = f"{self.base_url}/models"
        async with exchange("GET", url, headers=headers, timeouts=self.timeouts) as answer:
            return read_models(await answer.read())

    def prepared(self, request: ChatRequest, can: Capabilities) -> tuple[ChatRequest, tuple[Adjustment, ...]]:
        """The request as the model takes it, and what had to be changed for that."""
        request, substitutes = substituted(request, can)
        request, changes = fitted(request, can, self.extra)
        return request, substitutes + changes

    @abstractmethod
    def body(self, request: ChatRequest) -> dict[str, Any]: ...

    @abstractmethod
    def reader(self, request: ChatRequest) -> AnswerReader: ...
