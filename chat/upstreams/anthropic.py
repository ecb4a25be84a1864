"""Anthropic's Claude. Source: https://platform.claude.com/docs/en/api/messages

The version is the one with sampling parameters: a later one refuses them even for models that have them.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson

from chat.completions import Adjustment, ChatRequest, Chunk, InvalidRequest

from .anthropic_events import Reader
from .anthropic_request import EXTRA, Asking, asking
from .capabilities import Capabilities
from .fetching import with_files_fetched
from .fitting import fitted
from .healing import ask
from .model_list import read_models
from .reading import read_answer
from .transport import Answer, exchange, key_header
from .upstream import ModelInfo, Upstream

_VERSION = "2023-06-01"
_STORED_FILES = "files-api-2025-04-14"
_PAGE = 1000
_MOST_PAGES = 20
_REASONING_REFUSED = re.compile(
    r"bound to a different|signature|(?:redacted_)?thinking\W.{0,80}(?:cannot be modified|must remain)"
    r"|expected .?thinking.? or",
    re.IGNORECASE,
)
# Older models want the whole limit to fit beside what they have read.
_NO_ROOM = re.compile(r"exceed context limit: (\d+) \+ \d+ > (\d+)")
_LEAST_ROOM = 1024


class Anthropic(Upstream):
    family = "anthropic"
    keeps_reasoning = "always"
    extra = EXTRA
    default_base_url = "https://api.anthropic.com"

    def __init__(self, base_url: str = "", *args: Any, **options: Any) -> None:
        super().__init__(base_url, *args, **options)
        self.base_url = self.base_url.removesuffix("/v1")

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        can = self.capabilities(request.model)
        request, adjustments = fitted(request, can, self.extra)
        request = await with_files_fetched(request, can)
        asked = asking(request, can)
        told = adjustments + asked.adjustments
        if told:
            yield Chunk(adjustments=told)
        async with AsyncExitStack() as stack:
            asked, answer, healed = await self._answer(asked, request, can, stack)
            if (changed := adjustments + asked.adjustments + healed) != told:
                yield Chunk(adjustments=changed)
            reader = Reader(request.model, asked.names, asked.answer_tool, may_be_fenced=asked.may_be_fenced)
            async with aclosing(read_answer(answer, reader)) as chunks:
                async for chunk in chunks:
                    yield chunk
            for chunk in reader.end():
                yield chunk

    async def models(self) -> list[ModelInfo]:
        found: dict[str, ModelInfo] = {}
        page = {"limit": str(_PAGE)}
        for _ in range(_MOST_PAGES):
            url = f"{self.base_url}/v1/models?{urlencode(page)}"
            async with exchange("GET", url, headers=self._headers(), timeouts=self.timeouts) as answer:
                body = await answer.read()
            found |= {model.id: model for model in read_models(body)}
            if not (last := _last_of_more(body)):
                break
            page["after_id"] = last
        return list(found.values())

    async def _answer(
        self, asked: Asking, request: ChatRequest, can: Capabilities, stack: AsyncExitStack
    ) -> tuple[Asking, Answer, tuple[Adjustment, ...]]:
        """Asked once more, if it is refused for something that the request can do without."""
        changed: tuple[Adjustment, ...] = ()
        try:
            answer, healed = await stack.enter_async_context(self._ask(asked))
        except InvalidRequest as refused:
            if (mended := _mended(refused, request)) is None:
                raise
            request, changed = mended
            asked = asking(request, can)
            answer, healed = await stack.enter_async_context(self._ask(asked))
        return asked, answer, changed + healed

    def _ask(self, asked: Asking) -> AbstractAsyncContextManager[tuple[Answer, tuple[Adjustment, ...]]]:
        beta = {"anthropic-beta": _STORED_FILES} if asked.uses_stored_files else {}
        return ask(
            f"{self.base_url}/v1/messages",
            asked.body,
            model=asked.body["model"],
            headers={**self._headers(), **beta},
            timeouts=self.timeouts,
        )

    def _headers(self) -> dict[str, str]:
        return {"anthropic-version": _VERSION, **key_header("x-api-key", self.api_key)}


def _mended(
    refused: InvalidRequest, request: ChatRequest
) -> tuple[ChatRequest, tuple[Adjustment, ...]] | None:
    """Without earlier reasoning that is not taken back; with no higher limit than there is room for."""
    words = refused.upstream.message if refused.upstream else ""
    replays = any(message.reasoning_state for message in request.messages)
    if replays and _REASONING_REFUSED.search(words):
        messages = tuple(replace(message, reasoning_state=None) for message in request.messages)
        return replace(request, messages=messages), (Adjustment("reasoning_content"),)
    if request.max_output_tokens is None and (found := _NO_ROOM.search(words)):
        room = int(found[2]) - int(found[1])
        return (replace(request, max_output_tokens=room), ()) if room >= _LEAST_ROOM else None
    return None


def _last_of_more(body: bytes) -> str | None:
    match orjson.loads(body):
        case {"has_more": True, "last_id": str(last)}:
            return last
    return None
