from dataclasses import replace
from typing import Any

import pytest

from chat.completions import ChatRequest, Image, Message, Text, Tool
from chat.upstreams.capabilities import Capabilities, When
from chat.upstreams.substitutes import substituted

USER = Message("user", (Text("The colours of the flag."),))
HELLO = ChatRequest("some-model", (USER,))
OBJECT = {"type": "json_object"}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "flag", "schema": {"type": "object", "required": ["a"]}},
}
FORCED = {"tools": (Tool("now"),), "tool_choice": "required"}


def substitute(can: Capabilities, **asked: Any) -> tuple[ChatRequest, list[str]]:
    request, adjustments = substituted(replace(HELLO, **asked), can)
    return request, [str(adjustment) for adjustment in adjustments]


@pytest.mark.parametrize("asked", [{}, FORCED, {"response_format": OBJECT}, {"response_format": SCHEMA}])
def test_what_a_model_does_by_itself_is_asked_as_it_is(asked: dict[str, Any]) -> None:
    assert substitute(Capabilities(reasoning="always"), **asked) == (replace(HELLO, **asked), [])


@pytest.mark.parametrize("asked", [FORCED, {"response_format": OBJECT}, {"response_format": SCHEMA}])
@pytest.mark.parametrize("effort", [None, "high"])
def test_reasoning_is_left_out_of_an_answer_that_it_stands_in_the_way_of(
    asked: dict[str, Any], effort: str | None
) -> None:
    when: When = "without reasoning"
    can = Capabilities(reasoning="on", forced_tools=when, json_object=when, json_schema=when)
    request, adjustments = substitute(can, reasoning_effort=effort, **asked)
    assert request == replace(HELLO, reasoning_effort="none", **asked)
    assert adjustments == ["reasoning_effort=none"]


def test_reasoning_stays_where_it_is_in_nobodys_way() -> None:
    can = Capabilities(reasoning="on", forced_tools="without reasoning", json_object="without reasoning")
    open_choice = {"tools": (Tool("now"),), "tool_choice": "auto", "reasoning_effort": "high"}
    assert substitute(can, **open_choice) == (replace(HELLO, **open_choice), [])
    assert substitute(replace(can, reasoning="off"), **FORCED) == (replace(HELLO, **FORCED), [])


@pytest.mark.parametrize(
    "can",
    [
        Capabilities(forced_tools="never"),
        Capabilities(forced_tools="without reasoning", reasoning="always"),
        Capabilities(forced_tools="without reasoning", reasoning="on", efforts=("low",)),
    ],
)
@pytest.mark.parametrize("choice", ["required", "function:now"])
def test_a_choice_that_cannot_be_forced_is_left_open(can: Capabilities, choice: str) -> None:
    request, adjustments = substitute(can, tools=(Tool("now"),), tool_choice=choice)
    assert request.tool_choice == "auto"
    assert adjustments == ["tool_choice=auto"]


def test_a_schema_that_cannot_be_demanded_is_explained() -> None:
    request, adjustments = substitute(
        Capabilities(json_schema="never", json_word=True), response_format=SCHEMA
    )
    assert request.response_format == OBJECT
    assert adjustments == ["response_format=json_object"]
    told = request.messages[0].text
    assert told.startswith("The colours of the flag.\n\nAnswer with a single JSON object")
    assert told.endswith('{"type":"object","required":["a"]}')


def test_an_object_that_cannot_be_demanded_is_asked_for() -> None:
    can = Capabilities(json_object="without reasoning", json_schema="never", reasoning="always")
    request, adjustments = substitute(can, response_format=OBJECT)
    assert request.response_format is None
    assert "JSON" in request.messages[0].text
    assert adjustments == ["response_format"]
    assert substitute(can, response_format=SCHEMA)[1] == ["response_format=json_object", "response_format"]


def test_messages_speak_of_json_where_the_model_needs_them_to() -> None:
    can = Capabilities(json_word=True)
    request, adjustments = substitute(can, response_format=OBJECT)
    assert "JSON" in request.messages[0].text
    assert adjustments == ["messages=with an instruction to write JSON"]
    asked = {"response_format": OBJECT, "messages": (Message("system", (Text("Write Json."),)), USER)}
    assert substitute(can, **asked) == (replace(HELLO, **asked), [])
    assert substitute(can) == (HELLO, [])


def test_an_instruction_stands_behind_those_that_are_there() -> None:
    can = Capabilities(json_word=True)
    system, developer = Message("system", (Text("Be brief."),)), Message("developer", (Text("Be kind."),))
    request, _ = substitute(can, response_format=OBJECT, messages=(system, developer, USER))
    assert [message.text for message in request.messages] == [
        "Be brief.",
        "Be kind.\n\nAnswer with a single JSON object and nothing else.",
        USER.text,
    ]


def test_an_instruction_does_not_move_what_errors_point_at() -> None:
    can = Capabilities(json_word=True)
    picture = Image("https://a.example/b.png")
    asked = (USER, Message("assistant", (Text("Which?"),)), Message("user", (picture,)))
    request, _ = substitute(can, response_format=OBJECT, messages=asked)
    assert request.messages[:2] == asked[:2]
    assert request.messages[2].parts[0] == picture
    assert "JSON" in request.messages[2].text


def test_without_anybody_to_tell_the_system_tells() -> None:
    request, _ = substitute(Capabilities(json_word=True), response_format=OBJECT, messages=())
    assert [message.role for message in request.messages] == ["system"]
