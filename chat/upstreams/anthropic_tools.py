"""Tools in Anthropic's terms: their names and ids within its alphabet, their schemas, and the choice among them.

Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from chat.completions import Message, Tool

from .alphabet import within_alphabet
from .anthropic_schema import input_schema, strict_schema

LONGEST_NAME = 128
# More strict tools than this in one request are refused.
MOST_STRICT = 20


def tool_name(name: str) -> str:
    return within_alphabet(name, LONGEST_NAME)


def names_as_asked(tools: Iterable[Tool]) -> dict[str, str]:
    """Of each tool whose name had to be changed: as it was sent, and as it was asked for."""
    return {sent: tool.name for tool in tools if (sent := tool_name(tool.name)) != tool.name}


def tool(asked: Tool, where: str, *, strict: bool) -> dict[str, Any]:
    """Raises `InvalidRequest` about the field `where` for parameters that are no schema."""
    loose = input_schema(asked.parameters, f"{where}.function.parameters")
    schema = strict_schema(loose) if strict else None
    written: dict[str, Any] = {"name": tool_name(asked.name)}
    if asked.description:
        written["description"] = asked.description
    written["input_schema"] = schema or loose
    if schema:
        written["strict"] = True
    if asked.cache_control:
        written["cache_control"] = asked.cache_control
    return written


def stubs(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Tools that were called before, for a request that offers none: the API wants to know what was called."""
    called = dict.fromkeys(call.name for message in messages for call in message.tool_calls)
    return [{"name": tool_name(name), "input_schema": input_schema(None)} for name in called]


def tool_choice(choice: str | None, parallel: bool | None) -> dict[str, Any] | None:
    if choice is None and parallel is not False:
        return None
    written = _choice(choice or "auto")
    if parallel is False and written["type"] != "none":
        written["disable_parallel_tool_use"] = True
    return written


def tool_input(arguments: str) -> Mapping[str, Any]:
    """The object that a call's arguments are; what is none is kept under a name of its own."""
    if not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {"_raw": arguments}
    return value if isinstance(value, dict) else {"_raw": arguments}


def _choice(choice: str) -> dict[str, Any]:
    if choice.startswith("function:"):
        return {"type": "tool", "name": tool_name(choice.removeprefix("function:"))}
    return {"type": {"required": "any"}.get(choice, choice)}
