from collections.abc import Iterator

from chat.models import Conversation, Message

FEW = 50


def messages_of(conversation: Conversation) -> Iterator[Message]:
    """Those of the branch that was used last, a few of them in memory at a time."""
    path = conversation.branch().path
    for start in range(0, len(path), FEW):
        keys = path[start : start + FEW]
        found = conversation.messages.select_related("model").in_bulk(keys)
        yield from (found[key] for key in keys if key in found)
