"""What showing a growing text costs, counted in characters that are parsed, and in those that are sent."""

from itertools import pairwise

import pytest

from chat.markup import StreamedMarkup
from chat.markup.parser import PIECES
from tests.markup.answers import ANSWERS

STEP = 64
SHORT, LONG = 4_000, 64_000


@pytest.fixture
def parsed(monkeypatch) -> list[int]:
    """The lengths of all texts that a parser is given."""
    lengths: list[int] = []

    def counting(parser):
        whole = parser.parse

        def parse(text, *rest):
            lengths.append(len(text))
            return whole(text, *rest)

        return parse

    for parser in (PIECES.block, PIECES.inline):
        monkeypatch.setattr(parser, "parse", counting(parser))
    return lengths


def sent(text: str) -> list[int]:
    """Characters of HTML that each advance sends."""
    markup, sizes = StreamedMarkup("message-1"), []
    for start in range(0, len(text), STEP):
        markup.append(text[start : start + STEP])
        sizes.append(sum(len(patch.html) for patch in markup.advance()))
    return sizes


@pytest.mark.parametrize("shape", ANSWERS)
def test_a_token_of_a_long_answer_costs_what_one_of_a_short_answer_does(parsed, shape: str) -> None:
    text = ANSWERS[shape]
    sent_short, work_short = sum(sent(text[:SHORT])), sum(parsed)
    parsed.clear()
    sent_long, work_long = sum(sent(text[:LONG])), sum(parsed)
    assert work_long <= 1.3 * max(work_short, SHORT) * LONG / SHORT
    assert sent_long <= 1.3 * sent_short * LONG / SHORT


@pytest.mark.parametrize("shape", [shape for shape in ANSWERS if shape not in {"code", "quote", "one item"}])
def test_no_advance_parses_or_sends_much(parsed, shape: str) -> None:
    sizes = sent(ANSWERS[shape][:20_000])
    assert max(sizes) < 20_000
    assert max(parsed) < 5_000


def test_appending_does_no_work(parsed) -> None:
    markup = StreamedMarkup("message-1")
    for _ in pairwise(range(10_000)):
        markup.append("text ")
    assert parsed == []
