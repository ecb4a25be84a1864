"""A ChatRequest as the JSON of Gemini's generateContent.

Source: https://ai.google.dev/api/generate-content
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from chat.completions import Adjustment, ChatRequest, InvalidRequest, Tool

from .capabilities import Capabilities, When
from .gemini_contents import instructions_and_contents
from .gemini_names import ToolNames
from .gemini_parts import Wire
from .gemini_schema import gemini_schema

# Fields beyond those of ChatRequest. Google's own OpenAI-compatible API has the last ones below `google`, and that
# below `extra_body`.
EXTRA = frozenset(
    {
        "modalities",
        "top_k",
        "google",
        "extra_body",
        "thinking_config",
        "safety_settings",
        "cached_content",
        "thinkingConfig",
        "safetySettings",
        "cachedContent",
    }
)
_OF_GOOGLE = frozenset({"thinkingConfig", "safetySettings", "cachedContent"})
_MODES: Mapping[str, str] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_SNAKE = re.compile(r"_([a-z])")


@dataclass(frozen=True, slots=True)
class GeminiRequest:
    """`tool_names` are those of tools that had to be sent under another name, by that name."""

    body: Wire
    tool_names: Mapping[str, str]
    adjustments: tuple[Adjustment, ...]


def gemini_request(request: ChatRequest, can: Capabilities, *, signed: bool = True) -> GeminiRequest:
    """Raises `InvalidRequest` for what Gemini has no word for. `signed` is whether to send its signatures back."""
    writing = _Writing(request, can)
    return GeminiRequest(_given(writing.body(signed)), writing.names.originals, tuple(writing.adjustments))


class _Writing:
    def __init__(self, request: ChatRequest, can: Capabilities) -> None:
        self.request = request
        self.can = can
        self.adjustments: list[Adjustment] = []
        self.names = ToolNames(_names(request))
        self._google = self._of_google()

    def body(self, signed: bool) -> Wire:
        instructions, contents = instructions_and_contents(self.request, self.can, self.names, signed=signed)
        response_format, in_words = self._response_format()
        instructions += [{"text": in_words}] if in_words else []
        return {
            "systemInstruction": {"parts": instructions} if instructions else None,
            "contents": contents,
            "generationConfig": _given({**self._generation(), **response_format}) or None,
            "tools": self._tools(),
            "toolConfig": self._tool_config(),
            "safetySettings": self._google.get("safetySettings"),
            "cachedContent": self._google.get("cachedContent"),
        }

    def _generation(self) -> Wire:
        request = self.request
        modalities = request.extra.get("modalities") or []
        if not isinstance(modalities, list):
            raise InvalidRequest("modalities must be an array.", param="modalities", code="invalid_type")
        return {
            "maxOutputTokens": request.max_output_tokens,
            "temperature": request.temperature,
            "topP": request.top_p,
            "topK": request.extra.get("top_k"),
            "stopSequences": list(request.stop) or None,
            "seed": request.seed,
            "candidateCount": request.n if request.n > 1 else None,
            "responseModalities": [str(each).upper() for each in modalities] or None,
            "thinkingConfig": self._thinking(),
        }

    def _thinking(self) -> Wire | None:
        effort = self.request.reasoning_effort
        if isinstance(given := self._google.get("thinkingConfig"), Mapping):
            if effort is not None:
                self.adjustments.append(Adjustment("reasoning_effort"))
            return {"includeThoughts": True, **given}
        if not self.can.thinking or (effort is None and self.can.reasoning == "off"):
            return None
        if effort is None:
            return {"includeThoughts": True}
        if self.can.thinking == "level":
            return {"includeThoughts": True, "thinkingLevel": effort}
        budget = self.can.budgets[effort]
        return {"includeThoughts": budget > 0, "thinkingBudget": budget}

    def _response_format(self) -> tuple[Wire, str]:
        """As fields of the generationConfig or, where the model has none for it, in words."""
        wanted = self.request.response_format or {}
        match wanted.get("type"):
            case "json_object":
                schema, has_it = None, self._is(self.can.json_object)
            case "json_schema":
                schema, has_it = _object(wanted, "json_schema").get("schema"), self._is(self.can.json_schema)
            case None:
                return {}, ""
            case _:
                self.adjustments.append(Adjustment("response_format"))
                return {}, ""
        if not has_it:
            self.adjustments.append(Adjustment("response_format", "instructions"))
            return {}, _json_in_words(schema)
        wire = {"responseMimeType": "application/json"}
        return {**wire, "responseJsonSchema": gemini_schema(schema)} if schema else wire, ""

    def _is(self, when: When) -> bool:
        reasons = self.can.reasons(self.request.reasoning_effort)
        return {
            "always": True,
            "without tools": not self.request.tools,
            "without reasoning": not reasons,
            "never": False,
        }[when]

    def _tools(self) -> list[Wire] | None:
        if not self.request.tools:
            return None
        if self.request.parallel_tool_calls is False:
            self.adjustments.append(Adjustment("parallel_tool_calls"))
        may_be_loose = self.request.tool_choice in (None, "auto") and not self._is_strict
        if may_be_loose and any(tool.strict for tool in self.request.tools):
            self.adjustments.append(Adjustment("tools.strict"))
        return [{"functionDeclarations": [self._tool(tool) for tool in self.request.tools]}]

    def _tool(self, tool: Tool) -> Wire:
        return _given(
            {
                "name": self.names[tool.name],
                "description": tool.description or None,
                "parametersJsonSchema": gemini_schema(tool.parameters) or None,
            }
        )

    def _tool_config(self) -> Wire | None:
        """Without tools it is refused."""
        choice = self.request.tool_choice
        if not self.request.tools or (choice is None and not self._is_strict):
            return None
        if choice and choice.startswith("function:"):
            name = self.names[choice.removeprefix("function:")]
            return {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [name]}}
        validated = self._is_strict and choice in (None, "auto")
        mode = "VALIDATED" if validated else _MODES.get(choice or "", "AUTO")
        return {"functionCallingConfig": {"mode": mode}}

    @property
    def _is_strict(self) -> bool:
        """It holds to the schemas of all tools or of none."""
        return all(tool.strict for tool in self.request.tools)

    def _of_google(self) -> Wire:
        """Google's own fields, wherever in the request they stand and however they are spelled."""
        extra = self.request.extra
        nested = _object(extra, "extra_body")
        found = {**_camel(_object(nested, "google")), **_camel(_object(extra, "google")), **_camel(extra)}
        ours = {name: value for name, value in found.items() if name in _OF_GOOGLE}
        strange = [f"extra_body.{name}" for name in nested if name != "google"]
        strange += [f"google.{name}" for name in found if name not in {*ours, *_camel(extra)}]
        self.adjustments += [Adjustment(name) for name in strange]
        return {name: _camel(value) if isinstance(value, Mapping) else value for name, value in ours.items()}


def _names(request: ChatRequest) -> list[str]:
    called = [call.name for message in request.messages for call in message.tool_calls]
    demanded = (request.tool_choice or "").partition("function:")[2]
    return [*(tool.name for tool in request.tools), *called, *([demanded] if demanded else [])]


def _json_in_words(schema: Any) -> str:
    words = "Answer with one JSON object and nothing else: no other text, and no Markdown around it."
    if schema:
        words += f" It must fit this JSON Schema:\n{orjson.dumps(schema).decode()}"
    return words


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name) or {}
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{name} must be an object.", param=name, code="invalid_type")
    return value


def _camel(fields: Mapping[str, Any]) -> Wire:
    return {_SNAKE.sub(lambda found: found[1].upper(), name): value for name, value in fields.items()}


def _given(fields: Wire) -> Wire:
    return {name: value for name, value in fields.items() if value is not None}
