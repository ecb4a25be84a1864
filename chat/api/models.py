from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase

from chat.completions import ModelNotFound
from chat.gateway import Payer
from chat.models import LanguageModel, Price, Prices, Route
from chat.models.price import MILLION, today

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
    found = payer.models.filter(**only).prefetch_related(routes)
    first = [(model, model.usable_routes[0]) for model in found]  # type: ignore[attr-defined]
    prices = Price.objects.of_routes([route for _, route in first], today())
    return [entry(model, route, prices[route.pk]) for model, route in first]


def entry(model: LanguageModel, route: Route, prices: Prices) -> dict[str, Any]:
    """OpenAI's four fields, and what the site knows besides; null is not known."""
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
        "pricing": pricing(prices),
    }


def pricing(prices: Prices) -> dict[str, Any] | None:
    """US dollars for one token, image or second, as strings: https://openrouter.ai/docs/api-reference/models"""
    if prices.base is None:
        return None
    long = [{"above": price.above, **figures(price)} for price in prices if price.above]
    return figures(prices.base) | ({"long_prompts": long} if long else {})


def figures(price: Price) -> dict[str, str]:
    tokens = {
        "prompt": price.input,
        "completion": price.output,
        "input_cache_read": price.cached_input,
        "input_cache_write": price.cache_write,
        "internal_reasoning": price.reasoning,
    }
    each = {"image": price.per_image, "second": price.per_second}
    known = {name: value / MILLION for name, value in tokens.items() if value is not None}
    known |= {name: value for name, value in each.items() if value is not None}
    return {name: f"{value.normalize():f}" for name, value in known.items()}
