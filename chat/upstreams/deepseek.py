"""DeepSeek. Source: https://api-docs.deepseek.com/api/create-chat-completion"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from chat.completions import Adjustment, ChatRequest, Message

from .capabilities import Capabilities
from .chat_completions import ChatCompletionsUpstream
from .keeping import Reasoning
from .request_body import Dialect, without_reasoning
from .response_chunks import Reader

_EXTRA = frozenset({"frequency_penalty", "logprobs", "presence_penalty", "thinking", "top_logprobs"})


class DeepSeek(ChatCompletionsUpstream):
    family = "deepseek"
    keeps_reasoning = "of calls"
    extra = _EXTRA
    default_base_url = "https://api.deepseek.com"

    def prepared(self, request: ChatRequest, can: Capabilities) -> tuple[ChatRequest, tuple[Adjustment, ...]]:
        return super().prepared(_with_an_effort(request), can)

    def dialect(self, request: ChatRequest) -> Dialect:
        can = self.capabilities(request.model)

        def reasoning(message: Message) -> Mapping[str, Any]:
            """A model that thinks refuses a tool call of its own without the field, even if it is empty."""
            written = _written(message, request.model)
            wanted = can.reasons(request.reasoning_effort) and bool(message.tool_calls)
            return {"reasoning_content": written} if message.tool_calls and (written or wanted) else {}

        return Dialect(
            no_content="",
            joins_text=True,
            reasoning=reasoning if can.replays_reasoning else without_reasoning,
        )

    def body(self, request: ChatRequest) -> dict[str, Any]:
        body = super().body(request)
        if body.get("reasoning_effort") == "none":
            del body["reasoning_effort"]
            body["thinking"] = {"type": "disabled"}
        return body

    def reader(self, request: ChatRequest) -> Reader:
        return Reader(partial(Reasoning, self.family, request.model), request.n)


def _with_an_effort(request: ChatRequest) -> ChatRequest:
    """DeepSeek's own way to turn thinking off, in the terms of the request."""
    if request.extra.get("thinking") != {"type": "disabled"}:
        return request
    extra = {name: value for name, value in request.extra.items() if name != "thinking"}
    return replace(request, extra=extra, reasoning_effort="none")


def _written(message: Message, model: str) -> str:
    """The reasoning of a message, if this model wrote it."""
    state = message.reasoning_state
    if state is None:
        return message.reasoning
    if not state.is_of("deepseek", model):
        return ""
    return "".join(block.get("reasoning_content", "") for block in state.blocks)
