"""Everything that there is of a conversation, as `FORMAT.md` describes it and `formats.own` reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from chat.models import Attachment, Conversation, Message
from chat.models.message import Status
from chat.transfer.formats.own import DATES, DETAILS, FORMAT, NAME, VERSION

MEDIA_TYPE = "application/json"
EXTENSION = "json"
PIECE = 64 * 1024
FEW = 100


@dataclass(frozen=True, slots=True)
class KeptFile:
    path: str
    attachment: Attachment

    def pieces(self) -> Iterator[bytes]:
        """Nothing for one that is gone from the disk."""
        try:
            with self.attachment.file.open("rb") as file:
                yield from iter(lambda: file.read(PIECE), b"")
        except FileNotFoundError:
            return


def pieces(conversations: Iterable[Conversation]) -> Iterator[bytes]:
    yield b'{"format":%b,"version":%d,"conversations":[' % (orjson.dumps(FORMAT), VERSION)
    for place, conversation in enumerate(conversations):
        yield b",\n" if place else b"\n"
        yield from _conversation(conversation)
    yield b"\n]}\n"


def files_of(conversation: Conversation) -> Iterator[KeptFile]:
    """Each once, also where several questions share it; none of those that only deleted questions have."""
    found = Attachment.objects.filter(message__conversation=conversation).select_related("message")
    kept = (attachment for attachment in found.order_by("pk") if _is_kept(attachment, conversation))
    for place, attachment in enumerate(kept, 1):
        yield KeptFile(f"files/{identity(conversation)}/{place}", attachment)


def _is_kept(attachment: Attachment, conversation: Conversation) -> bool:
    assert attachment.message is not None
    if not attachment.message.deleted_at:
        return True
    others = conversation.messages.filter(parent=attachment.message.parent_id)
    return any(attachment.public_id in each.attachment_ids for each in others)


def identity(conversation: Conversation) -> str:
    """The same for a conversation here and where it was imported again."""
    source, _, key = (conversation.source_id or "").partition(":")
    return key if source == NAME else conversation.public_id


def _conversation(conversation: Conversation) -> Iterator[bytes]:
    places = {key: place for place, key in enumerate(_keys(conversation), 1)}
    paths = {file.attachment.public_id: file.path for file in files_of(conversation)}
    head = {
        "id": identity(conversation),
        "title": conversation.title,
        "created_at": _moment(conversation.created_at),
        "updated_at": _moment(conversation.updated_at),
        "model": conversation.model.model_id if conversation.model else None,
        "head": places.get(conversation.head_id or 0),
        "settings": conversation.set_settings,
        "pinned_at": _moment(conversation.pinned_at),
        "archived_at": _moment(conversation.archived_at),
        "folder": conversation.folder.name if conversation.folder else None,
        "tags": sorted(tag.name for tag in conversation.tags.all()),
    }
    yield orjson.dumps(head)[:-1] + b',"messages":['
    messages = conversation.messages.select_related("model").order_by("pk")
    for key, place in places.items():
        if (place - 1) % FEW == 0:
            few = messages.filter(pk__gte=key)[:FEW]
            found = {message.pk: message for message in few}
        if key in found:
            yield b",\n" if place > 1 else b"\n"
            yield orjson.dumps(_message(found[key], places, paths))
    yield b"]}"


def _keys(conversation: Conversation) -> Iterable[int]:
    return conversation.messages.order_by("pk").values_list("pk", flat=True)


def _message(message: Message, places: dict[int, int], paths: dict[str, str]) -> dict[str, Any]:
    """Without what is empty."""
    fields = {
        "id": places[message.pk],
        "parent": places.get(message.parent_id or 0),
        "role": message.role,
        "status": Status.INTERRUPTED if message.is_streaming else message.status,
        "text": message.text,
        "files": [{"name": part["name"], "path": paths.get(part["attachment"])} for part in message.attached],
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "model": message.model.model_id if message.model else None,
        "model_name": message.model_name,
        "created_at": _moment(message.created_at),
        **{name: getattr(message, name) for name in DETAILS},
        **{name: _moment(getattr(message, name)) for name in DATES},
    }
    return {
        name: value for name, value in fields.items() if value not in (None, "", []) and value is not False
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
