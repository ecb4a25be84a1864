"""Any server that speaks OpenAI's Chat Completions: vLLM, Ollama, LM Studio, llama.cpp, OpenRouter, …"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain, repeat
from typing import Any

from chat.completions import ChatRequest, Message

from .capabilities import Capabilities, capabilities
from .chat_completions import ChatCompletionsUpstream
from .keeping import Details
from .request_body import Dialect, given
from .response_chunks import Reader
from .upstream import ModelInfo

# LM Studio and others list these next to the models that answer.
_NO_CHAT = re.compile(r"(^|[-_/:])(embed|embedding|whisper|rerank|reranker)([-_/:]|$)", re.IGNORECASE)
_GEMINI = re.compile(r"\bgemini\b", re.IGNORECASE)


class Compatible(ChatCompletionsUpstream):
    family = "compatible"
    keeps_reasoning = "of calls"

    def known_capabilities(self, model: str) -> Capabilities:
        """Files are fetched here, with the guard: such a server often stands in the site's own network."""
        return _fetching_nothing(self.family, model)

    def dialect(self, request: ChatRequest) -> Dialect:
        return Dialect(signs_calls=True, reasoning=partial(_details, request.model))

    def body(self, request: ChatRequest) -> dict[str, Any]:
        messages = tuple(_signed(message, request.model) for message in request.messages)
        return super().body(replace(request, messages=messages))

    def reader(self, request: ChatRequest) -> Reader:
        return Reader(partial(Details, self.family, request.model), request.n)

    async def models(self) -> list[ModelInfo]:
        return [model for model in await super().models() if not _NO_CHAT.search(model.id)]


def _details(model: str, message: Message) -> dict[str, Any]:
    return given({"reasoning_details": _kept(message, model).get("reasoning_details")})


def _signed(message: Message, model: str) -> Message:
    signatures = chain(_signatures(message, model), repeat(None))
    calls = tuple(
        replace(call, signature=signature)
        for call, signature in zip(message.tool_calls, signatures, strict=False)
    )
    return replace(message, tool_calls=calls) if calls else message


def _signatures(message: Message, model: str) -> Sequence[str | None]:
    """Those of the calls, in their order. One that only the client knows is of no use but to Gemini."""
    if signatures := _kept(message, model).get("signatures"):
        return signatures
    is_own = not message.reasoning_state and _GEMINI.search(model)
    return [call.signature if is_own else None for call in message.tool_calls]


def _kept(message: Message, model: str) -> Mapping[str, Any]:
    state = message.reasoning_state
    return state.blocks[0] if state and state.is_of(Compatible.family, model) else {}


@cache
def _fetching_nothing(family: str, model: str) -> Capabilities:
    return replace(capabilities(family, model), fetches=frozenset())
