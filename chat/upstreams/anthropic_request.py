"""A ChatRequest as the JSON of Anthropic's Messages API.

Source: https://platform.claude.com/docs/en/api/messages/create
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from chat.completions import Adjustment, ChatRequest, InvalidRequest

from .anthropic_messages import Conversation, lacks_reasoning
from .anthropic_schema import input_schema, is_object, strict_schema
from .anthropic_tools import MOST_STRICT, names_as_asked, stubs, tool, tool_choice, tool_name
from .capabilities import Capabilities, When

# Fields beyond those of ChatRequest that the API has a word for.
EXTRA = frozenset(
    {
        "cache_control",
        "inference_geo",
        "metadata",
        "safety_identifier",
        "service_tier",
        "thinking",
        "top_k",
        "user",
    }
)
ANSWER_TOOL = "json_response"

_LEAST_BUDGET = 1024
_LEAST_ANSWER = 1024
_OUTPUT = 8192
_LONGEST_USER = 256
_SERVICE_TIERS = ("auto", "standard_only")
_PASSED_ON = ("cache_control", "inference_geo", "top_k")
_PERSONAL = re.compile(r".*@.*|\+?[\d\s().-]{7,}", re.DOTALL)
_SCHEMA = "response_format.json_schema.schema"
_JSON_ONLY = "Respond with a single JSON object only, without any other text and without a code fence."


@dataclass(frozen=True, slots=True)
class Asking:
    """`names` are the tools' names where they had to be changed: as sent, and as asked for.

    The answer is text unless it is the input of `answer_tool`; it may be JSON that stands in a code fence.
    """

    body: dict[str, Any]
    adjustments: tuple[Adjustment, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    answer_tool: str | None = None
    may_be_fenced: bool = False
    uses_stored_files: bool = False


def asking(request: ChatRequest, can: Capabilities) -> Asking:
    """Raises `InvalidRequest` for what the API has no word for."""
    writing = _Writing(request, can)
    writing.think()
    writing.shape_answer()
    writing.offer_tools()
    writing.sample()
    writing.limit()
    writing.name_asker()
    writing.converse()
    return writing.asking()


class _Writing:
    def __init__(self, request: ChatRequest, can: Capabilities) -> None:
        self.request = request
        self.can = can
        self.body: dict[str, Any] = {}
        self.instructions: list[str] = []
        self.adjustments: list[Adjustment] = []
        self.thinking: Mapping[str, Any] | None = None
        self.answer_tool: dict[str, Any] | None = None
        self.may_be_fenced = False
        self.uses_stored_files = False

    def think(self) -> None:
        request = self.request
        thinking, effort = self._thinking(), request.reasoning_effort
        if thinking and thinking["type"] == "enabled" and self._forbids_thinking():
            self._adjust(
                *(("thinking", None) if "thinking" in request.extra else ("reasoning_effort", "none"))
            )
            thinking = effort = None
        if thinking:
            self.thinking = self.body["thinking"] = thinking
        if self.can.takes_effort and effort not in (None, "none"):
            self.body["output_config"] = {"effort": effort}

    def shape_answer(self) -> None:
        match self.request.response_format:
            case None | {"type": "text"}:
                return
            case {"type": "json_object"}:
                self._instruct_json(None)
            case {"type": "json_schema", "json_schema": {"schema": dict() as schema, **rest}}:
                self._hold_to(schema, rest.get("description"))
            case _:
                raise InvalidRequest(
                    "This response_format is not one of text, json_object and json_schema with a schema.",
                    param="response_format",
                    code="invalid_value",
                )

    def offer_tools(self) -> None:
        request = self.request
        tools = request.tools
        choice = request.tool_choice
        if request.forces_tools and self.can.forced_tools == "never":
            tools = self._asked_for_by_words()
            choice = "auto"
            self._adjust("tool_choice", choice)
        places = {each.name: f"tools[{at}]" for at, each in enumerate(request.tools)}
        written = [tool(each, places[each.name], strict=self._is_strict(each.strict)) for each in tools]
        if any(each.strict and "strict" not in sent for each, sent in zip(tools, written, strict=True)):
            self._adjust("strict", None)
        if written:
            self._set("tool_choice", tool_choice(choice, request.parallel_tool_calls))
        elif written := stubs(request.messages):
            self._set("tool_choice", {"type": "none"})
        if self.answer_tool:
            written.append(self.answer_tool)
            self._set("tool_choice", {"type": "tool", "name": ANSWER_TOOL})
        self._set("tools", written)

    def sample(self) -> None:
        request = self.request
        asked = {"temperature": request.temperature, "top_p": request.top_p}
        asked |= {name: request.extra.get(name) for name in _PASSED_ON}
        for name, value in asked.items():
            if value is not None and self._thinks and name in ("temperature", "top_p", "top_k"):
                self._adjust(name, None)
            else:
                self._set(name, value)
        stops = [stop for stop in request.stop if stop.strip()]
        if len(stops) < len(request.stop):
            self._adjust("stop", "without white space")
        self._set("stop_sequences", stops)

    def limit(self) -> None:
        """A budget for thinking is part of the limit and must be smaller."""
        asked = self.request.max_output_tokens
        most = self.can.max_output or max(asked or 0, _OUTPUT)
        limit = asked or most
        if self.thinking and self.thinking["type"] == "enabled":
            wanted = self.thinking.get("budget_tokens")
            budget = min(wanted if isinstance(wanted, int) else _LEAST_BUDGET, most - _LEAST_ANSWER)
            budget = max(budget, _LEAST_BUDGET)
            if "thinking" in self.request.extra and budget != wanted:
                self._adjust("thinking", f"{budget} tokens")
            self.body["thinking"] = {**self.thinking, "budget_tokens": budget}
            if limit <= budget:
                limit = min(limit + budget, most)
                self._adjust("max_completion_tokens", str(limit))
        self.body["max_tokens"] = limit

    def name_asker(self) -> None:
        extra = self.request.extra
        metadata = extra.get("metadata")
        named = metadata.get("user_id") if isinstance(metadata, Mapping) else None
        user = named or extra.get("user") or extra.get("safety_identifier")
        if metadata and not named:
            self._adjust("metadata", None)
        if user:
            self.body["metadata"] = {"user_id": _impersonal(str(user))}
        if (tier := extra.get("service_tier")) in _SERVICE_TIERS:
            self.body["service_tier"] = tier
        elif tier:
            self._adjust("service_tier", None)

    def converse(self) -> None:
        request = self.request
        conversation = Conversation(
            request.model,
            late_instructions=self.can.late_instructions,
            with_reasoning=self._reads_reasoning,
        )
        for at, message in enumerate(request.messages):
            conversation.add(message, f"messages[{at}]")
        conversation.begin()
        prefill = self.can.prefill and not self._thinks and not request.response_format
        if not conversation.end(prefill=prefill):
            self._adjust("messages", "followed by Continue")
        told = [{"type": "text", "text": text} for text in self.instructions]
        self._set("system", [*conversation.system, *told])
        self.body["messages"] = conversation.turns
        self.uses_stored_files = conversation.uses_stored_files

    def asking(self) -> Asking:
        return Asking(
            body={"model": self.request.model, **self.body, "stream": True},
            adjustments=tuple(self.adjustments),
            names=names_as_asked(self.request.tools),
            answer_tool=ANSWER_TOOL if self.answer_tool else None,
            may_be_fenced=self.may_be_fenced,
            uses_stored_files=self.uses_stored_files,
        )

    @property
    def _thinks(self) -> bool:
        if self.thinking:
            return self.thinking["type"] in ("enabled", "adaptive")
        return self.can.reasoning != "off"

    @property
    def _reads_reasoning(self) -> bool:
        return self._thinks or (self.thinking is not None and self.thinking["type"] == "between_tools")

    def _thinking(self) -> Mapping[str, Any] | None:
        asked, effort, can = self.request.extra.get("thinking"), self.request.reasoning_effort, self.can
        if isinstance(asked, Mapping) and "type" in asked:
            return self._as_taken(asked)
        if effort == "none":
            return {"type": can.thinking_off} if can.reasoning != "off" else None
        if can.thinking == "adaptive" and can.reasons(effort):
            # What is shown of thoughts by default is, in newer models, nothing.
            return {"type": "adaptive", "display": "summarized"}
        if effort and effort in can.budgets:
            return {"type": "enabled", "budget_tokens": can.budgets[effort]}
        return None

    def _as_taken(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What another Claude is asked by may be refused by this one."""
        kind, can = asked["type"], self.can
        is_off = kind in ("disabled", "between_tools")
        taken: Mapping[str, Any] | None = asked
        if (kind == "enabled" and not can.budgets) or (is_off and can.reasoning == "always"):
            adaptive = {"type": "adaptive", "display": asked.get("display", "summarized")}
            taken = adaptive if can.thinking == "adaptive" else None
        elif kind == "adaptive" and can.thinking != "adaptive":
            budget = can.budgets.get(self.request.reasoning_effort or "medium")
            taken = {"type": "enabled", "budget_tokens": budget} if budget else None
        elif is_off:
            taken = {"type": can.thinking_off}
        if taken != asked:
            self._adjust("thinking", taken["type"] if taken else None)
        return taken

    def _forbids_thinking(self) -> bool:
        """With a budget, a tool may not be forced, and a turn with tools needs the thoughts that began it."""
        forced = self.request.forces_tools and self.can.forced_tools == "without reasoning"
        return forced or lacks_reasoning(self.request.messages, self.request.model)

    def _hold_to(self, schema: Mapping[str, Any], description: Any) -> None:
        strict = strict_schema(schema) if self._now(self.can.json_schema) else None
        if strict:
            self.body.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": strict}
        elif is_object(schema) and not self.request.tools and self._now(self.can.forced_tools):
            told = {"description": description or "The answer to the user."}
            self.answer_tool = {"name": ANSWER_TOOL, **told, "input_schema": input_schema(schema, _SCHEMA)}
            self._adjust("response_format", "tool")
        else:
            self._instruct_json(schema)

    def _instruct_json(self, schema: Mapping[str, Any] | None) -> None:
        wanted = (
            f" It must be valid against this JSON Schema: {orjson.dumps(schema).decode()}" if schema else ""
        )
        self.instructions.append(_JSON_ONLY + wanted)
        self.may_be_fenced = True
        self._adjust("response_format", "instruction")

    def _asked_for_by_words(self) -> Any:
        """The tools that are left to choose from, when the model cannot be made to call one."""
        name = (self.request.tool_choice or "").removeprefix("function:")
        named = tuple(each for each in self.request.tools if each.name == name)
        which = f"the tool {tool_name(name)}" if named else "one of the tools"
        self.instructions.append(f"Call {which} now, before anything else.")
        return named or self.request.tools

    def _is_strict(self, asked: bool | None) -> bool:
        count = sum(bool(each.strict) for each in self.request.tools)
        return bool(asked) and count <= MOST_STRICT and self._now(self.can.json_schema)

    def _now(self, when: When) -> bool:
        """Whether the model can do now what it can do `when`."""
        match when:
            case "without reasoning":
                return not (self.thinking and self.thinking["type"] == "enabled")
            case "without tools":
                return not self.request.tools
        return when == "always"

    def _set(self, name: str, value: Any) -> None:
        if value is not None and value != []:
            self.body[name] = value

    def _adjust(self, param: str, value: str | None) -> None:
        self.adjustments.append(Adjustment(param, value))


def _impersonal(user: str) -> str:
    """What the provider is told of a user must not name a person."""
    if _PERSONAL.fullmatch(user) or len(user) > _LONGEST_USER:
        return hashlib.sha256(user.encode()).hexdigest()
    return user
