"""The request of `POST /v1/chat/completions` as it comes over the wire.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, ValidationError

from chat.completions import Adjustment, ChatRequest, InvalidRequest, Tool

from .invalid import invalid
from .messages import AnyMessage, check_tool_turns
from .parts import Cached, Wire


class Function(Cached):
    name: str = Field(min_length=1, max_length=128)
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(Cached):
    type: Literal["function"]
    function: Function

    def tool(self) -> Tool:
        function = self.function
        mark = self.cache_control or function.cache_control
        return Tool(function.name, function.description or "", function.parameters, function.strict, mark)


class NamedFunction(Wire):
    name: str


class NamedTool(Wire):
    type: Literal["function"]
    function: NamedFunction


def in_named_tool(choice: Any) -> Any:
    return {"type": choice} if isinstance(choice, str) else choice


class ToolMode(Wire):
    type: Literal["auto", "none", "required"]


class Allowed(Wire):
    mode: Literal["auto", "required"]
    tools: list[NamedTool] = Field(min_length=1)


class AllowedTools(Wire):
    type: Literal["allowed_tools"]
    allowed_tools: Allowed


ToolChoice = Annotated[
    ToolMode | NamedTool | AllowedTools, Discriminator("type"), BeforeValidator(in_named_tool)
]


class JsonSchema(Wire):
    model_config = ConfigDict(strict=True, extra="allow", serialize_by_alias=True)

    name: str = Field(min_length=1)
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    description: str | None = None
    strict: bool | None = None


class TextFormat(Wire):
    type: Literal["text"]


class JsonObjectFormat(Wire):
    type: Literal["json_object"]


class JsonSchemaFormat(Wire):
    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Discriminator("type")]


class StreamOptions(Wire):
    include_usage: bool | None = None


def in_tuple(stop: Any) -> Any:
    return [stop] if isinstance(stop, str) else stop


class CompletionRequest(Wire):
    """Fields that are not named here are passed on to the providers that know them."""

    model_config = ConfigDict(strict=True, extra="allow")

    model: str = Field(min_length=1)
    messages: list[AnyMessage] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop: Annotated[list[str] | None, BeforeValidator(in_tuple)] = None
    seed: int | None = None
    n: int | None = Field(default=None, ge=1, le=128)
    tools: list[FunctionTool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Raises InvalidRequest, which names the field."""
        sent = parsed(body)
        for name in ("functions", "function_call"):
            if sent.get(name) is not None:
                raise InvalidRequest(
                    f"'{name}' is no longer supported. Use 'tools' and 'tool_choice' instead.",
                    param=name,
                    code="unsupported_parameter",
                )
        try:
            return cls.model_validate(sent)
        except ValidationError as error:
            raise invalid(error, sent) from error

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def dropped(self) -> tuple[Adjustment, ...]:
        """What messages have besides the fields that are known; what is empty asks for nothing."""
        unknown = (message.model_extra or {} for message in self.messages)
        names = dict.fromkeys(name for fields in unknown for name, value in fields.items() if value)
        return tuple(Adjustment(f"messages.{name}") for name in names)

    def chat_request(self) -> ChatRequest:
        messages = tuple(message.message(self.model) for message in self.messages)
        check_tool_turns(messages)
        return ChatRequest(
            model=self.model,
            messages=messages,
            max_output_tokens=self.max_completion_tokens or self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            stop=tuple(self.stop or ()),
            seed=self.seed,
            n=self.n or 1,
            tools=self._tools(),
            tool_choice=self._tool_choice(),
            parallel_tool_calls=self.parallel_tool_calls,
            response_format=self._response_format(),
            reasoning_effort=self.reasoning_effort,
            extra=dict(self.model_extra or {}),
        )

    def _tools(self) -> tuple[Tool, ...]:
        """No other tools are offered than are allowed: not every provider can be told so otherwise."""
        tools = tuple(tool.tool() for tool in self.tools or ())
        if not isinstance(self.tool_choice, AllowedTools):
            return tools
        allowed = {
            self._known(each, f"tool_choice.allowed_tools.tools[{at}]")
            for at, each in enumerate(self.tool_choice.allowed_tools.tools)
        }
        return tuple(tool for tool in tools if tool.name in allowed)

    def _tool_choice(self) -> str | None:
        match self.tool_choice:
            case NamedTool():
                return f"function:{self._known(self.tool_choice, 'tool_choice')}"
            case AllowedTools():
                return self.tool_choice.allowed_tools.mode
        return self.tool_choice.type if self.tool_choice else None

    def _known(self, named: NamedTool, where: str) -> str:
        name = named.function.name
        if name not in (tool.function.name for tool in self.tools or ()):
            raise InvalidRequest(
                f"Tool choice '{name}' is not among 'tools'.",
                param=f"{where}.function.name",
                code="invalid_value",
            )
        return name

    def _response_format(self) -> dict[str, Any] | None:
        return self.response_format.model_dump(exclude_none=True) if self.response_format else None


def parsed(body: bytes) -> dict[str, Any]:
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"We could not parse the JSON body of your request: {error}.", code="invalid_json"
        ) from error
    if not isinstance(sent, dict):
        raise InvalidRequest("The body of the request must be a JSON object.", code="invalid_type")
    return sent
