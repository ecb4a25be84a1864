"""The messages of a conversation as Gemini's contents.

Source: https://ai.google.dev/api/caching#Content
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import orjson

from chat.completions import ChatRequest, InvalidRequest, Message, Text, ToolCall

from .capabilities import Capabilities
from .gemini_names import ToolNames
from .gemini_parts import Wire, gemini_part, text_with_pictures
from .gemini_signatures import UNSIGNED, Signatures

_INSTRUCTIONS = ("system", "developer")


def instructions_and_contents(
    request: ChatRequest, can: Capabilities, names: ToolNames, *, signed: bool
) -> tuple[list[Wire], list[Wire]]:
    """The instructions that stand first, as parts, and everything after them.

    Without `signed`, the one signature for calls that Gemini did not make stands in the place of all its own.
    """
    leading = list(takewhile(lambda message: message.role in _INSTRUCTIONS, request.messages))
    instructions = [{"text": message.text} for message in leading if message.text]
    contents = _Contents(request, can, names, signed)
    for at in range(len(leading), len(request.messages)):
        contents.add(request.messages[at], at)
    found = contents.whole()
    if not found and not instructions:
        raise InvalidRequest("There is nothing in this conversation to answer.", param="messages")
    return (instructions, found) if found else ([], [{"role": "user", "parts": instructions}])


class _Contents:
    def __init__(self, request: ChatRequest, can: Capabilities, names: ToolNames, signed: bool) -> None:
        self._model = request.model
        self._names = names
        self._signed = signed
        # Thinking has had levels since Gemini 3, and what follows is new in it too.
        self._reads_files_in_results = can.thinking == "level"
        self._must_sign_after = _last_of_user(request) if can.thinking == "level" else len(request.messages)
        if not signed:
            self._must_sign_after = -1
        self._contents: list[Wire] = []
        self._calls: dict[str, tuple[int, str]] = {}
        self._results: list[tuple[int, Wire]] = []
        self._beside_results: list[Wire] = []

    def add(self, message: Message, at: int) -> None:
        if message.role == "tool":
            self._add_result(message, at)
            return
        self._close_results()
        match message.role:
            case "assistant":
                self._add("model", list(self._answer(message, at)))
            case "user":
                self._add("user", _parts(message, at))
            case _:
                if message.text:
                    self._add("user", [{"text": f"<system>\n{message.text}\n</system>"}])

    def whole(self) -> list[Wire]:
        self._close_results()
        if self._contents and self._contents[0]["role"] == "model":
            # A conversation that the assistant opens is refused.
            self._contents.insert(0, {"role": "user", "parts": [{"text": "(The assistant begins.)"}]})
        return self._contents

    def _add(self, role: str, parts: list[Wire]) -> None:
        """To the last content if it is of the same role; results of tools must stay alone in theirs."""
        last = self._contents[-1] if self._contents else None
        if not parts:
            return
        if last and last["role"] == role and not any("functionResponse" in part for part in last["parts"]):
            last["parts"] += parts
        else:
            self._contents.append({"role": role, "parts": parts})

    def _answer(self, message: Message, at: int) -> Iterator[Wire]:
        signatures = Signatures.of(message, self._model) if self._signed else Signatures()
        yield from _signed_text(message.text or message.refusal, signatures.texts)
        yield from _parts(message, at, with_text=False)
        for place, call in enumerate(message.tool_calls):
            self._calls[call.id] = (place, call.name)
            must_be_signed = place == 0 and at > self._must_sign_after
            signature = signatures.calls.get(call.id) or (UNSIGNED if must_be_signed else None)
            yield self._call(call, signature)

    def _call(self, call: ToolCall, signature: str | None) -> Wire:
        function = {"id": call.id, "name": self._names[call.name], "args": _arguments(call.arguments)}
        return {"functionCall": function, **({"thoughtSignature": signature} if signature else {})}

    def _add_result(self, message: Message, at: int) -> None:
        if message.tool_call_id not in self._calls:
            raise InvalidRequest(
                "This tool message answers no call of an assistant message before it.",
                param=f"messages[{at}].tool_call_id",
                code="invalid_value",
            )
        place, name = self._calls[message.tool_call_id]
        result: Wire = {
            "id": message.tool_call_id,
            "name": self._names[name],
            "response": _response(message.text),
        }
        files = _parts(message, at, with_text=False)
        inside = [file for file in files if self._reads_files_in_results and "inlineData" in file]
        if inside:
            result["parts"] = inside
        self._results.append((place, {"functionResponse": result}))
        self._beside_results += [file for file in files if file not in inside]

    def _close_results(self) -> None:
        """All results of one step make one content, in the order of the calls."""
        if self._results:
            ordered = sorted(self._results, key=lambda result: result[0])
            self._contents.append({"role": "user", "parts": [part for _, part in ordered]})
            self._add("user", self._beside_results)
            self._results, self._beside_results = [], []


def _last_of_user(request: ChatRequest) -> int:
    return max((at for at, message in enumerate(request.messages) if message.role == "user"), default=-1)


def _parts(message: Message, at: int, *, with_text: bool = True) -> list[Wire]:
    return [
        gemini_part(part, f"messages[{at}].content[{place}]")
        for place, part in enumerate(message.parts)
        if not isinstance(part, Text) or (with_text and part.text)
    ]


def _signed_text(text: str, signed: tuple[tuple[int, int, str], ...]) -> Iterator[Wire]:
    done = 0
    for start, end, signature in signed:
        yield from text_with_pictures(text[done:start])
        parts = list(text_with_pictures(text[start:end])) or [{"text": ""}]
        parts[-1]["thoughtSignature"] = signature
        yield from parts
        done = end
    yield from text_with_pictures(text[done:])


def _arguments(arguments: str) -> dict[str, Any]:
    """Gemini takes nothing but an object."""
    try:
        value = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        value = arguments
    return value if isinstance(value, dict) else {"_raw": value}


def _response(text: str) -> dict[str, Any]:
    """Gemini takes nothing but an object, in which it would resolve a `$ref`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"output": text}
    if '"$ref"' in text:
        return {"output": text}
    return value if isinstance(value, dict) else {"output": value}
