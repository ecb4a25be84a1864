"""OpenAI itself: its Chat Completions, and behind the same face its Responses API for what only that answers.

Sources: https://platform.openai.com/docs/api-reference/chat and
https://platform.openai.com/docs/api-reference/responses
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Literal

from chat.completions import Adjustment, ChatRequest, Chunk, CompletionError

from .answering import AnsweringUpstream
from .capabilities import Capabilities
from .chat_completions import ChatCompletionsUpstream
from .reading import AnswerReader
from .request_body import Dialect
from .responses_events import ResponsesReader
from .responses_request import LEAST_OUTPUT, responses_body
from .upstream import ModelInfo

# Fields beyond those of ChatRequest that OpenAI takes; it refuses a request with any other.
_EXTRA_OF_BOTH = frozenset(
    {
        "metadata",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "user",
        "verbosity",
    }
)
_EXTRA = _EXTRA_OF_BOTH | {
    "audio",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "modalities",
    "moderation",
    "prediction",
    "presence_penalty",
    "store",
    "top_logprobs",
    "web_search_options",
}
# What /models lists and neither of the two APIs answers, or not without tools of OpenAI's own.
_NO_CHAT = re.compile(
    r"embedding|whisper|tts|transcribe|realtime|dall-e|image|sora|moderation|babbage|davinci|instruct"
    r"|computer-use|deep-research|live"
)
# Some models take longer ones by now, but not all.
_LONGEST_CALL_ID = 40
_ELSEWHERE = re.compile(r"\bv1/responses\b")
_WITH_TOOLS = re.compile(r"function tools", re.IGNORECASE)

# (base URL, model) -> when it said that it is only answered by the Responses API
_sent_elsewhere: dict[tuple[str, str], Literal["always", "tools with reasoning"]] = {}


class _Official(AnsweringUpstream):
    family = "openai"
    keeps_reasoning = "always"
    default_base_url = "https://api.openai.com/v1"

    def known_capabilities(self, model: str) -> Capabilities:
        """Of a model that the table does not know to need the Responses API, also what it said itself."""
        can = super().known_capabilities(model)
        learned = _sent_elsewhere.get((self.base_url, model))
        if learned is None or can.responses == "always":
            return can
        return replace(can, responses=learned, reasoning="on" if can.reasoning == "off" else can.reasoning)

    def without_padding(self, options: dict[str, Any]) -> dict[str, Any]:
        """OpenAI pads every event at random; servers in its place need not know how to decline that."""
        if self.base_url != self.default_base_url:
            return options
        return {**options, "include_obfuscation": False}


class OpenAI(_Official, ChatCompletionsUpstream):
    extra = _EXTRA

    def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        if self._needs_responses(request):
            return self._responses().stream(request)
        return self._stream_or_learn(request)

    def dialect(self, request: ChatRequest) -> Dialect:
        instructions = self.capabilities(request.model).instructions
        return Dialect(
            max_tokens="max_completion_tokens", instructions=instructions, longest_id=_LONGEST_CALL_ID
        )

    def body(self, request: ChatRequest) -> dict[str, Any]:
        body = super().body(request)
        return {**body, "stream_options": self.without_padding(body["stream_options"])}

    async def models(self) -> list[ModelInfo]:
        return [model for model in await super().models() if not _NO_CHAT.search(model.id)]

    def _needs_responses(self, request: ChatRequest) -> bool:
        can = self.capabilities(request.model)
        if can.responses == "tools with reasoning":
            return bool(request.tools) and can.reasons(request.reasoning_effort)
        return can.responses == "always"

    def _responses(self) -> "Responses":
        return Responses(self.base_url, self.api_key, self.timeouts, self.overrides)

    async def _stream_or_learn(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """A model that is newer than the table says itself where it is answered, before anything else."""
        chunks = super().stream(request)
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
            return
        except CompletionError as refused:
            said = refused.upstream.message if refused.upstream and refused.upstream.status >= 400 else ""
            if not _ELSEWHERE.search(said):
                raise
        with_tools = _WITH_TOOLS.search(said)
        _sent_elsewhere[self.base_url, request.model] = "tools with reasoning" if with_tools else "always"
        yield Chunk(adjustments=())
        async with aclosing(self._responses().stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk


class Responses(_Official):
    """The same models by the Responses API, which has no word for several fields of Chat Completions."""

    path = "/responses"
    extra = _EXTRA_OF_BOTH

    def prepared(self, request: ChatRequest, can: Capabilities) -> tuple[ChatRequest, tuple[Adjustment, ...]]:
        request, adjustments = super().prepared(request, _by_responses(can))
        if request.max_output_tokens is not None and request.max_output_tokens < LEAST_OUTPUT:
            request = replace(request, max_output_tokens=LEAST_OUTPUT)
            adjustments += (Adjustment("max_completion_tokens", str(LEAST_OUTPUT)),)
        return request, adjustments

    def body(self, request: ChatRequest) -> dict[str, Any]:
        options = self.without_padding({})
        return responses_body(request) | ({"stream_options": options} if options else {})

    def reader(self, request: ChatRequest) -> AnswerReader:
        return ResponsesReader(request.model)


def _by_responses(can: Capabilities) -> Capabilities:
    return replace(
        can,
        inputs=can.inputs & {"image", "file"},
        names=False,
        efforts=None if can.efforts is None else (*can.efforts, *can.responses_efforts),
        max_stops=0,
        max_choices=1,
        seeds=False,
    )
