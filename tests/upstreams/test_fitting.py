from dataclasses import replace
from typing import Any

import pytest

from chat.completions import (
    Audio,
    ChatRequest,
    File,
    Image,
    InvalidRequest,
    Message,
    Part,
    Text,
    Tool,
    Video,
)
from chat.upstreams.capabilities import Capabilities
from chat.upstreams.fitting import fitted, without_neutral

HELLO = ChatRequest("some-model", (Message("user", (Text("Hello"),)),))
NOTHING = Capabilities(
    inputs=frozenset(),
    sampling="never",
    penalties=False,
    seeds=False,
    strict_tools=False,
    max_stops=0,
    max_choices=1,
    efforts=(),
)


def fit(
    can: Capabilities, known: frozenset[str] | None = None, **asked: Any
) -> tuple[ChatRequest, list[str]]:
    request, adjustments = fitted(replace(HELLO, **asked), can, known)
    return request, [str(adjustment) for adjustment in adjustments]


def test_a_plain_question_fits_every_model() -> None:
    assert fit(NOTHING, frozenset()) == (HELLO, [])


def test_what_nothing_is_known_about_is_passed_on() -> None:
    asked = {
        "temperature": 0.5,
        "top_p": 0.5,
        "stop": ("a",) * 16,
        "seed": 1,
        "n": 8,
        "reasoning_effort": "whatever",
        "extra": {"presence_penalty": 1, "anything": 2},
    }
    assert fit(Capabilities(), **asked) == (replace(HELLO, **asked), [])


@pytest.mark.parametrize(
    "neutral",
    [
        {"temperature": 1},
        {"top_p": 1.0},
        {"n": 1},
        {"response_format": {"type": "text"}},
        {"stop": ("", "")},
        {"tool_choice": "auto"},
        {"parallel_tool_calls": True},
        {"extra": {"presence_penalty": 0, "frequency_penalty": 0.0}},
        {"extra": {"logprobs": False, "top_logprobs": 0, "logit_bias": {}, "user": None}},
    ],
)
def test_what_asks_for_nothing_is_left_out_without_a_word(neutral: dict[str, Any]) -> None:
    assert fit(NOTHING, frozenset(), **neutral) == (HELLO, [])
    assert without_neutral(replace(HELLO, **neutral)) == HELLO


def test_an_effort_of_none_asks_nothing_of_a_model_that_does_not_reason() -> None:
    assert fit(NOTHING, reasoning_effort="none") == (HELLO, [])


@pytest.mark.parametrize(
    ("efforts", "asked", "sent"),
    [
        (("low", "medium", "high"), "medium", "medium"),
        (("low", "medium", "high"), "minimal", "low"),
        (("low", "medium", "high"), "none", "low"),
        (("low", "medium", "high"), "max", "high"),
        (("none", "low", "high"), "minimal", "low"),
        (("none", "low", "high", "max"), "medium", "high"),
        (("none", "low", "high", "max"), "xhigh", "max"),
        (("high",), "none", "high"),
        (("medium", "high", "xhigh"), "extreme", "medium"),
        ((), "high", None),
    ],
)
def test_an_effort_becomes_the_nearest_that_the_model_knows(
    efforts: tuple[str, ...], asked: str, sent: str | None
) -> None:
    request, adjustments = fit(Capabilities(efforts=efforts, reasoning="on"), reasoning_effort=asked)
    assert request.reasoning_effort == sent
    reported = f"reasoning_effort={sent}" if sent else "reasoning_effort"
    assert adjustments == ([] if sent == asked else [reported])


SAMPLING = {
    "temperature": 0.2,
    "top_p": 0.9,
    "extra": {
        "presence_penalty": 1,
        "frequency_penalty": 1,
        "logit_bias": {"50256": -100},
        "logprobs": True,
        "top_logprobs": 2,
        "verbosity": "low",
    },
}
DROPPED = [
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
]


@pytest.mark.parametrize(
    ("can", "effort"),
    [
        (Capabilities(sampling="never"), None),
        (Capabilities(sampling="without reasoning", reasoning="on"), None),
        (Capabilities(sampling="without reasoning", reasoning="always"), "none"),
        (Capabilities(sampling="without reasoning", reasoning="off"), "low"),
    ],
)
def test_sampling_is_left_out_where_it_is_refused(can: Capabilities, effort: str | None) -> None:
    request, adjustments = fit(can, reasoning_effort=effort, **SAMPLING)
    assert (request.temperature, request.top_p) == (None, None)
    assert request.extra == {"verbosity": "low"}
    assert adjustments == DROPPED


