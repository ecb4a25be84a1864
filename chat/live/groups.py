"""Who is told what through the channel layer, within this process or across all of them."""

import logging
import time
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer

from chat.models import Conversation, Message

logger = logging.getLogger(__name__)


def watchers(conversation: Conversation) -> str:
    """The group of the sockets that show this conversation."""
    return f"conversation-{conversation.public_id}"


def writer(answer_id: str) -> str:
    """The group of the one process that writes this answer. `answer_id` is a public id."""
    return f"answer-{answer_id}"


def first_number() -> int:
    return time.time_ns() // 1_000_000


async def join(group: str, channel: str) -> None:
    try:
        await get_channel_layer().group_add(group, channel)
    except Exception as error:
        logger.warning("The channel layer did not take a member: %s", error)


async def leave(group: str, channel: str) -> None:
    try:
        await get_channel_layer().group_discard(group, channel)
    except Exception as error:
        logger.warning("The channel layer did not let a member go: %s", error)


async def tell(group: str, event: dict[str, Any]) -> None:
    """Send, and let the answer go on without its audience when the channel layer is away."""
    try:
        await get_channel_layer().group_send(group, event)
    except Exception as error:
        # Each layer has errors of its own. What was not told is in the database, and the next whole
        # message brings it to the page.
        logger.warning("The channel layer did not take a message: %s", error)


async def tell_one(channel: str, event: dict[str, Any]) -> None:
    try:
        await get_channel_layer().send(channel, event)
    except ChannelFull:
        logger.info("A tab reads too slowly for the answer that it asked for; it will ask again")
    except Exception as error:
        logger.warning("The channel layer did not take a message: %s", error)


async def ask_for_whole(answer_id: str, channel: str) -> None:
    """Have whoever writes this answer send the whole of it to one tab."""
    await tell(writer(answer_id), {"type": "show_whole", "answer": answer_id, "channel": channel})


def frame(
    answer: Message,
    number: int,
    html: str,
    *,
    whole: bool = False,
    is_end: bool = False,
    is_turn: bool = False,
    after: str | None = None,
) -> dict[str, Any]:
    """The event of one frame.

    It is for the tabs whose branch ends with the answer, or with the message that its turn comes `after`, by its
    public id, which is empty for a first turn. The one that `is_turn` brings the question too.

    A frame that is not `whole` fits only to the one numbered before it; from the one that `is_end` on, the
    answer is in the database and nobody writes it. Numbers begin at the time in milliseconds, so that those of
    a later run of the same answer are higher.
    """
    return {
        "type": "frame",
        "answer": answer.public_id,
        "number": number,
        "whole": whole,
        "is_end": is_end,
        "is_turn": is_turn,
        "after": after,
        "html": html,
    }


def branched(parent: str) -> dict[str, Any]:
    """The event that other messages than before can follow the one with this public id."""
    return {"type": "branched", "parent": parent}
