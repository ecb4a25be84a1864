"""Claude. Source: https://platform.claude.com/docs/en/build-with-claude/streaming"""

import base64
from collections.abc import Iterator
from typing import Any

from .provider import (
    ANSWER_TOKENS,
    PROMPT_TOKENS,
    THOUGHT_TOKENS,
    Asked,
    Provider,
    Refused,
    Reply,
    Wire,
    in_pieces,
    json_text,
)


class Anthropic(Provider):
    family = "anthropic"
    variable = "ANTHROPIC"
    model = "claude-sonnet-5"

    def listing(self, after: str | None) -> dict[str, Any]:
        entry = {
            "type": "model",
            "id": self.model,
            "display_name": "Claude",
            "created_at": "2026-05-01T00:00:00Z",
        }
        return {"data": [entry], "has_more": False, "first_id": self.model, "last_id": self.model}

    def read(self, path: str, body: Wire) -> Asked:
        blocks = [block for message in body["messages"] for block in self._blocks(message)]
        of_user = [
            block
            for message in body["messages"]
            if message["role"] == "user"
            for block in self._blocks(message)
        ]
        last = self._blocks(body["messages"][-1])
        told = "".join(block["text"] for block in body.get("system") or ())
        output = (body.get("output_config") or {}).get("format") or {}
        return Asked(
            text=told + "".join(block["text"] for block in of_user if block["type"] == "text"),
            tools=tuple(tool["name"] for tool in body.get("tools") or ()),
            results=tuple(self._result(block) for block in last if block["type"] == "tool_result"),
            files=tuple(self._source(block["source"]) for block in of_user if "source" in block),
            schema=output.get("schema"),
            thinks=(body.get("thinking") or {}).get("type") != "disabled",
            reasoning=tuple(block["signature"] for block in blocks if block["type"] == "thinking"),
        )

    def insist(self, path: str, body: Wire, asked: Asked) -> None:
        if "max_tokens" not in body:
            raise Refused("max_tokens: Field required")
        if "temperature" in body or "top_p" in body:
            raise Refused("temperature: Extra inputs are not permitted")
        if not asked.thinks:
            return
        for at, message in enumerate(body["messages"]):
            kinds = [block["type"] for block in self._blocks(message)]
            if message["role"] == "assistant" and "tool_use" in kinds and kinds[0] != "thinking":
                raise Refused(
                    f"messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
                    f"`{kinds[0]}`. When `thinking` is enabled, a final `assistant` message must start with a "
                    "thinking block."
                )

    def write(self, path: str, reply: Reply) -> Iterator[bytes]:
        usage = {
            "input_tokens": PROMPT_TOKENS,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        }
        message: Wire = {
            "model": self.model,
            "id": "msg_01A",
            "type": "message",
            "role": "assistant",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "usage": {**usage, "output_tokens": 1, "service_tier": "standard"},
        }
        yield self._event({"type": "message_start", "message": message})
        for at, (block, deltas) in enumerate(self._content(reply)):
            yield self._event({"type": "content_block_start", "index": at, "content_block": block})
            if at == 0:
                yield self._event({"type": "ping"})
            for delta in deltas:
                yield self._event({"type": "content_block_delta", "index": at, "delta": delta})
            yield self._event({"type": "content_block_stop", "index": at})
        thought = THOUGHT_TOKENS if reply.thoughts else 0
        written = {
            "output_tokens": ANSWER_TOKENS + thought,
            "output_tokens_details": {"thinking_tokens": thought},
        }
        delta = {
            "stop_reason": "tool_use" if reply.calls else "end_turn",
            "stop_sequence": None,
            "stop_details": None,
        }
        yield self._event({"type": "message_delta", "delta": delta, "usage": {**usage, **written}})
        yield self._event({"type": "message_stop"})

    def _content(self, reply: Reply) -> Iterator[tuple[Wire, list[Wire]]]:
        if reply.thoughts:
            thoughts = [{"type": "thinking_delta", "thinking": thought} for thought in reply.thoughts]
            signature = {"type": "signature_delta", "signature": reply.sealed}
            yield {"type": "thinking", "thinking": "", "signature": ""}, [*thoughts, signature]
        if reply.text:
            yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": word} for word in reply.words]
        for call in reply.calls:
            block = {
                "type": "tool_use",
                "id": call.id,
                "name": call.name,
                "input": {},
                "caller": {"type": "direct"},
            }
            pieces = ["", *in_pieces(json_text(call.arguments))]
            yield block, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]

    def _event(self, payload: Wire) -> bytes:
        """With white space before the last brace, as the real one pads its lines."""
        data = json_text(payload)
        return f"event: {payload['type']}\ndata: {data[:-1]}{' ' * (len(data) % 9)}}}\n\n".encode()

    def _blocks(self, message: Wire) -> list[dict[str, Any]]:
        content = message["content"]
        return [{"type": "text", "text": content}] if isinstance(content, str) else content

    def _result(self, block: Wire) -> str:
        content = block.get("content") or ""
        return content if isinstance(content, str) else "".join(part["text"] for part in content)

    def _source(self, source: Wire) -> tuple[str, bytes]:
        return source["media_type"], base64.b64decode(source["data"])

    def too_fast(self) -> Wire:
        message = "This request would exceed your account's rate limit. Please try again later."
        return {
            "type": "error",
            "error": {"type": "rate_limit_error", "message": message},
            "request_id": "req_1",
        }

    def not_valid(self, message: str) -> Wire:
        return {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": message},
            "request_id": "req_1",
        }
