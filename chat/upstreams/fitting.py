"""A request made fit for a model: without what asks for nothing, and without what the model does not take."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chat.completions import Adjustment, Audio, ChatRequest, File, Image, InvalidRequest, Part, Video

from .capabilities import Capabilities

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# What these values ask for is what happens without them. Some models refuse the field all the same.
_NEUTRAL: Mapping[str, Any] = {
    "temperature": 1,
    "top_p": 1,
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logit_bias": {},
    "logprobs": False,
    "top_logprobs": 0,
    "response_format": {"type": "text"},
}
_PENALTIES = ("presence_penalty", "frequency_penalty")
_SAMPLING = ("temperature", "top_p", "top_k", *_PENALTIES, "logit_bias", "logprobs", "top_logprobs")
_KINDS: Mapping[type[Part], str] = {Image: "image", Audio: "audio", File: "file", Video: "video"}


def kind_of(part: Part) -> str:
    """`text`, `image`, `audio`, `file` or `video`."""
    return _KINDS.get(type(part), "text")


def fitted(
    request: ChatRequest, can: Capabilities, known: frozenset[str] | None = None
) -> tuple[ChatRequest, tuple[Adjustment, ...]]:
    """The request as the model takes it, and what had to be changed for that.

    `known` are the further fields that the family has a word for; `None` is any. Raises `InvalidRequest` for what
    cannot be left out without changing what was asked.
    """
    _refuse_parts(request, can)
    _refuse_choices(request, can)
    fitting = _Fitting(without_neutral(request))
    fitting.drop_unknown(known)
    fitting.clamp_effort(can)
    fitting.drop_sampling(can)
    fitting.loosen_tools(can)
    fitting.drop_asides(can)
    fitting.bound(can)
    return fitting.request, tuple(fitting.adjustments)


def without_neutral(request: ChatRequest) -> ChatRequest:
    extra = {name: value for name, value in request.extra.items() if not _is_neutral(name, value)}
    asked = {
        name: None
        for name in ("temperature", "top_p", "response_format")
        if _is_neutral(name, getattr(request, name))
    }
    tools = {} if request.tools else {"tool_choice": None, "parallel_tool_calls": None}
    stop = tuple(filter(None, request.stop))
    return replace(request, extra=extra, stop=stop, **asked, **tools)  # type: ignore[arg-type]


def _is_neutral(name: str, value: Any) -> bool:
    return value is None or (name in _NEUTRAL and value == _NEUTRAL[name])


def _refuse_parts(request: ChatRequest, can: Capabilities) -> None:
    for at, message in enumerate(request.messages):
        for place, part in enumerate(message.parts):
            kind = kind_of(part)
            if kind != "text" and kind not in can.inputs:
                raise InvalidRequest(
                    f"{request.model} does not take {kind} input. Leave it out, or choose another model.",
                    param=f"messages[{at}].content[{place}].type",
                    code="unsupported_value",
                )


def _refuse_choices(request: ChatRequest, can: Capabilities) -> None:
    if request.n > can.max_choices:
        raise InvalidRequest(
            f"{request.model} writes at most {can.max_choices} answer{'s' * (can.max_choices > 1)} at once.",
            param="n",
            code="unsupported_value",
        )


class _Fitting:
    def __init__(self, request: ChatRequest) -> None:
        self.request = request
        self.adjustments: list[Adjustment] = []

    def drop_unknown(self, known: frozenset[str] | None) -> None:
        if known is not None:
            self._drop(*(name for name in self.request.extra if name not in known))

    def clamp_effort(self, can: Capabilities) -> None:
        effort = self.request.reasoning_effort
        if effort is None or can.efforts is None or effort in can.efforts:
            return
        if effort == "none" and can.reasoning == "off":
            self.request = replace(self.request, reasoning_effort=None)
            return
        nearest = min(can.efforts, key=lambda known: _distance(known, effort), default=None)
        self._set("reasoning_effort", nearest, nearest)

    def drop_sampling(self, can: Capabilities) -> None:
        reasons = can.reasons(self.request.reasoning_effort)
        if can.sampling == "never" or (can.sampling == "without reasoning" and reasons):
            self._drop(*_SAMPLING)
        elif can.one_sampling and self.request.temperature is not None:
            self._drop("top_p")
        if not can.penalties:
            self._drop(*_PENALTIES)
        if not can.seeds:
            self._drop("seed")

    def loosen_tools(self, can: Capabilities) -> None:
        if can.strict_tools or all(tool.strict is None for tool in self.request.tools):
            return
        was_strict = any(tool.strict for tool in self.request.tools)
        loose = tuple(replace(tool, strict=None) for tool in self.request.tools)
        self.request = replace(self.request, tools=loose)
        if was_strict:
            self.adjustments.append(Adjustment("tools.strict"))

    def drop_asides(self, can: Capabilities) -> None:
        messages = self.request.messages
        if not can.names and any(message.name for message in messages):
            self.request = replace(
                self.request, messages=tuple(replace(each, name=None) for each in messages)
            )
            self.adjustments.append(Adjustment("messages.name"))
        if not can.details and any(_is_to_look_closely(part) for each in messages for part in each.parts):
            self.adjustments.append(Adjustment("image_url.detail"))

    def bound(self, can: Capabilities) -> None:
        request = self.request
        if request.temperature is not None and request.temperature > can.max_temperature:
            self._set("temperature", can.max_temperature, f"{can.max_temperature:g}")
        if request.top_p is not None and request.top_p < can.min_top_p:
            self._set("top_p", can.min_top_p, f"{can.min_top_p:g}")
        if not can.max_stops and request.stop:
            self._set("stop", (), None)
        elif len(request.stop) > can.max_stops:
            self._set("stop", request.stop[: can.max_stops], f"the first {can.max_stops}")
        if can.max_output and (request.max_output_tokens or 0) > can.max_output:
            self._set("max_output_tokens", can.max_output, str(can.max_output), param="max_completion_tokens")

    def _drop(self, *names: str) -> None:
        further = self.request.extra.keys() & set(names)
        if further:
            rest = {name: value for name, value in self.request.extra.items() if name not in further}
            self.request = replace(self.request, extra=rest)
        for name in names:
            if name in further:
                self.adjustments.append(Adjustment(name))
            elif getattr(self.request, name, None) is not None:
                self._set(name, None, None)

    def _set(self, field: str, value: Any, reported: str | None, *, param: str = "") -> None:
        self.request = replace(self.request, **{field: value})
        self.adjustments.append(Adjustment(param or field, reported))


def _is_to_look_closely(part: Part) -> bool:
    """Or not so closely: as it likes is what it does anyway."""
    return isinstance(part, Image) and part.detail not in (None, "auto")


def _distance(known: str, wanted: str) -> tuple[int, int]:
    """The higher of two that are equally near is nearer to what was meant."""
    steps = EFFORTS.index(known) - (EFFORTS.index(wanted) if wanted in EFFORTS else EFFORTS.index("medium"))
    return abs(steps), -steps
