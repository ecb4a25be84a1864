"""Any server that speaks OpenAI's Chat Completions: vLLM, Ollama, LM Studio, llama.cpp, OpenRouter, …"""

import re
from dataclasses import replace
from functools import cache

from chat.completions import ChatRequest

from .capabilities import Capabilities, capabilities
from .chat_completions import ChatCompletionsUpstream
from .request_body import Dialect
from .upstream import ModelInfo

# LM Studio and others list these next to the models that answer.
_NO_CHAT = re.compile(r"(^|[-_/:])(embed|embedding|whisper|rerank|reranker)([-_/:]|$)", re.IGNORECASE)


class Compatible(ChatCompletionsUpstream):
    family = "compatible"

    def known_capabilities(self, model: str) -> Capabilities:
        """Files are fetched here, with the guard: such a server often stands in the site's own network."""
        return _fetching_nothing(self.family, model)

    def dialect(self, request: ChatRequest) -> Dialect:  # noqa: ARG002
        return Dialect()

    async def models(self) -> list[ModelInfo]:
        return [model for model in await super().models() if not _NO_CHAT.search(model.id)]


@cache
def _fetching_nothing(family: str, model: str) -> Capabilities:
    return replace(capabilities(family, model), fetches=frozenset())
