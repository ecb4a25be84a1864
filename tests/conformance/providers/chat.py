"""OpenAI's Chat Completions: what asks in it, and the chunks of its streams."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .provider import (
    ANSWER_TOKENS,
    PROMPT_TOKENS,
    THOUGHT_TOKENS,
    Asked,
    Reply,
    Wire,
    file_in,
    in_pieces,
    json_text,
)


@dataclass(frozen=True, slots=True)
class ChatStream:
    """The chunks of one answer: `head` and `tail` are what each says alike, in their place."""

    head: Wire
    tail: Wire = field(default_factory=dict)

    def chunk(self, delta: Wire, reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return self.event({"choices": [choice], "usage": None, **more})

    def event(self, payload: Wire) -> bytes:
        return b"data: " + json_text({**self.head, **payload, **self.tail}).encode() + b"\n\n"

    def calls(self, reply: Reply) -> Iterator[bytes]:
        for at, call in enumerate(reply.calls):
            begun = {"index": at, "id": call.id, "type": "function"}
            yield self.chunk({"tool_calls": [{**begun, "function": {"name": call.name, "arguments": ""}}]})
            for piece in in_pieces(json_text(call.arguments)):
                yield self.chunk({"tool_calls": [{"index": at, "function": {"arguments": piece}}]})


def chat_usage(reply: Reply) -> dict[str, Any]:
    thought = THOUGHT_TOKENS if reply.thoughts else 0
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": ANSWER_TOKENS + thought,
        "total_tokens": PROMPT_TOKENS + ANSWER_TOKENS + thought,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thought},
    }


def read_chat(body: Wire) -> Asked:
    messages = body["messages"]
    parts = [part for message in messages for part in _chat_parts(message)]
    later = since_the_user_spoke(messages, lambda message: message["role"] == "user")
    response_format = body.get("response_format") or {}
    return Asked(
        text="".join(part["text"] for part in parts if part["type"] == "text"),
        tools=tuple(tool["function"]["name"] for tool in body.get("tools") or ()),
        results=tuple(message["content"] for message in later if message["role"] == "tool"),
        files=tuple(_chat_files(parts)),
        schema=(response_format.get("json_schema") or {}).get("schema"),
        wants_json=response_format.get("type") == "json_object",
        reasoning=tuple(each for message in messages if (each := message.get("reasoning_content"))),
    )


def _chat_parts(message: Wire) -> list[dict[str, Any]]:
    content = message.get("content") or []
    if message["role"] not in ("user", "system", "developer"):
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _chat_files(parts: Sequence[Wire]) -> Iterator[tuple[str, bytes]]:
    for part in parts:
        if part["type"] == "image_url":
            yield file_in(part["image_url"]["url"])
        if part["type"] == "file":
            yield file_in(part["file"]["file_data"])


def since_the_user_spoke(messages: Sequence[Wire], is_users: Callable[[Wire], bool]) -> Sequence[Wire]:
    last = max((at for at, message in enumerate(messages) if is_users(message)), default=-1)
    return messages[last + 1 :]
