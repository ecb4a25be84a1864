"""The OpenAPI document of this API, made of the same classes that read its requests.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from pydantic.json_schema import models_json_schema

from .endpoint import endpoint
from .json import json_response
from .schema import CompletionRequest

REF = "#/components/schemas/{model}"
ERRORS = {
    "400": "The request is not valid; `param` names the field.",
    "401": "No key, or one that opens nothing.",
    "403": "The key may not be used from this IP address.",
    "404": "No such model, or none that the key may use.",
    "413": "The request is too large.",
    "429": "Too many requests; `retry-after` says for how long.",
    "502": "The provider failed, or the way to it.",
    "503": "No provider can answer just now.",
    "504": "The provider took too long.",
}


@endpoint("GET")
async def document(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    return json_response(openapi())


@cache
def openapi() -> dict[str, Any]:
    _, schemas = models_json_schema([(CompletionRequest, "validation")], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.SITE_NAME} API", "version": "1"},
        "servers": [{"url": "/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/chat/completions": {"post": _completion()},
            "/models": {"get": _listing()},
            "/models/{model}": {"get": _entry()},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas["$defs"], **_ANSWERS},
        },
    }


def _completion() -> dict[str, Any]:
    content = {
        "application/json": {"schema": _ref("Completion")},
        "text/event-stream": {
            "schema": {"type": "string", "description": "`data: ` and a chunk, then [DONE]"}
        },
    }
    return {
        "operationId": "createChatCompletion",
        "summary": "An answer to a conversation, streamed with `stream: true` or whole.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("CompletionRequest")}},
        },
        "responses": {"200": {"description": "The answer.", "content": content}, **_failures(*ERRORS)},
    }


def _listing() -> dict[str, Any]:
    answer = {"description": "The models of the key.", "content": _json(_ref("ModelList"))}
    return {
        "operationId": "listModels",
        "summary": "The models that the key may use.",
        "responses": {"200": answer, **_failures("401", "403")},
    }


def _entry() -> dict[str, Any]:
    where = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    answer = {"description": "The model.", "content": _json(_ref("Model"))}
    return {
        "operationId": "retrieveModel",
        "summary": "One model; its id may hold slashes.",
        "parameters": [where],
        "responses": {"200": answer, **_failures("401", "403", "404")},
    }


def _failures(*statuses: str) -> dict[str, Any]:
    return {status: {"description": ERRORS[status], "content": _json(_ref("Error"))} for status in statuses}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": REF.format(model=name)}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": required | optional}


_STRING, _INTEGER = {"type": "string"}, {"type": "integer"}
_MAYBE_STRING, _MAYBE_INTEGER = {"type": ["string", "null"]}, {"type": ["integer", "null"]}
_OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_CALL = _object({"id": _STRING, "type": {"const": "function"}, "function": {"type": "object"}})
_MESSAGE = _object(
    {"role": {"const": "assistant"}, "content": _MAYBE_STRING, "refusal": _MAYBE_STRING},
    reasoning_content=_STRING,
    thinking_blocks=_OBJECTS | {"description": "Claude's reasoning, to be sent back with the message."},
    reasoning_details=_OBJECTS | {"description": "OpenAI's, likewise."},
    tool_calls={"type": "array", "items": _CALL},
    annotations=_OBJECTS | {"description": "The sources of the answer."},
    audio={"type": "object"},
    images=_OBJECTS,
)
_CHOICE = _object(
    {
        "index": _INTEGER,
        "message": _MESSAGE,
        "finish_reason": {"enum": ["stop", "length", "tool_calls", "content_filter"]},
    },
    logprobs={"type": ["object", "null"]},
)
_FIGURES = dict.fromkeys(
    ("input_cache_read", "input_cache_write", "internal_reasoning", "image", "second"), _STRING
)
_ANSWERS: dict[str, Any] = {
    "Completion": _object(
        {
            "id": _STRING,
            "object": {"const": "chat.completion"},
            "created": _INTEGER,
            "model": _STRING,
            "choices": {"type": "array", "items": _CHOICE},
            "usage": {"anyOf": [_ref("Usage"), {"type": "null"}]},
        }
    ),
    "Usage": _object(
        {"prompt_tokens": _INTEGER, "completion_tokens": _INTEGER, "total_tokens": _INTEGER},
        prompt_tokens_details={"type": "object"},
        completion_tokens_details={"type": "object"},
    ),
    "Model": _object(
        {"id": _STRING, "object": {"const": "model"}, "created": _INTEGER, "owned_by": _STRING},
        name=_STRING,
        description=_MAYBE_STRING,
        context_length=_MAYBE_INTEGER,
        input_modalities={"type": ["array", "null"], "items": _STRING},
        output_modalities={"type": "array", "items": _STRING},
        pricing={"anyOf": [_ref("Pricing"), {"type": "null"}], "description": "Null where it is not known."},
    ),
    "Pricing": _object(
        {"prompt": _STRING, "completion": _STRING},
        **_FIGURES,
        long_prompts={
            "type": "array",
            "description": "What holds instead for a prompt of more than so many tokens.",
            "items": _object({"above": _INTEGER, "prompt": _STRING, "completion": _STRING}, **_FIGURES),
        },
    )
    | {
        "description": "US dollars for one token, image or second; what is missing costs as the rest of its side."
    },
    "ModelList": _object({"object": {"const": "list"}, "data": {"type": "array", "items": _ref("Model")}}),
    "Error": _object(
        {
            "error": _object(
                {"message": _STRING, "type": _STRING, "param": _MAYBE_STRING, "code": _MAYBE_STRING}
            )
        }
    ),
}
