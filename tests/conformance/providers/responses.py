"""OpenAI's Responses. Source: https://platform.openai.com/docs/api-reference/responses-streaming"""

from collections.abc import Iterator, Sequence
from typing import Any

from .chat import chat_usage, since_the_user_spoke
from .provider import Asked, Call, Reply, Wire, file_in, in_pieces, json_text


def read_responses(body: Wire) -> Asked:
    items = body["input"]
    parts = [part for item in items for part in _input_parts(item)]
    later = since_the_user_spoke(items, lambda item: item.get("role") == "user")
    wanted = (body.get("text") or {}).get("format") or {}
    return Asked(
        text=(body.get("instructions") or "") + "".join(part.get("text", "") for part in parts),
        tools=tuple(tool["name"] for tool in body.get("tools") or ()),
        results=tuple(item["output"] for item in later if item.get("type") == "function_call_output"),
        files=tuple(
            file_in(url) for part in parts if (url := part.get("image_url") or part.get("file_data"))
        ),
        schema=wanted.get("schema"),
        wants_json=wanted.get("type") == "json_object",
        reasoning=tuple(item["encrypted_content"] for item in items if item.get("type") == "reasoning"),
    )


def _input_parts(item: Wire) -> Sequence[Wire]:
    content = item.get("content") or ()
    if item.get("role") == "assistant":
        return ()
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def write_responses(model: str, reply: Reply) -> Iterator[bytes]:
    return _Writing(model).events(reply)


class _Writing:
    """Each item of the output begins, grows and is done; the whole response holds them all."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._number = 0
        self._output: list[Wire] = []

    def events(self, reply: Reply) -> Iterator[bytes]:
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))
        if reply.thoughts:
            yield from self._reasoning(reply)
        if reply.text:
            yield from self._message(reply)
        for call in reply.calls:
            yield from self._call(call)
        yield self._event("response.completed", response=self._response("completed", usage=_usage(reply)))

    def _reasoning(self, reply: Reply) -> Iterator[bytes]:
        summary = {"type": "summary_text", "text": "".join(reply.thoughts)}
        begun = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": ""}
        at = {"item_id": "rs_1", "output_index": len(self._output), "summary_index": 0}
        yield self._begin(begun)
        yield self._event("response.reasoning_summary_part.added", **at, part={**summary, "text": ""})
        for thought in reply.thoughts:
            yield self._event("response.reasoning_summary_text.delta", **at, delta=thought, obfuscation="q")
        yield self._event("response.reasoning_summary_text.done", **at, text=summary["text"])
        yield self._event("response.reasoning_summary_part.done", **at, part=summary)
        yield self._end({**begun, "summary": [summary], "encrypted_content": reply.sealed})

    def _message(self, reply: Reply) -> Iterator[bytes]:
        begun = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        text = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
        at = {"item_id": "msg_1", "output_index": len(self._output), "content_index": 0}
        yield self._begin(begun)
        yield self._event("response.content_part.added", **at, part={**text, "text": ""})
        for word in reply.words:
            yield self._event("response.output_text.delta", **at, delta=word, logprobs=[], obfuscation="q")
        yield self._event("response.output_text.done", **at, text=reply.text, logprobs=[])
        yield self._event("response.content_part.done", **at, part=text)
        yield self._end({**begun, "status": "completed", "content": [text]})

    def _call(self, call: Call) -> Iterator[bytes]:
        arguments = json_text(call.arguments)
        named = {"id": f"fc_{call.id}", "type": "function_call", "call_id": call.id, "name": call.name}
        at = {"item_id": named["id"], "output_index": len(self._output)}
        yield self._begin({**named, "status": "in_progress", "arguments": ""})
        for piece in in_pieces(arguments):
            yield self._event("response.function_call_arguments.delta", **at, delta=piece, obfuscation="q")
        yield self._event("response.function_call_arguments.done", **at, arguments=arguments)
        yield self._end({**named, "status": "completed", "arguments": arguments})

    def _begin(self, item: Wire) -> bytes:
        return self._event("response.output_item.added", output_index=len(self._output), item=item)

    def _end(self, item: Wire) -> bytes:
        self._output.append(item)
        return self._event("response.output_item.done", output_index=len(self._output) - 1, item=item)

    def _response(self, status: str, **fields: Any) -> Wire:
        head = {"id": "resp_1", "object": "response", "status": status, "model": self._model}
        return {**head, "output": [*self._output], **fields}

    def _event(self, kind: str, **fields: Any) -> bytes:
        payload = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return f"event: {kind}\ndata: {json_text(payload)}\n\n".encode()


def _usage(reply: Reply) -> Wire:
    chat = chat_usage(reply)
    return {
        "input_tokens": chat["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": chat["completion_tokens"],
        "output_tokens_details": chat["completion_tokens_details"],
        "total_tokens": chat["total_tokens"],
    }