@pytest.mark.parametrize(
    ("can", "effort"),
    [
        (Capabilities(sampling="always", reasoning="always"), "high"),
        (Capabilities(sampling="without reasoning", reasoning="off"), None),
        (Capabilities(sampling="without reasoning", reasoning="on"), "none"),
        (Capabilities(sampling="without reasoning", reasoning="off", efforts=()), None),
    ],
)
def test_sampling_is_passed_on_where_it_is_taken(can: Capabilities, effort: str | None) -> None:
    asked = {"reasoning_effort": effort, **SAMPLING}
    assert fit(can, **asked) == (replace(HELLO, **asked), [])


def test_an_effort_that_is_left_out_does_not_cost_the_temperature() -> None:
    can = Capabilities(sampling="without reasoning", efforts=())
    request, adjustments = fit(can, reasoning_effort="high", temperature=0.2)
    assert request.temperature == 0.2
    assert adjustments == ["reasoning_effort"]


def test_of_temperature_and_top_p_some_models_take_one() -> None:
    can = Capabilities(one_sampling=True)
    assert fit(can, temperature=0.2, top_p=0.9) == (replace(HELLO, temperature=0.2), ["top_p"])
    assert fit(can, top_p=0.9) == (replace(HELLO, top_p=0.9), [])


def test_penalties_and_seeds_are_left_out_where_they_are_refused() -> None:
    can = Capabilities(penalties=False, seeds=False)
    extra = {"presence_penalty": 1, "frequency_penalty": -1, "top_k": 4}
    request, adjustments = fit(can, seed=7, temperature=0.2, extra=extra)
    assert request == replace(HELLO, temperature=0.2, extra={"top_k": 4})
    assert adjustments == ["presence_penalty", "frequency_penalty", "seed"]


def test_a_seed_of_zero_is_a_seed() -> None:
    assert fit(Capabilities(seeds=False), seed=0) == (HELLO, ["seed"])
    assert fit(Capabilities(), seed=0)[0].seed == 0


def test_numbers_are_kept_within_what_the_model_takes() -> None:
    can = Capabilities(max_temperature=1, min_top_p=0.01, max_output=4096)
    request, adjustments = fit(can, temperature=1.7, top_p=0, max_output_tokens=10_000)
    assert (request.temperature, request.top_p, request.max_output_tokens) == (1, 0.01, 4096)
    assert adjustments == ["temperature=1", "top_p=0.01", "max_completion_tokens=4096"]
    assert fit(can, temperature=0, top_p=0.5, max_output_tokens=4096)[1] == []


def test_no_more_stops_are_sent_than_the_model_takes() -> None:
    assert fit(Capabilities(max_stops=0), stop=("a",)) == (HELLO, ["stop"])
    assert fit(Capabilities(max_stops=2), stop=("a", "b", "c")) == (
        replace(HELLO, stop=("a", "b")),
        ["stop=the first 2"],
    )


def test_fields_that_the_family_does_not_know_are_left_out_and_named() -> None:
    request, adjustments = fit(
        Capabilities(), frozenset({"user"}), extra={"user": "u", "top_k": 1, "min_p": 2}
    )
    assert request.extra == {"user": "u"}
    assert adjustments == ["top_k", "min_p"]


@pytest.mark.parametrize(("strict", "reported"), [(True, ["tools.strict"]), (False, []), (None, [])])
def test_tools_are_not_strict_where_that_is_refused(strict: bool | None, reported: list[str]) -> None:
    request, adjustments = fit(Capabilities(strict_tools=False), tools=(Tool("a"), Tool("b", strict=strict)))
    assert request.tools == (Tool("a"), Tool("b"))
    assert adjustments == reported


def test_more_answers_than_the_model_writes_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="some-model writes at most 1 answer at once") as refused:
        fit(Capabilities(max_choices=1), n=2)
    assert (refused.value.param, refused.value.code) == ("n", "unsupported_value")
    assert fit(Capabilities(max_choices=4), n=4)[0].n == 4


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (Image("https://a.example/b.png"), "image"),
        (Audio("AA==", "wav"), "audio"),
        (File(file_id="file-1"), "file"),
        (Video("https://a.example/b.mp4"), "video"),
    ],
)
def test_a_part_that_the_model_does_not_take_is_refused_by_name(part: Part, kind: str) -> None:
    messages = (*HELLO.messages, Message("user", (Text("See:"), part)))
    with pytest.raises(InvalidRequest, match=f"some-model does not take {kind} input") as refused:
        fit(Capabilities(inputs=frozenset({"image", "audio", "file", "video"} - {kind})), messages=messages)
    assert (refused.value.param, refused.value.code) == ("messages[1].content[1].type", "unsupported_value")
    assert fit(Capabilities(inputs=frozenset({kind})), messages=messages)[1] == []
