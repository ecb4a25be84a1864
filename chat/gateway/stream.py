import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation

from chat.completions import Adjustment, ChatRequest, Chunk, CompletionError, GrowingChoice
from chat.models import recording
from chat.upstreams.recorder import sent_bodies

from . import ledger, reasoning, routing
from .call import Call
from .database import in_database_thread
from .failover import Asking, answered
from .journal import journal
from .payer import FindPayer, Payer
from .process import this_process
from .routing import Way
from .running import running
from .source import Source
from .tool_calls import ToolCalls

logger = logging.getLogger(__name__)

T = TypeVar("T")


async def open_stream(
    request: ChatRequest, payer: Payer | FindPayer, source: Source | None = None
) -> AsyncGenerator[Chunk, None]:
    """The answer to the request, from the first of the upstreams that the payer may use and that answers.

    A payer who still has to be found is looked up on the one visit to the database that a request may need.
    The answer is paid for however it ends. Raises what finding the payer raises, ModelNotFound, NoUpstream,
    RateLimited, BudgetExceeded, and what the upstream's adapter raises; closing it closes the upstream.
    """
    call = Call(request, source or Source())
    try:
        ways = await _prepared(call, request, payer)
        running.add(call)
        sent_bodies.set(call.sent)
        async with aclosing(_read(call, ways)) as chunks:
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
        if call.has_payer:
            await journal.close(call)


async def _prepared(call: Call, request: ChatRequest, payer: Payer | FindPayer) -> Sequence[Way]:
    """At once where all of it is known from a moment ago; where the database has to be asked, in its thread."""
    with suppress(SynchronousOnlyOperation):
        return _prepare(call, request, payer)
    call.begin_again()
    return await _seen_through(in_database_thread(_prepare, call, request, payer))


async def _seen_through(work: Coroutine[Any, Any, T]) -> T:
    """To its end, also when the asker leaves: what a thread sets aside meanwhile has to be known to be settled."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        task.exception()
        raise


def _prepare(call: Call, request: ChatRequest, payer: Payer | FindPayer) -> Sequence[Way]:
    """The ways to an answer that the asker can pay for."""
    call.payer = payer if isinstance(payer, Payer) else payer()
    ways = routing.ways(request, call.payer)
    call.go(ways[0])
    if recording.wanted(call.payer.user.pk, call.payer.key_id, ways[0].route.model_id):
        call.record_bodies()
    return ledger.reserve(call, ways) if call.payer.is_limited else ways


async def _read(call: Call, ways: Sequence[Way]) -> AsyncGenerator[Chunk, None]:
    """What is said, checked; with what has to be kept of it kept."""
    if call.limits or call.adjustments:
        yield Chunk(limits=call.limits, adjustments=call.adjustments or None)
    asking, answer, calls = Asking(), GrowingChoice(), ToolCalls()
    call.is_asked(asking)
    async with aclosing(answered(ways, asking)) as chunks:
        async for chunk in chunks:
            way = asking.way
            assert way is not None
            if chunk.adjustments is not None:
                _log(chunk.adjustments, way)
                chunk = chunk._replace(adjustments=call.adjustments + chunk.adjustments)
            if call.keeps_reasoning and way.adapter.keeps_reasoning and chunk.choice == 0:
                answer.add(chunk)
                if chunk.reasoning_state:
                    await sync_to_async(reasoning.keep)(way.request, call.payer, way.upstream, answer.whole())
            if chunk.tool_calls or chunk.finish_reason:
                calls.add(chunk)
            yield chunk
    calls.check()


def _log(adjustments: tuple[Adjustment, ...], way: Way) -> None:
    if adjustments:
        logger.info("Left out or adjusted for %s: %s", way, ", ".join(map(str, adjustments)))
