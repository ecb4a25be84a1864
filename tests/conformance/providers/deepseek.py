"""DeepSeek. Source: https://api-docs.deepseek.com/api/create-chat-completion"""

from collections.abc import Iterator
from dataclasses import replace

from .chat import ChatStream, chat_usage, read_chat
from .provider import PROMPT_TOKENS, Asked, Provider, Refused, Reply, Wire, json_text


class DeepSeek(Provider):
    family = "deepseek"
    variable = "DEEPSEEK"
    model = "deepseek-v4-pro"

    def read(self, path: str, body: Wire) -> Asked:
        return replace(read_chat(body), thinks=(body.get("thinking") or {}).get("type") != "disabled")

    def insist(self, path: str, body: Wire, asked: Asked) -> None:
        wanted = body.get("response_format") or {}
        if wanted.get("type") == "json_schema":
            raise Refused("This response_format type is unavailable now")
        if wanted.get("type") == "json_object" and "json" not in json_text(body["messages"]).lower():
            raise Refused("Prompt must contain the word 'json' in some form to use 'response_format'.")
        if asked.thinks and body.get("tool_choice") not in (None, "auto", "none"):
            raise Refused("Thinking mode does not support this tool_choice")
        called = [message for message in body["messages"] if message.get("tool_calls")]
        if asked.thinks and not all("reasoning_content" in message for message in called):
            raise Refused("The reasoning_content in the thinking mode must be passed back to the API.")

    def write(self, path: str, reply: Reply) -> Iterator[bytes]:
        """Its reasoning is sealed in plain words."""
        head = {"id": "1", "object": "chat.completion.chunk", "created": 1790000000, "model": self.model}
        stream = ChatStream({**head, "system_fingerprint": "fp_1_kvcache"})
        yield b": keep-alive\n\n"
        yield stream.chunk({"role": "assistant", "content": None, "reasoning_content": ""})
        for thought in reply.thoughts:
            yield stream.chunk({"content": None, "reasoning_content": thought})
        for word in reply.words:
            yield stream.chunk({"content": word, "reasoning_content": None})
        yield from stream.calls(reply)
        usage = {**chat_usage(reply), "prompt_cache_hit_tokens": 0, "prompt_cache_miss_tokens": PROMPT_TOKENS}
        reason = "tool_calls" if reply.calls else "stop"
        yield stream.chunk({"content": "", "reasoning_content": None}, reason, usage=usage)
        yield b"data: [DONE]\n\n"

    def too_fast(self) -> Wire:
        message = "Rate limit reached. Please pace your requests."
        return {
            "error": {"message": message, "type": "rate_limit_reached_error", "param": None, "code": None}
        }

    def not_valid(self, message: str) -> Wire:
        code = "invalid_request_error"
        return {"error": {"message": message, "type": code, "param": None, "code": code}}
