import json
import time
from typing import Any

import pytest

from chat.completions.sse import Event
from chat.upstreams.nesting import Nesting
from chat.upstreams.response_chunks import Reader


@pytest.mark.parametrize("value", [{}, [[]], {"a": ["}", '"', "\\", '\\"]', "{[\n"]}, "{", 7])
def test_json_is_closed_at_its_end_and_nowhere_within(value: Any) -> None:
    text = json.dumps(value)
    for size in (1, 2, 3, len(text)):
        nesting = Nesting()
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        closed = []
        for piece in pieces:
            nesting.feed(piece)
            closed.append(nesting.is_closed)
        assert closed == [isinstance(value, int)] * (len(pieces) - 1) + [True]


def test_a_closing_bracket_too_many_closes_nothing() -> None:
    nesting = Nesting()
    nesting.feed("{}}")
    assert not nesting.is_closed


def piece(name: str, arguments: str) -> Event:
    function = {"name": name, "arguments": arguments}
    return Event(
        json.dumps({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": function}]}}]}).encode()
    )


def seconds_for(count: int) -> float:
    reader = Reader()
    events = [piece("f", '{"text":"'), *[piece("f", "{" + "x" * 200)] * count]
    begin = time.process_time()
    for event in events:
        list(reader.read(event))
    return time.process_time() - begin


def test_a_name_in_every_piece_does_not_make_long_arguments_slow() -> None:
    assert seconds_for(8000) < 1
