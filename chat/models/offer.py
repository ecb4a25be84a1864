"""Which settings and files a model takes, so that nothing else is offered for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.upstreams.capabilities import Capabilities

if TYPE_CHECKING:
    from .language_model import LanguageModel

# A server about which nothing is known knows these, if any.
USUAL_EFFORTS = ("low", "medium", "high")
FILES = frozenset({"image", "audio", "file", "video"})


@dataclass(frozen=True, slots=True)
class Offer:
    """`settings` are the names of those that mean something to it; a bound is the model's own."""

    settings: frozenset[str]
    inputs: frozenset[str] = FILES
    efforts: tuple[str, ...] = ()
    max_temperature: float = 2
    min_top_p: float = 0
    max_output: int | None = None

    @classmethod
    def of(cls, model: LanguageModel | None) -> Offer:
        """What it takes on the way that is asked first; everything where there is no model yet."""
        if model is None:
            return ANY
        if model.is_sample:
            return SAMPLE
        route = next(iter(model.routes.usable().select_related("upstream")), None)
        return _of(route.upstream.capabilities_of(model)) if route else ANY


def _of(can: Capabilities) -> Offer:
    efforts = USUAL_EFFORTS if can.efforts is None else can.efforts
    samples = can.sampling == "always" or (can.sampling == "without reasoning" and can.can_answer_at_once)
    settings = {
        "system_prompt": True,
        "temperature": samples,
        "top_p": samples,
        "max_output_tokens": True,
        "reasoning_effort": bool(efforts),
        "json_output": can.json_object != "never",
    }
    return Offer(
        settings=frozenset(name for name, is_taken in settings.items() if is_taken),
        inputs=can.inputs,
        efforts=efforts,
        max_temperature=can.max_temperature,
        min_top_p=can.min_top_p,
        max_output=can.max_output,
    )


ANY = _of(Capabilities())
SAMPLE = Offer(settings=frozenset())
