import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from chat.upstreams import FAMILIES, connect
from chat.upstreams.capabilities import _TABLE, Capabilities, capabilities
from chat.upstreams.fitting import EFFORTS

TABLE: Mapping[str, Mapping[str, Mapping[str, Any]]] = tomllib.loads(_TABLE.read_text())
ROWS = [(family, prefix) for family, rows in TABLE.items() for prefix in rows]
KINDS = {"image", "audio", "file", "video"}


@pytest.mark.parametrize(("family", "prefix"), ROWS)
def test_every_row_says_what_a_model_can_be(family: str, prefix: str) -> None:
    can = capabilities(family, prefix)
    hints = get_type_hints(Capabilities)
    for field in fields(Capabilities):
        hint, value = hints[field.name], getattr(can, field.name)
        if get_origin(hint) is not None and str(get_origin(hint)) == "typing.Literal":
            assert value in get_args(hint), field.name
    assert can.inputs <= KINDS
    assert can.fetches <= KINDS
    assert can.efforts is None or list(can.efforts) == sorted(can.efforts, key=EFFORTS.index)
    assert {*can.budgets, *can.responses_efforts} <= set(EFFORTS)
    assert can.reasoning != "always" or "none" not in (can.efforts or ())


@pytest.mark.parametrize(("family", "prefix"), ROWS)
def test_no_row_is_named_so_that_no_model_could_be_meant(family: str, prefix: str) -> None:
    assert prefix == prefix.lower()
    assert "/" not in prefix


def test_a_longer_row_holds_over_a_shorter_one() -> None:
    assert capabilities("openai", "gpt-5").efforts == ("minimal", "low", "medium", "high")
    assert capabilities("openai", "gpt-5-pro-2025-10-06").efforts == ("high",)
    assert capabilities("openai", "gpt-5-pro").sampling == "never"
    assert capabilities("openai", "gpt-5.2").efforts == ("none", "low", "medium", "high", "xhigh")


@pytest.mark.parametrize(
    "model", ["o4-mini", "openai/o4-mini", "models/o4-mini", "O4-Mini", "ft:o4-mini:us::1"]
)
def test_what_stands_before_the_name_does_not_count(model: str) -> None:
    assert capabilities("openai", model) == capabilities("openai", "o4-mini-2025-04-16")


def test_a_model_that_is_not_there_has_the_row_of_its_family() -> None:
    assert capabilities("deepseek", "brand-new") == capabilities("deepseek", "")
    assert capabilities("deepseek", "brand-new").seeds is False


@pytest.mark.parametrize("family", ["compatible", "carrier-pigeon"])
def test_of_a_family_without_rows_nothing_is_known(family: str) -> None:
    assert capabilities(family, "gpt-5") == Capabilities()


@pytest.mark.parametrize(
    ("model", "effort", "reasons"),
    [
        ("gpt-4o", None, False),
        ("gpt-4o", "high", False),
        ("o3", None, True),
        ("o3", "none", True),
        ("gpt-5.4", None, False),
        ("gpt-5.4", "low", True),
        ("gpt-5.6-sol", None, True),
        ("gpt-5.6-sol", "none", False),
        ("gpt-5-chat-latest", None, False),
        ("gpt-5.2-chat-latest", None, True),
        ("gpt-5.4-chat-latest", "none", True),
        ("gpt-6-pro", "none", True),
    ],
)
def test_whether_a_model_reasons_depends_on_the_effort(
    model: str, effort: str | None, *, reasons: bool
) -> None:
    assert capabilities("openai", model).reasons(effort) is reasons


@pytest.mark.parametrize(
    ("model", "responses"),
    [
        ("gpt-4o", "never"),
        ("gpt-5", "never"),
        ("gpt-5.1", "never"),
        ("gpt-5.4-mini", "tools with reasoning"),
        ("gpt-5.6-luna", "tools with reasoning"),
        ("gpt-6-astra", "tools with reasoning"),
        ("gpt-6.1-terra", "tools with reasoning"),
        ("o1-pro", "always"),
        ("o3-pro-2025-06-10", "always"),
        ("gpt-5-pro", "always"),
        ("gpt-5.5-pro-2026-04-23", "always"),
        ("gpt-5.6-pro", "always"),
        ("gpt-6-pro", "always"),
        ("gpt-5.5-chat-latest", "never"),
        ("gpt-5.1-codex-max", "always"),
        ("codex-mini-latest", "always"),
    ],
)
def test_it_is_known_which_models_only_the_responses_api_answers(model: str, responses: str) -> None:
    assert capabilities("openai", model).responses == responses


@pytest.mark.parametrize("family", [family for family in FAMILIES if family in TABLE])
def test_a_family_with_rows_says_which_further_fields_it_knows(family: str) -> None:
    assert connect(family, "", "").extra is not None


@pytest.mark.parametrize(
    ("model", "hears"),
    [
        ("gpt-4o", False),
        ("gpt-5-mini", False),
        ("o3", False),
        ("gpt-4o-audio-preview", True),
        ("gpt-4o-mini-audio-preview", True),
        ("gpt-audio-mini", True),
    ],
)
def test_of_openais_models_those_for_audio_hear(model: str, hears: bool) -> None:
    assert ("audio" in capabilities("openai", model).inputs) is hears
