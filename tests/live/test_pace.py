import asyncio
import time

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from chat.live import groups
from tests.live.tab import Tab


async def test_a_frame_does_not_wait_for_who_uses_the_database(conversation):
    answer = await conversation.messages.acreate(role="assistant")
    async with Tab.of(conversation) as tab:
        await tab.catch_up(answer.public_id)
        await tab.receive()
        busy = asyncio.create_task(database_sync_to_async(time.sleep)(1))
        began = time.monotonic()
        frame = groups.frame(answer, 1, "<p>Now</p>", whole=True)
        await groups.tell(groups.watchers(conversation), frame)
        await tab.until("Now")
        assert time.monotonic() - began < 0.5
        await busy


async def test_a_message_that_nobody_took_in_time_is_thrown_away(monkeypatch):
    layer = get_channel_layer()
    monkeypatch.setattr(layer, "expiry", 0)
    await layer.send("nobody!here", {"type": "frame"})
    await asyncio.sleep(1.1)
    await layer.group_send("everybody", {"type": "frame"})
    assert not layer.channels
