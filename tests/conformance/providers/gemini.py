"""Gemini. Source: https://ai.google.dev/api/generate-content"""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from .provider import (
    ANSWER_TOKENS,
    PROMPT_TOKENS,
    RETRY_AFTER,
    THOUGHT_TOKENS,
    Asked,
    Call,
    Provider,
    Refused,
    Reply,
    Wire,
)


class Gemini(Provider):
    family = "gemini"
    variable = "GEMINI"
    model = "gemini-3-flash-preview"

    def listing(self, after: str | None) -> dict[str, Any]:
        methods = ["generateContent", "countTokens"]
        return {"models": [{"name": f"models/{self.model}", "supportedGenerationMethods": methods}]}

    def read(self, path: str, body: Wire) -> Asked:
        contents = body["contents"]
        parts = [part for content in contents for part in content["parts"]]
        of_user = [part for content in contents if content["role"] == "user" for part in content["parts"]]
        told = (body.get("systemInstruction") or {}).get("parts") or []
        config = body.get("generationConfig") or {}
        tools = [function for tool in body.get("tools") or () for function in tool["functionDeclarations"]]
        return Asked(
            text="".join(part.get("text", "") for part in [*told, *of_user]),
            tools=tuple(tool["name"] for tool in tools),
            results=tuple(
                self._result(part["functionResponse"])
                for part in contents[-1]["parts"]
                if "functionResponse" in part
            ),
            files=tuple(self._inline(part["inlineData"]) for part in of_user if "inlineData" in part),
            schema=config.get("responseJsonSchema"),
            wants_json=config.get("responseMimeType") == "application/json",
            thinks=bool((config.get("thinkingConfig") or {}).get("includeThoughts")),
            reasoning=tuple(part["thoughtSignature"] for part in parts if "thoughtSignature" in part),
        )

    def insist(self, path: str, body: Wire, asked: Asked) -> None:
        for at, content in enumerate(body["contents"]):
            calls = [part for part in content["parts"] if "functionCall" in part]
            if calls and "thoughtSignature" not in calls[0]:
                raise Refused(
                    "Function call is missing a thought_signature in functionCall parts. This is required for "
                    f"tools to work correctly. Additional data, function call `{calls[0]['functionCall']['name']}`, "
                    f"position {at}."
                )

    def write(self, path: str, reply: Reply) -> Iterator[bytes]:
        for thought in reply.thoughts:
            yield self._event([{"text": thought, "thought": True}])
        for word in reply.words:
            yield self._event([{"text": word}])
        if reply.calls:
            yield self._event([self._call(call, at, reply) for at, call in enumerate(reply.calls)])
        last = {"text": ""} if reply.calls else {"text": "", "thoughtSignature": reply.sealed}
        yield self._event([last], "STOP", reply)

    def _call(self, call: Call, at: int, reply: Reply) -> Wire:
        """Of calls side by side only the first is signed."""
        part = {"functionCall": {"name": call.name, "args": call.arguments, "id": call.id}}
        return part if at else {**part, "thoughtSignature": reply.sealed}

    def _event(self, parts: Sequence[Wire], reason: str | None = None, reply: Reply | None = None) -> bytes:
        candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
        thought = THOUGHT_TOKENS if reply and reply.thoughts else 0
        usage = {"promptTokenCount": PROMPT_TOKENS, "totalTokenCount": PROMPT_TOKENS}
        if reason:
            candidate["finishReason"] = reason
            usage = {
                "promptTokenCount": PROMPT_TOKENS,
                "candidatesTokenCount": ANSWER_TOKENS,
                "totalTokenCount": PROMPT_TOKENS + ANSWER_TOKENS + thought,
                "thoughtsTokenCount": thought,
            }
        payload = {
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": self.model,
            "responseId": "r1",
        }
        return f"data: {json.dumps(payload, ensure_ascii=False)}\r\n\r\n".encode()

    def _result(self, response: Wire) -> str:
        return str(response["response"].get("output", response["response"]))

    def _inline(self, data: Wire) -> tuple[str, bytes]:
        return data["mimeType"], base64.b64decode(data["data"])

    def too_fast(self) -> Wire:
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{RETRY_AFTER}s"}
        message = "You exceeded your current rate, please slow down."
        return {
            "error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": [retry]}
        }

    def not_valid(self, message: str) -> Wire:
        return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
