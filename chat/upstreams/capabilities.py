"""What a model takes, as `capabilities.toml` says by the beginning of its name."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from chat.completions import Role

When = Literal["always", "without reasoning", "without tools", "never"]

_TABLE = Path(__file__).with_name("capabilities.toml")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The defaults are those of a server about which nothing is known: everything is passed on to it.

    inputs         kinds of part besides text that it reads: image, audio, file, video
    fetches        those of them that the provider downloads itself from an http(s) address
    longest_url    beyond which it does not download either
    details        it is told how closely to look at a picture
    names          it is told the name of who speaks
    sampling       when it takes temperature, top_p, penalties and logprobs
    one_sampling   it takes a temperature or a top_p and not both
    max_temperature, min_top_p, max_stops, max_choices, max_output (tokens)
    reasoning      whether it reasons when nothing is said about it: never or off, on, always
    efforts        the values of reasoning_effort that mean something to it, the lowest first; None is any
    thinking       how its API asks for reasoning; `budgets` are the tokens that an effort stands for there; without
                   any it takes no budget
    thinking_off   what asks its API for an answer without reasoning
    takes_effort   its API has a field for effort besides
    replays_reasoning  it wants the reasoning of its earlier messages back
    forced_tools   when tool_choice may be `required` or a function
    strict_tools   it takes the `strict` of a tool
    json_object, json_schema  when it has the response_format by itself
    json_word      it takes a json_object only if the messages speak of JSON
    responses      when it must be asked by OpenAI's Responses API: never, always, tools with reasoning
    responses_efforts  further efforts that mean something to it there
    instructions   the role under which it takes those of the system
    prefill        the last message may be the beginning of the answer
    late_instructions  system messages may stand between other messages
    """

    inputs: frozenset[str] = frozenset({"image", "audio", "file", "video"})
    fetches: frozenset[str] = frozenset({"image", "audio", "file", "video"})
    longest_url: int | None = None
    details: bool = True
    names: bool = True
    sampling: When = "always"
    one_sampling: bool = False
    penalties: bool = True
    seeds: bool = True
    max_temperature: float = 2
    min_top_p: float = 0
    max_stops: int = 64
    max_choices: int = 128
    max_output: int | None = None
    reasoning: Literal["off", "on", "always"] = "off"
    efforts: tuple[str, ...] | None = None
    thinking: str = ""
    thinking_off: str = "disabled"
    budgets: Mapping[str, int] = field(default_factory=dict)
    takes_effort: bool = False
    replays_reasoning: bool = False
    forced_tools: When = "always"
    strict_tools: bool = True
    json_object: When = "always"
    json_schema: When = "always"
    json_word: bool = False
    responses: Literal["never", "always", "tools with reasoning"] = "never"
    responses_efforts: tuple[str, ...] = ()
    instructions: Role = "system"
    prefill: bool = True
    late_instructions: bool = False

    def reasons(self, effort: str | None) -> bool:
        """Whether it reasons when it is asked with this effort, or with none."""
        if effort is None or self.efforts == ():
            return self.reasoning != "off"
        return effort != "none" or self.reasoning == "always"

    @property
    def can_answer_at_once(self) -> bool:
        """Whether its reasoning can be turned off."""
        return self.reasoning != "always" and (self.efforts is None or "none" in self.efforts)


@cache
def capabilities(family: str, model: str) -> Capabilities:
    """`model` is the upstream's own id; a vendor or `models/` before a slash, and `ft:`, do not count."""
    rows = _table().get(family, {})
    name = model.rpartition("/")[2].lower().removeprefix("ft:")
    said: dict[str, Any] = {}
    for prefix in sorted((prefix for prefix in rows if name.startswith(prefix)), key=len):
        said |= rows[prefix]
    return Capabilities(**{field: frozen(field, value) for field, value in said.items()})


def is_known(family: str) -> bool:
    """Whether the table says anything about its models."""
    return family in _table()


def frozen(name: str, value: Any) -> Any:
    """A value as JSON and TOML have it, as one of the field's."""
    if name in ("inputs", "fetches"):
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else value


@cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return tomllib.loads(_TABLE.read_text("utf-8"))
