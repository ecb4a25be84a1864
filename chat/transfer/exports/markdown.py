"""The branch that was used last, as text to read, keep and search."""

from collections.abc import Iterator

from chat.models import Conversation, Message
from chat.models.attachment import fenced

from .branch import messages_of

MEDIA_TYPE = "text/markdown; charset=utf-8"
EXTENSION = "md"


def pieces(conversation: Conversation) -> Iterator[bytes]:
    yield f"# {conversation.title}\n\n{conversation.created_at:%Y-%m-%d %H:%M} UTC\n".encode()
    for message in messages_of(conversation):
        yield _message(message).encode()


def _message(message: Message) -> str:
    who = "You" if message.role == "user" else message.model_name or "Answer"
    parts = [f"\n## {who}\n"]
    parts += [f"*Attached: {part['name']}*\n" for part in message.attached]
    if message.reasoning:
        parts.append(f"<details><summary>Thought</summary>\n\n{message.reasoning}\n\n</details>\n")
    if message.said:
        parts.append(f"{message.said}\n")
    parts += [f"Asked {call['name']}:\n\n{fenced(call['arguments'])}\n" for call in message.tool_calls]
    if message.status not in {"complete", "streaming"}:
        parts.append(f"*({message.get_status_display()})*\n")
    return "\n".join(parts)
