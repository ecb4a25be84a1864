"""Whether a body is one that OpenAI's own SDK could have sent: its types are made from the API's description.

    check(body, CompletionCreateParamsStreaming)

raises for a wrong type or value, for what is missing, and for a field that the API does not have.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import TypeAdapter

Chat = CompletionCreateParamsStreaming
Responses = ResponseCreateParamsStreaming


def check(body: Mapping[str, Any], kind: Any) -> None:
    """Validation drops what the types do not name, so what it leaves must be all there was."""
    assert _plain(_adapter(kind).validate_python(body)) == body


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _plain(value: Any) -> Any:
    """Pydantic validates the items of an Iterable only when they are taken."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value
