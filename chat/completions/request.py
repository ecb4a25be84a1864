"""What is asked of a model, in the terms of OpenAI's Chat Completions request.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .reasoning import ReasoningState

Role = Literal["system", "developer", "user", "assistant", "tool"]


CacheControl = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """`cache_control` of a part is Anthropic's mark at the end of what is to be cached."""

    text: str
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """`url` is an http(s) address or a `data:` URL."""

    url: str
    detail: str | None = None
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """`data` is base64 without a `data:` prefix or an http(s) address, `format` is `wav` or `mp3`."""

    data: str
    format: str


@dataclass(frozen=True, slots=True)
class File:
    """Either `url` (http(s) or `data:`) or `file_id`, an id of the upstream's own file store."""

    filename: str | None = None
    url: str | None = None
    file_id: str | None = None
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """`fps` is how many frames of a second are looked at."""

    url: str
    fps: float | None = None


Part = Text | Image | Audio | File | Video


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is the JSON text that the model wrote, which need not be valid.

    `signature` is what some models sign a call with, and want back with it.
    """

    id: str
    name: str
    arguments: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    parts: tuple[Part, ...] = ()
    name: str | None = None
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    reasoning_state: ReasoningState | None = None

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Tool:
    """`parameters` is a JSON Schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] | None = None
    strict: bool | None = None
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request for an answer.

    `None` means "not asked for". `tool_choice` is `auto`, `none`, `required` or a `Tool` name prefixed by
    `function:`. `response_format` is OpenAI's object. `extra` carries fields that only one family knows;
    an adapter passes on those of its own family.
    """

    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    n: int = 1
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    parallel_tool_calls: bool | None = None
    response_format: Mapping[str, Any] | None = None
    reasoning_effort: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def preceded_by(self, instructions: str) -> "ChatRequest":
        """The request with instructions before those that it has.

        They are one message with these: not every server takes two.
        """
        if not instructions:
            return self
        match self.messages:
            case (Message(role="system" | "developer") as first, *others):
                both = replace(first, parts=_behind(instructions, first.parts))
                return replace(self, messages=(both, *others))
        return replace(self, messages=(Message("system", (Text(instructions),)), *self.messages))

    @property
    def forces_tools(self) -> bool:
        return bool(self.tools) and self.tool_choice not in (None, "auto", "none")


def _behind(instructions: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    match parts:
        case (Text(text) as first, *rest):
            return (replace(first, text=f"{instructions}\n\n{text}"), *rest)
    return (Text(instructions), *parts)
