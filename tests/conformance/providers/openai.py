"""OpenAI. Source: https://platform.openai.com/docs/api-reference"""

from collections.abc import Iterator

from .chat import ChatStream, chat_usage, read_chat
from .provider import Asked, Provider, Refused, Reply, Wire
from .responses import read_responses, write_responses

# OpenAI shows the reasoning only of those models that its Responses API answers.
SHOWS_REASONING = "gpt-5.5-pro"


class OpenAI(Provider):
    family = "openai"
    variable = "OPENAI"
    model = "gpt-5.6"
    other_models = (SHOWS_REASONING,)
    base_path = "/v1"

    def read(self, path: str, body: Wire) -> Asked:
        return read_chat(body) if path.endswith("/chat/completions") else read_responses(body)

    def insist(self, path: str, body: Wire, asked: Asked) -> None:
        if path.endswith("/responses"):
            return
        if "max_tokens" in body:
            raise Refused("Unsupported parameter: 'max_tokens' is not supported with this model.")
        if asked.tools and body.get("reasoning_effort") != "none":
            raise Refused(
                f"Function tools with reasoning_effort are not supported for {body['model']} in "
                "/v1/chat/completions. To use function tools, use /v1/responses."
            )

    def write(self, path: str, reply: Reply) -> Iterator[bytes]:
        return self._chat(reply) if path.endswith("/chat/completions") else write_responses(self.model, reply)

    def _chat(self, reply: Reply) -> Iterator[bytes]:
        """Here the reasoning is never shown."""
        head = {
            "id": "chatcmpl-C1",
            "object": "chat.completion.chunk",
            "created": 1790000000,
            "model": self.model,
        }
        stream = ChatStream(
            {**head, "service_tier": "default", "system_fingerprint": "fp_1"}, {"obfuscation": "aZ3"}
        )
        yield stream.chunk({"role": "assistant", "content": "", "refusal": None})
        for word in reply.words:
            yield stream.chunk({"content": word})
        yield from stream.calls(reply)
        yield stream.chunk({}, "tool_calls" if reply.calls else "stop")
        yield stream.event({"choices": [], "usage": chat_usage(reply)})
        yield b"data: [DONE]\n\n"

    def too_fast(self) -> Wire:
        message = "Rate limit reached for requests per min. Please try again in 7s."
        return {
            "error": {"message": message, "type": "requests", "param": None, "code": "rate_limit_exceeded"}
        }

    def not_valid(self, message: str) -> Wire:
        return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
