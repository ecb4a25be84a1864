"""The messages of a conversation as Gemini's contents, with what it needs back of its own reasoning.

Gemini signs parts of its answers. From Gemini 3 on, the first call of each step since the user last spoke is refused
without a signature: https://ai.google.dev/gemini-api/docs/thought-signatures
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import orjson

from chat.completions import ChatRequest, InvalidRequest, Message, Text, ToolCall

from .gemini_names import ToolNames
from .gemini_parts import Wire, gemini_part, text_with_pictures

# What Gemini takes for a call that it did not sign itself.
UNSIGNED = "skip_thought_signature_validator"
_INSTRUCTIONS = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Signatures:
    """Those of one message: of its calls by their id, and of stretches of its text."""

    calls: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[tuple[int, int, str], ...] = ()

    @classmethod
    def of(cls, message: Message, model: str) -> "Signatures":
        state = message.reasoning_state
        if state is not None and not state.is_of("gemini", model):
            return cls()
        given = {call.id: call.signature for call in message.tool_calls if call.signature}
        blocks = state.blocks if state else ()
        return cls(
            {**given, **{each["call"]: each["thoughtSignature"] for each in blocks if "call" in each}},
            tuple((*each["text"], each["thoughtSignature"]) for each in blocks if "text" in each),
        )

    @staticmethod
    def of_call(call_id: str, signature: str) -> Wire:
        return {"call": call_id, "thoughtSignature": signature}

    @staticmethod
    def of_text(start: int, end: int, signature: str) -> Wire:
        return {"text": [start, end], "thoughtSignature": signature}


def instructions_and_contents(
    request: ChatRequest, names: ToolNames, *, signed: bool, multimodal_results: bool, wants_signatures: bool
) -> tuple[list[Wire], list[Wire]]:
    """The instructions that stand first, as parts, and everything after them.

    Without `signed`, the one signature for calls that Gemini did not make stands in the place of all its own.
    """
    leading = list(takewhile(lambda message: message.role in _INSTRUCTIONS, request.messages))
    instructions = [{"text": message.text} for message in leading if message.text]
    contents = _Contents(request, names, signed, multimodal_results, wants_signatures)
    for at in range(len(leading), len(request.messages)):
        contents.add(request.messages[at], at)
    found = contents.whole()
    if not found and not instructions:
        raise InvalidRequest("There is nothing in this conversation to answer.", param="messages")
    return (instructions, found) if found else ([], [{"role": "user", "parts": instructions}])


class _Contents:
    def __init__(
        self,
        request: ChatRequest,
        names: ToolNames,
        signed: bool,
        multimodal_results: bool,
        wants_signatures: bool,
    ) -> None:
        self._model = request.model
        self._names = names
        self._signed = signed
        self._multimodal_results = multimodal_results
        spoke = [at for at, message in enumerate(request.messages) if message.role == "user"]
        self._unsigned_from = max(spoke, default=-1) if wants_signatures else len(request.messages)
        if not signed:
            self._unsigned_from = -1
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
            must_be_signed = place == 0 and at > self._unsigned_from
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
        inside = [file for file in files if self._multimodal_results and "inlineData" in file]
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
