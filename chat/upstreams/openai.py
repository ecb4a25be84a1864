"""OpenAI itself. Source: https://platform.openai.com/docs/api-reference/chat"""

import re
from typing import Any

from chat.completions import ChatRequest

from .chat_completions import ChatCompletionsUpstream
from .request_body import Dialect
from .upstream import ModelInfo

# Fields beyond those of ChatRequest that OpenAI takes; it refuses a request with any other.
_EXTRA = frozenset(
    {
        "audio",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "metadata",
        "modalities",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "top_logprobs",
        "user",
        "verbosity",
        "web_search_options",
    }
)
# What /models lists and /chat/completions does not answer.
_NO_CHAT = re.compile(
    r"embedding|whisper|tts|transcribe|realtime|dall-e|image|sora|moderation|babbage|davinci|instruct"
    r"|codex|computer-use|deep-research|-pro(-|$)|live"
)


class OpenAI(ChatCompletionsUpstream):
    family = "openai"
    extra = _EXTRA
    default_base_url = "https://api.openai.com/v1"

    def dialect(self, request: ChatRequest) -> Dialect:
        instructions = self.capabilities(request.model).instructions
        return Dialect(max_tokens="max_completion_tokens", instructions=instructions)

    def body(self, request: ChatRequest) -> dict[str, Any]:
        body = super().body(request)
        if self.base_url == self.default_base_url:
            # Otherwise every event carries random padding.
            body["stream_options"] = {"include_usage": True, "include_obfuscation": False}
        return body

    async def models(self) -> list[ModelInfo]:
        return [model for model in await super().models() if not _NO_CHAT.search(model.id)]
