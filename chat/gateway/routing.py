"""The ways to an answer: the routes of a model that are on, in the order in which to ask them."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, replace

from chat import upstreams
from chat.completions import ChatRequest, Chunk, ModelNotFound, NoUpstream, UpstreamAuthFailed
from chat.models import LanguageModel, Route, Upstream

from . import reasoning
from .payer import Payer


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A route, and the request as its upstream is asked it: with the reasoning that its model wrote itself."""

    route: Route
    adapter: upstreams.Upstream
    request: ChatRequest

    def __str__(self) -> str:
        return f"{self.request.model} at {self.upstream}"

    @property
    def upstream(self) -> Upstream:
        return self.route.upstream

    @property
    def most_output(self) -> int | None:
        return self.adapter.capabilities(self.request.model).max_output

    def within(self, max_output_tokens: int) -> Way:
        """The same with a shorter answer."""
        return replace(self, request=replace(self.request, max_output_tokens=max_output_tokens))

    def stream(self) -> AsyncGenerator[Chunk, None]:
        return self.adapter.stream(self.request)


def ways(request: ChatRequest, payer: Payer) -> list[Way]:
    """At least one. Raises ModelNotFound, NoUpstream, and UpstreamAuthFailed where no stored key can be read."""
    adapters = _connected(usable_routes(request.model, payer))
    # Before anything is looked up by what was said: kept reasoning is known by that too.
    request = next(iter(adapters)).model.with_preamble(request)
    kept = reasoning.Kept()
    if any(adapter.may_have_kept(request.messages) for adapter in adapters.values()):
        kept = reasoning.kept(request, payer)

    def way(route: Route) -> Way:
        adapter = adapters[route]
        own = kept.restored(request, route.upstream) if adapter.keeps_reasoning else request
        return Way(route, adapter, own)

    return [way(route) for route in in_order(adapters, kept.writer)]


def usable_routes(model_id: str, payer: Payer) -> list[Route]:
    if not model_id.isprintable():
        raise ModelNotFound("No model has such a name.", param="model")
    routes = Route.objects.to(model_id)
    if routes and payer.may_ask(routes[0].model):
        return routes
    known = LanguageModel.objects.open_to(payer.user).filter(model_id=model_id, enabled=True)
    if not routes and payer.key is None and known.exists():
        raise NoUpstream(f"No upstream for {model_id} is on. An administrator can change that.")
    raise ModelNotFound(f"The model {model_id} does not exist, or is not available to you.", param="model")


def in_order(routes: Iterable[Route], writer: int | None = None) -> list[Route]:
    """First the upstream that wrote the reasoning, then by priority; equal ones as often first as their weight."""

    def rank(route: Route) -> tuple[bool, int, float]:
        # The least of such numbers is that of one route as often as its weight is a part of all weights.
        drawn = random.expovariate(max(route.weight, 1))
        return route.upstream_id != writer, route.priority, drawn

    return sorted(routes, key=rank)


def _connected(routes: list[Route]) -> dict[Route, upstreams.Upstream]:
    """Without those whose stored key cannot be read, as long as there are others."""
    adapters = {}
    unreadable = None
    for route in routes:
        try:
            adapters[route] = route.upstream.connect(model=route.model)
        except UpstreamAuthFailed as error:
            unreadable = error
    if unreadable and not adapters:
        raise unreadable
    return adapters
