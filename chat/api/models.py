from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase

from chat.completions import ModelNotFound
from chat.gateway import Payer
from chat.models import LanguageModel, Route

from .auth import authenticated
from .endpoint import endpoint
from .json import json_response


@endpoint("GET")
async def index(request: HttpRequest) -> HttpResponseBase:
    """The models of the calling key: https://platform.openai.com/docs/api-reference/models/list"""
    payer = await authenticated(request)
    return json_response({"object": "list", "data": await sync_to_async(entries)(payer, is_hidden=False)})


@endpoint("GET")
async def show(request: HttpRequest, model_id: str) -> HttpResponseBase:
    payer = await authenticated(request)
    found = await sync_to_async(entries)(payer, model_id=model_id) if model_id.isprintable() else []
    if not found:
        raise ModelNotFound(
            f"The model '{model_id}' does not exist, or is not available to you.", param="model"
        )
    return json_response(found[0])


def entries(payer: Payer, **only: str | bool) -> list[dict[str, Any]]:
    routes = Prefetch("routes", Route.objects.usable().select_related("upstream"), to_attr="usable_routes")
    return [entry(model) for model in payer.models.filter(**only).prefetch_related(routes)]


def entry(model: LanguageModel) -> dict[str, Any]:
    """OpenAI's four fields, and what the site knows besides; null is not known."""
    route = model.usable_routes[0]  # type: ignore[attr-defined]
    return {
        "id": model.model_id,
        "object": "model",
        "created": int(model.created_at.timestamp()),
        "owned_by": route.upstream.name,
        "name": model.name,
        "description": model.description or None,
        "context_length": model.context_window,
        "input_modalities": route.upstream.input_modalities(model),
        "output_modalities": ["text"],
        "pricing": None,
    }
