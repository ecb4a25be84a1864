import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async

from chat import upstreams
from chat.completions import ChatRequest, Chunk, CompletionError, GrowingChoice, ModelNotFound, NoUpstream
from chat.models import LanguageModel, Route

from . import ledger, reasoning
from .call import Call
from .journal import journal
from .payer import Payer
from .process import this_process
from .running import running
from .source import Source
from .tool_calls import ToolCalls

logger = logging.getLogger(__name__)


async def open_stream(
    request: ChatRequest, payer: Payer, source: Source | None = None
) -> AsyncGenerator[Chunk, None]:
    """The answer to the request, from an upstream that the payer may use; it is paid for however it ends.

    Raises ModelNotFound, NoUpstream, RateLimited, BudgetExceeded, and what the upstream's adapter raises; closing
    it closes the upstream.
    """
    call = Call(request, payer, source or Source())
    try:
        adapter = await sync_to_async(_prepare)(call)
        running.add(call)
        async with aclosing(_answered(call, adapter)) as chunks:
            async for chunk in chunks:
                call.hear(chunk)
                yield chunk
        call.complete()
    except CompletionError as error:
        call.fail(error)
        raise
    except asyncio.CancelledError:
        if call.withdrawn is None:
            raise
        call.fail(call.withdrawn)
        running.uncancel()
        raise call.withdrawn from None
    except Exception:
        call.fail(CompletionError("Something went wrong on this site."))
        raise
    finally:
        running.remove(call)
        if call.is_running:
            call.interrupt() if this_process.is_draining else call.stop()
        await journal.close(call)


async def _answered(call: Call, adapter: upstreams.Upstream) -> AsyncGenerator[Chunk, None]:
    """What the adapter yields, checked, with what is kept of it kept."""
    request, upstream = call.request, call.upstream
    assert upstream is not None
    if call.limits or call.adjustments:
        yield Chunk(limits=call.limits, adjustments=call.adjustments)
    answer, calls = GrowingChoice(), ToolCalls()
    call.is_sent()
    async with aclosing(adapter.stream(request)) as chunks:
        async for chunk in chunks:
            if chunk.adjustments:
                changed = ", ".join(map(str, chunk.adjustments))
                logger.info("Left out or adjusted for %s at %s: %s", request.model, upstream, changed)
            if adapter.keeps_reasoning and chunk.choice == 0:
                answer.add(chunk)
                if chunk.reasoning_state:
                    await sync_to_async(reasoning.keep)(request, call.payer, upstream, answer.whole())
            if chunk.tool_calls or chunk.finish_reason:
                calls.add(chunk)
            yield chunk
    calls.check()


def choose_route(model_id: str, payer: Payer) -> Route:
    """On the way of every request: two plain queries, which Django also builds quickly."""
    if not model_id.isprintable():
        raise ModelNotFound("No model has such a name.", param="model")
    routes = Route.objects.usable().filter(model__model_id=model_id, model__enabled=True)
    route = routes.select_related("upstream", "model").first()
    if route and payer.may_ask(route.model_id):
        return route
    if payer.key is None and LanguageModel.objects.filter(model_id=model_id, enabled=True).exists():
        raise NoUpstream(f"No upstream for {model_id} is on. An administrator can change that.")
    raise ModelNotFound(f"The model {model_id} does not exist, or is not available to you.", param="model")


def _prepare(call: Call) -> upstreams.Upstream:
    route = choose_route(call.request.model, call.payer)
    call.go_to(route.model, route.upstream)
    adapter = route.upstream.connect()
    if adapter.keeps_reasoning:
        call.request = reasoning.restored(call.request, call.payer, route.upstream)
    if call.payer.is_limited:
        ledger.reserve(call, route.upstream.most_output(route.model.model_id))
    return adapter
