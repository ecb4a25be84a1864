import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async

from chat.completions import ChatRequest, Chunk, GrowingChoice

from . import reasoning, routing
from .failover import Asking, answered
from .payer import Payer
from .tool_calls import ToolCalls

logger = logging.getLogger(__name__)


async def open_stream(request: ChatRequest, payer: Payer) -> AsyncGenerator[Chunk, None]:
    """The answer to the request, from the first of the upstreams that the payer may use and that answers.

    Raises ModelNotFound, NoUpstream, and what the upstream's adapter raises; closing it closes the upstream.
    """
    ways = await sync_to_async(routing.ways)(request, payer)
    asking, answer, calls = Asking(), GrowingChoice(), ToolCalls()
    async with aclosing(answered(ways, asking)) as chunks:
        async for chunk in chunks:
            way = asking.way
            assert way is not None
            if chunk.adjustments:
                changed = ", ".join(map(str, chunk.adjustments))
                logger.info("Left out or adjusted for %s: %s", way, changed)
            if way.adapter.keeps_reasoning and chunk.choice == 0:
                answer.add(chunk)
                if chunk.reasoning_state:
                    await sync_to_async(reasoning.keep)(way.request, payer, way.upstream, answer.whole())
            if chunk.tool_calls or chunk.finish_reason:
                calls.add(chunk)
            yield chunk
    calls.check()
