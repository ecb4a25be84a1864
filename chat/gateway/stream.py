import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async

from chat import upstreams
from chat.completions import ChatRequest, Chunk, GrowingChoice, ModelNotFound, NoUpstream
from chat.models import LanguageModel, Route, Upstream

from . import reasoning
from .payer import Payer
from .tool_calls import ToolCalls

logger = logging.getLogger(__name__)


async def open_stream(request: ChatRequest, payer: Payer) -> AsyncGenerator[Chunk, None]:
    """The answer to the request, from an upstream that the payer may use.

    Raises ModelNotFound, NoUpstream, and what the upstream's adapter raises; closing it closes the upstream.
    """
    upstream, adapter, request = await sync_to_async(_prepare)(request, payer)
    answer, calls = GrowingChoice(), ToolCalls()
    async with aclosing(adapter.stream(request)) as chunks:
        async for chunk in chunks:
            if chunk.adjustments:
                changed = ", ".join(map(str, chunk.adjustments))
                logger.info("Left out or adjusted for %s at %s: %s", request.model, upstream, changed)
            if adapter.keeps_reasoning and chunk.choice == 0:
                answer.add(chunk)
                if chunk.reasoning_state:
                    await sync_to_async(reasoning.keep)(request, payer, upstream, answer.whole())
            if chunk.tool_calls or chunk.finish_reason:
                calls.add(chunk)
            yield chunk
    calls.check()


def choose_route(model_id: str, payer: Payer) -> Route:
    """With its upstream and its model. On the way of every request: plain queries, which Django builds quickly."""
    if not model_id.isprintable():
        raise ModelNotFound("No model has such a name.", param="model")
    routes = Route.objects.usable().filter(model__model_id=model_id, model__enabled=True)
    route = routes.select_related("upstream", "model").first()
    if route and payer.may_ask(route.model):
        return route
    known = LanguageModel.objects.open_to(payer.user).filter(model_id=model_id, enabled=True)
    if route is None and payer.key is None and known.exists():
        raise NoUpstream(f"No upstream for {model_id} is on. An administrator can change that.")
    raise ModelNotFound(f"The model {model_id} does not exist, or is not available to you.", param="model")


def _prepare(request: ChatRequest, payer: Payer) -> tuple[Upstream, upstreams.Upstream, ChatRequest]:
    route = choose_route(request.model, payer)
    upstream, request = route.upstream, route.model.with_preamble(request)
    adapter = upstream.connect(model=route.model)
    return (
        upstream,
        adapter,
        reasoning.restored(request, payer, upstream) if adapter.keeps_reasoning else request,
    )
