import asyncio
import logging
import uuid

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

ATTEMPTS = 3
PATIENCE = 1.0

# The channel of a loop is kept while it works: a layer over Redis keeps a subscription for each that there was.
_channels: dict[asyncio.AbstractEventLoop, str] = {}


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
    layer, channel, mark = get_channel_layer(), await _channel(), uuid.uuid4().hex
    try:
        async with asyncio.timeout(PATIENCE):
            await layer.send(channel, {"type": "ready", "mark": mark})
            while (await layer.receive(channel))["mark"] != mark:
                pass
    except TimeoutError:
        _channels.clear()
        return False
    return True


async def _channel() -> str:
    loop = asyncio.get_running_loop()
    if loop not in _channels:
        _channels.clear()
        _channels[loop] = await get_channel_layer().new_channel()
    return _channels[loop]
