import asyncio
import logging

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

ATTEMPTS = 3
PATIENCE = 1.0


async def channel_layer_answers() -> bool:
    """Whether one of three messages sent through the channel layer arrives, each within a second.

    A layer promises to deliver at most once, so that one lost message says nothing.
    """
    try:
        for _ in range(ATTEMPTS):
            if await _arrives():
                return True
    except Exception as error:  # each layer has errors of its own
        logger.warning("The channel layer does not answer: %r", error)
        return False
    logger.warning("The channel layer lost %d messages", ATTEMPTS)
    return False


async def _arrives() -> bool:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    try:
        await asyncio.wait_for(layer.send(channel, {"type": "ready"}), PATIENCE)
        await asyncio.wait_for(layer.receive(channel), PATIENCE)
    except TimeoutError:
        return False
    return True
