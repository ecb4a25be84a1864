"""Qwen. Source: https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions"""

from collections.abc import Iterator
from dataclasses import replace

from .chat import ChatStream, chat_usage, read_chat
from .provider import Asked, Call, Provider, Refused, Reply, Wire, in_pieces, json_text


class Qwen(Provider):
    family = "qwen"
    variable = "DASHSCOPE"
    model = "qwen4-max"
    base_path = "/compatible-mode/v1"

    def read(self, path: str, body: Wire) -> Asked:
        replayed = [each for message in body["messages"] if (each := message.get("encrypted_content"))]
        thinks = body.get("enable_thinking") is not False
        return replace(read_chat(body), thinks=thinks, reasoning=tuple(replayed))

    def insist(self, path: str, body: Wire, asked: Asked) -> None:
        wanted = body.get("response_format") or {}
        if asked.thinks and body.get("tool_choice") not in (None, "auto", "none"):
            raise Refused(
                "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support being set "
                "to required or object in thinking mode"
            )
        if asked.thinks and wanted.get("type") == "json_object":
            raise Refused("Json mode response is not supported when enable_thinking is true")

    def write(self, path: str, reply: Reply) -> Iterator[bytes]:
        tail = {"created": 1790000000, "system_fingerprint": None, "model": self.model, "id": "chatcmpl-1"}
        stream = ChatStream({}, {"object": "chat.completion.chunk", **tail})
        yield stream.chunk({"content": None, "role": "assistant", "reasoning_content": ""})
        for thought in reply.thoughts:
            yield stream.chunk({"content": None, "reasoning_content": thought})
        if reply.thoughts:
            yield stream.chunk({"content": None, "encrypted_content": reply.sealed})
        for word in reply.words:
            yield stream.chunk({"content": word, "reasoning_content": None})
        for at, call in enumerate(reply.calls):
            yield from self._call(stream, at, call)
        yield stream.chunk(
            {"content": "", "reasoning_content": None}, "tool_calls" if reply.calls else "stop"
        )
        yield stream.event({"choices": [], "usage": chat_usage(reply)})
        yield b"data: [DONE]\n\n"

    def _call(self, stream: ChatStream, at: int, call: Call) -> Iterator[bytes]:
        """Only the first delta has an id and a name that say something."""
        begun = {
            "index": at,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield stream.chunk({"content": None, "tool_calls": [begun], "role": None})
        for piece in in_pieces(json_text(call.arguments)):
            more = {"index": at, "id": "", "type": "function", "function": {"name": "", "arguments": piece}}
            yield stream.chunk({"content": None, "tool_calls": [more], "role": None})
        over = {"index": at, "id": "", "type": "function", "function": {"name": None, "arguments": None}}
        yield stream.chunk({"content": None, "tool_calls": [over], "role": None})

    def too_fast(self) -> Wire:
        message = "Requests rate limit exceeded, please try again later."
        error = {"message": message, "type": "limit_requests", "param": None, "code": "limit_requests"}
        return {"error": error, "request_id": "1"}

    def not_valid(self, message: str) -> Wire:
        code = "invalid_parameter_error"
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        return {"error": error, "request_id": "1"}
