import pytest

from chat.upstreams import FAMILIES, connect
from chat.upstreams.capabilities import Capabilities, capabilities
from chat.upstreams.overrides import problem_with

CHOSEN = {"inputs": ["image"], "max_output": 100, "sampling": "never", "efforts": ["low", "high"]}


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "demo"])
def test_they_hold_over_the_table_in_every_family(family):
    can = connect(family, "", "", overrides=CHOSEN).capabilities("gpt-5")
    assert (can.inputs, can.max_output, can.sampling) == (frozenset({"image"}), 100, "never")
    assert can.efforts == ("low", "high")


@pytest.mark.parametrize("family", ["openai", "anthropic", "gemini"])
def test_what_they_do_not_say_is_as_the_table_says(family):
    can = connect(family, "", "", overrides={"seeds": False}).capabilities("gpt-5")
    assert can.inputs == capabilities(family, "gpt-5").inputs
    assert not can.seeds


def test_without_them_the_table_is_read_once_for_all():
    upstream = connect("openai", "", "")
    assert upstream.capabilities("gpt-4o") is upstream.capabilities("gpt-4o")


def test_the_responses_api_knows_them_too():
    upstream = connect("openai", "", "", overrides={"max_output": 5})
    assert upstream._responses().capabilities("o1-pro").max_output == 5


@pytest.mark.parametrize(
    "said",
    [
        {},
        CHOSEN,
        {"max_output": None, "budgets": {"low": 1000}, "max_temperature": 1, "prefill": False},
        {"thinking": "budget", "instructions": "developer", "responses": "always"},
    ],
)
def test_what_fits_is_taken(said):
    assert problem_with(said) == ""


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ([], "object"),
        (None, "object"),
        ("text", "object"),
        ({"colour": "red"}, "colour"),
        ({"inputs": "image"}, "inputs"),
        ({"inputs": ["smell"]}, "smell"),
        ({"inputs": [1]}, "inputs"),
        ({"fetches": ["smell"]}, "smell"),
        ({"max_output": "many"}, "max_output"),
        ({"max_output": -1}, "max_output"),
        ({"max_output": True}, "max_output"),
        ({"max_temperature": None}, "max_temperature"),
        ({"sampling": "sometimes"}, "sampling"),
        ({"seeds": "yes"}, "seeds"),
        ({"efforts": ["huge"]}, "huge"),
        ({"budgets": {"low": "much"}}, "budgets"),
        ({"budgets": {"low": -5}}, "low"),
        ({"instructions": "boss"}, "instructions"),
    ],
)
def test_what_does_not_is_named(said, named):
    assert named in problem_with(said)


def test_an_unknown_name_is_told_those_that_there_are():
    assert all(name in problem_with({"x": 1}) for name in Capabilities.__slots__)
