"""Any client of OpenAI's works with any family: https://platform.openai.com/docs/api-reference/chat"""

from collections.abc import Callable
from typing import Any

import pytest

from . import cells
from .cells import CELLS, Cell, limit
from .providers import Exchange, Provider
from .providers.provider import (
    ANSWER,
    ANSWER_TOKENS,
    OBJECT,
    PROMPT_TOKENS,
    THOUGHT_TOKENS,
    THOUGHTS,
    sealed,
)
from .running import DOCUMENT, PICTURE, Clients

pytestmark = pytest.mark.conformance

Result = dict[str, Any]

TOKENS = PROMPT_TOKENS + ANSWER_TOKENS
SECONDS_TO_NOTICE = 1


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_client_works_with_a_family(cell: Cell, clients: Clients, providers: dict[str, Provider]) -> None:
    result = clients.result(cell)
    exchanges = providers[cell.family].exchanges.get(str(cell), [])
    found = limit(cell)
    if found is None:
        assert "error" not in result, result["error"]
        CHECKS[cell.capability](cell, result, exchanges)
    else:
        LIMITED[found.instead](cell, result, exchanges)


def check_text(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    thinks = exchanges[-1].asked.thinks
    assert result["text"] == ANSWER
    assert result["finish"] == "stop"
    assert result["tokens"] == TOKENS + (THOUGHT_TOKENS if thinks else 0)


def check_stream(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    assert result["pieces"] > 3
    if "object" in result:
        assert result["object"] == OBJECT
    else:
        check_text(cell, result, exchanges)


def check_tools(cell: Cell, result: Result, exchanges: list[Exchange], *cities: str) -> None:
    (name,) = exchanges[0].asked.tools
    wanted = [(name, {"city": city}) for city in cities or ("Zürich",)]
    assert [(call["name"], call["arguments"]) for call in result["calls"]] == wanted
    assert len({call["id"] for call in result["calls"]}) == len(wanted)
    assert result.get("finish", "tool_calls") == "tool_calls"


def check_parallel_tools(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    check_tools(cell, result, exchanges, "Zürich", "Bern")


def check_round_trip(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    """The model gets its result, and its own reasoning, whatever the client made of it."""
    before, after = (exchange.asked for exchange in exchanges)
    assert before.reasoning == ()
    assert after.results == ("21 degrees in Zürich",)
    assert after.reasoning == (reasoning_of(cell),)
    assert result["text"] == "The tool says: 21 degrees in Zürich."


def check_image(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    assert exchanges[-1].asked.files == (("image/png", PICTURE),)
    assert result["text"] == ANSWER


def check_pdf(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    assert exchanges[-1].asked.files == (("application/pdf", DOCUMENT),)
    assert result["text"] == ANSWER


def check_json_schema(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    """By the schema where the model takes one; otherwise as JSON, with the schema in words."""
    asked = exchanges[-1].asked
    assert result["object"] == OBJECT
    if cell.family == "deepseek":
        assert asked.wants_json
        assert '"degrees"' in asked.text
    else:
        assert asked.schema is not None
        assert set(asked.schema["properties"]) == set(OBJECT)


def check_reasoning(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    assert result["text"] == ANSWER
    assert result["reasoning"] == "".join(THOUGHTS)


def check_error(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    """A refusal keeps its status, and half an answer is never taken for a whole one."""
    assert result["refused"]["status"] == 429
    assert "too many requests" in result["refused"]["message"]
    assert result["broken"]["type"], "The client took half an answer for a whole one"
    assert "before the answer was complete" in result["broken"]["message"]


def check_cancel(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    """A client that leaves closes the provider's stream."""
    left = exchanges[-1].received.left_at
    assert ANSWER.startswith(result["text"].rstrip())
    assert left is not None
    assert left - result["left_at"] < SECONDS_TO_NOTICE


def check_refusal(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    """It names the model and what it does not take, before anybody else is asked."""
    refused = result["error"]
    assert refused["status"] == 400
    kind = "image" if cell.capability == "image" else "file"
    assert f"does not take {kind} input" in refused["message"]
    assert exchanges == []


def check_missing(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    assert result.get("missing"), f"{cell.client} can do this now"


def check_unread(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    """The rest of the answer is read."""
    assert result["text"] == ANSWER
    assert not result["reasoning"], f"{cell.client} reads this now"


def check_elsewhere(cell: Cell, result: Result, exchanges: list[Exchange]) -> None:
    assert result["error"]["status"] == 404
    assert "Unknown request URL" in result["error"]["message"]
    assert exchanges == []


def reasoning_of(cell: Cell) -> str:
    """What this family wants back of its reasoning: DeepSeek has it in plain words."""
    return "".join(THOUGHTS) if cell.family == "deepseek" else sealed(str(cell))


CHECKS: dict[str, Callable[[Cell, Result, list[Exchange]], None]] = {
    "text": check_text,
    "stream": check_stream,
    "tools": check_tools,
    "parallel_tools": check_parallel_tools,
    "round_trip": check_round_trip,
    "image": check_image,
    "pdf": check_pdf,
    "json_schema": check_json_schema,
    "reasoning": check_reasoning,
    "error": check_error,
    "cancel": check_cancel,
}

LIMITED = {
    "refused": check_refusal,
    "missing": check_missing,
    "unread": check_unread,
    "elsewhere": check_elsewhere,
}


def test_every_capability_has_a_check() -> None:
    assert tuple(CHECKS) == cells.CAPABILITIES
