"""What is written: one file a form, each of one shape, and all of them piece by piece.

Conversations are read from the database a few at a time, and a file that goes along a piece at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.utils import timezone
from django.utils.text import slugify

from chat.models import Attachment, Conversation
from chat.models.shelf import ConversationQuerySet

from . import html, markdown, own
from .zipped import Entry, zipped

FORMS = {"markdown": markdown, "html": html, "json": own}
FEW = 50


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    media_type: str
    pieces: Iterator[bytes]


def export(conversations: ConversationQuerySet, form: str) -> Export:
    """One file of one conversation, or an archive of them; JSON is one file, unless others go with it."""
    module = FORMS[form]
    if module is own:
        return _lossless(conversations)
    first = list(conversations[:2])
    if len(first) == 1:
        pieces = module.pieces(first[0])
        return Export(f"{file_name(first[0])}.{module.EXTENSION}", module.MEDIA_TYPE, pieces)
    entries = (
        Entry(f"{place:04} {file_name(each)}.{module.EXTENSION}", partial(module.pieces, each))
        for place, each in enumerate(in_turn(conversations), 1)
    )
    return Export(f"{archive_name()}.zip", "application/zip", zipped(entries))


def file_name(conversation: Conversation) -> str:
    """What every system takes as a name."""
    return slugify(conversation.title, allow_unicode=True)[:60].strip("-") or "conversation"


def archive_name() -> str:
    return f"conversations-{timezone.localdate():%Y-%m-%d}"


def in_turn(conversations: ConversationQuerySet) -> Iterator[Conversation]:
    """The latest first, as the sidebar has them."""
    # A cursor that stayed open for as long as somebody downloads would keep the database from tidying up.
    whole = conversations.select_related("model", "folder").prefetch_related("tags")
    keys = list(conversations.latest_first().values_list("pk", flat=True))
    for start in range(0, len(keys), FEW):
        found = whole.in_bulk(keys[start : start + FEW])
        yield from (found[key] for key in keys[start : start + FEW] if key in found)


def _lossless(conversations: ConversationQuerySet) -> Export:
    files = Attachment.objects.filter(message__conversation__in=conversations)
    pieces = own.pieces(in_turn(conversations))
    first = list(conversations[:2])
    name = file_name(first[0]) if len(first) == 1 else archive_name()
    if not files.exists():
        return Export(f"{name}.json", own.MEDIA_TYPE, pieces)
    entries = _with_files(pieces, conversations)
    return Export(f"{name}.zip", "application/zip", zipped(entries))


def _with_files(pieces: Iterator[bytes], conversations: ConversationQuerySet) -> Iterator[Entry]:
    yield Entry("conversations.json", lambda: pieces)
    for conversation in in_turn(conversations):
        for file in own.files_of(conversation):
            yield Entry(file.path, file.pieces)


__all__ = ["FORMS", "Export", "export"]
