import asyncio
import logging

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

PATIENCE = 3.0


async def channel_layer_answers() -> bool:
    """Whether a message sent through the channel layer arrives, within three seconds."""
    try:
        return await asyncio.wait_for(_send_to_oneself(), PATIENCE)
    except Exception as error:  # each layer has errors of its own
        logger.warning("The channel layer does not answer: %r", error)
        return False


async def _send_to_oneself() -> bool:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "ready"})
    message = await layer.receive(channel)
    return bool(message["type"] == "ready")
