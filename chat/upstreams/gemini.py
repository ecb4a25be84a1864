"""Google's Gemini. Source: https://ai.google.dev/api/generate-content

An answer is always asked for as a stream. A server that sends one response, or a list of them, is read all the same.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from chat.completions import (
    Adjustment,
    ChatRequest,
    Chunk,
    CompletionError,
    InvalidRequest,
    UpstreamError,
)

from .capabilities import Capabilities
from .fetching import with_files_fetched
from .fitting import fitted
from .gemini_events import Reader
from .gemini_mending import mended
from .gemini_models import read_gemini_models
from .gemini_parts import is_known_to_gemini
from .gemini_request import EXTRA, GeminiRequest, gemini_request
from .healing import ask
from .reading import read_answer
from .transport import Answer, exchange, key_header
from .upstream import ModelInfo, Upstream

_VERSION = re.compile(r"/v1(beta)?$")
_MOST_PAGES = 20


class Gemini(Upstream):
    family = "gemini"
    keeps_reasoning = "always"
    extra = EXTRA
    default_base_url = "https://generativelanguage.googleapis.com"

    def __init__(self, base_url: str = "", *args: Any, **options: Any) -> None:
        super().__init__(base_url, *args, **options)
        self.base_url = _VERSION.sub("", self.base_url)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        can = self.capabilities(request.model)
        request, adjustments = fitted(request, can, self.extra)
        request = await with_files_fetched(request, can, leave=is_known_to_gemini)
        asked = gemini_request(request, can)
        reader = Reader(request.model, asked.tool_names, request.n)
        adjustments += asked.adjustments
        if adjustments:
            yield Chunk(adjustments=adjustments)
        async with aclosing(self._answer(request, can, asked, adjustments, reader)) as chunks:
            try:
                async for chunk in chunks:
                    yield chunk
            except CompletionError:
                for chunk in reader.counted():
                    yield chunk
                raise
        for chunk in reader.end():
            yield chunk

    async def models(self) -> list[ModelInfo]:
        found: dict[str, ModelInfo] = {}
        page: str | None = None
        for _ in range(_MOST_PAGES):
            url = f"{self.base_url}/v1beta/models?pageSize=1000"
            if page:
                url += f"&pageToken={quote(page, safe='')}"
            async with exchange("GET", url, headers=self._headers(), timeouts=self.timeouts) as answer:
                models, page = read_gemini_models(await answer.read())
            found |= {model.id: model for model in models}
            if not page:
                break
        return list(found.values())

    async def _answer(
        self,
        request: ChatRequest,
        can: Capabilities,
        asked: GeminiRequest,
        adjustments: tuple[Adjustment, ...],
        reader: Reader,
    ) -> AsyncGenerator[Chunk, None]:
        """Asks, and asks on while the answer is longer than one request may make it, or failed without a word."""
        body = asked.body
        while True:
            try:
                async with self._ask(request, can, body) as (answer, healed):
                    if reader.is_new and healed:
                        yield Chunk(adjustments=adjustments + healed)
                    async with aclosing(read_answer(answer, reader)) as chunks:
                        async for chunk in chunks:
                            yield chunk
            except UpstreamError:
                if not reader.may_start_over:
                    raise
                reader.start_over()
                continue
            if not (token := reader.continuation):
                return
            body = {**asked.body, "continuationToken": token}
            reader.go_on()

    @asynccontextmanager
    async def _ask(
        self, request: ChatRequest, can: Capabilities, body: dict[str, Any]
    ) -> AsyncIterator[tuple[Answer, tuple[Adjustment, ...]]]:
        """What is refused for something that can be put right is asked once more."""
        async with AsyncExitStack() as stack:

            async def post(body: dict[str, Any]) -> tuple[Answer, tuple[Adjustment, ...]]:
                try:
                    return await call(body, "streamGenerateContent?alt=sse")
                except UpstreamError as unknown:
                    # Some proxies only have the other.
                    if not unknown.upstream or unknown.upstream.status != HTTPStatus.NOT_FOUND:
                        raise
                    return await call(body, "generateContent")

            async def call(body: dict[str, Any], method: str) -> tuple[Answer, tuple[Adjustment, ...]]:
                asking = ask(
                    self._url(request.model, method),
                    body,
                    model=request.model,
                    headers=self._headers(),
                    timeouts=self.timeouts,
                )
                return await stack.enter_async_context(asking)

            changed: tuple[Adjustment, ...] = ()
            try:
                answer, healed = await post(body)
            except InvalidRequest as refused:
                better = mended(
                    refused, body, lambda: gemini_request(request, can, signed=False).body["contents"]
                )
                if not better:
                    raise
                body, changed = better
                answer, healed = await post(body)
            yield answer, changed + healed

    def _url(self, model: str, method: str) -> str:
        """`models/` and `tunedModels/` are part of the address, any other slash is part of the name."""
        kind, slash, name = model.partition("/")
        if not slash or kind not in ("models", "tunedModels"):
            kind, name = "models", model
        return f"{self.base_url}/v1beta/{kind}/{quote(name, safe='')}:{method}"

    def _headers(self) -> dict[str, str]:
        return key_header("x-goog-api-key", self.api_key)
