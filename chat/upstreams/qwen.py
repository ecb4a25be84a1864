"""Qwen, at Alibaba Cloud's Model Studio (DashScope) in its compatible mode.

Source: https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from chat.completions import Adjustment, ChatRequest, Message

from .capabilities import Capabilities
from .chat_completions import ChatCompletionsUpstream
from .keeping import Reasoning
from .request_body import Dialect, without_reasoning
from .response_chunks import Reader
from .upstream import ModelInfo

_EXTRA = frozenset(
    {
        "audio",
        "enable_search",
        "enable_thinking",
        "fps",
        "logprobs",
        "modalities",
        "presence_penalty",
        "preserve_thinking",
        "repetition_penalty",
        "search_options",
        "thinking_budget",
        "thinking_display",
        "top_k",
        "top_logprobs",
        "translation_options",
        "vl_high_resolution_images",
    }
)
# What /models lists and /chat/completions does not answer.
_NO_CHAT = re.compile(
    r"embedding|rerank|image|wan\d|wanx|tts|asr|cosyvoice|paraformer|sambert|realtime|livetranslate"
)
# These also speak, unless they are told to write.
_SPEAKS = re.compile(r"omni")


class Qwen(ChatCompletionsUpstream):
    family = "qwen"
    keeps_reasoning = "always"
    extra = _EXTRA
    default_base_url = "https://dashscope.aliyuncs.com/compatible-mode/v1"

    def prepared(self, request: ChatRequest, can: Capabilities) -> tuple[ChatRequest, tuple[Adjustment, ...]]:
        return super().prepared(_with_an_effort(request), can)

    def dialect(self, request: ChatRequest) -> Dialect:
        replays = self.capabilities(request.model).replays_reasoning

        def reasoning(message: Message) -> Mapping[str, Any]:
            state = message.reasoning_state
            if state and state.is_of(self.family, request.model):
                return state.blocks[0]
            return {"reasoning_content": message.reasoning} if message.reasoning and not state else {}

        wanted = replays or request.extra.get("preserve_thinking")
        return Dialect(
            no_content="",
            audio_prefix="data:;base64,",
            marks_cache=True,
            reasoning=reasoning if wanted else without_reasoning,
        )

    def body(self, request: ChatRequest) -> dict[str, Any]:
        body = super().body(request)
        can = self.capabilities(request.model)
        if can.thinking == "budget":
            body = _thinking(body.pop("reasoning_effort", None), can) | body
        if can.replays_reasoning and can.reasons(request.reasoning_effort):
            body.setdefault("thinking_display", "summarized")
        if _SPEAKS.search(request.model):
            body.setdefault("modalities", ["text"])
        if (fps := body.pop("fps", None)) is not None:
            for video in _videos(body):
                video.setdefault("fps", fps)
        return body

    async def models(self) -> list[ModelInfo]:
        return [model for model in await super().models() if not _NO_CHAT.search(model.id)]

    def reader(self, request: ChatRequest) -> Reader:
        if not self.capabilities(request.model).replays_reasoning:
            return Reader(expected=request.n)
        return Reader(partial(Reasoning, self.family, request.model), request.n)


def _with_an_effort(request: ChatRequest) -> ChatRequest:
    """Qwen's own way to turn thinking on or off, in the terms of the request."""
    switch = request.extra.get("enable_thinking")
    if switch is None:
        return request
    extra = {name: value for name, value in request.extra.items() if name != "enable_thinking"}
    effort = (request.reasoning_effort or "high") if switch else "none"
    return replace(request, extra=extra, reasoning_effort=effort)


def _thinking(effort: str | None, can: Capabilities) -> dict[str, Any]:
    """No budget is the largest that the model has."""
    if effort is None:
        return {}
    budget = {"thinking_budget": can.budgets[effort]} if effort in can.budgets else {}
    return {"enable_thinking": effort != "none", **budget}


def _videos(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for message in body["messages"]:
        content = message["content"]
        if isinstance(content, list):
            yield from (part for part in content if part["type"] == "video_url")
