"""A conversation that came from a file, as the rows that it will be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from chat.models import Attachment, Conversation, Folder, Label, LanguageModel, Message, Tag, User
from chat.models.attachment import media_type_to_keep, plain_name
from chat.models.conversation import SOURCE_ID_MAX_LENGTH, TITLE_MAX_LENGTH, title_from
from chat.models.message import Role, text_parts
from chat.models.shelf import MOST_PINNED
from chat.models.storable import storable

from . import values
from .archive import Archive
from .content import Refused, content_of
from .details import details_of, status_of
from .incremental import Unreadable
from .values import LONGEST_TEXT

L = TypeVar("L", bound=Label)

TOO_LONG = "[This message was too long to be imported.]"
NAME_MAX_LENGTH = 200

Note = Callable[[str, str], None]


@dataclass
class Draft:
    """A conversation with its rows, before they are in the database."""

    row: Conversation
    messages: list[Message]
    parents: list[int | None]
    head: int | None
    files: list[tuple[int, Attachment]] = field(default_factory=list)
    shared: dict[str, Attachment] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)


class Drafts:
    """`note` is told what could not be taken."""

    def __init__(self, owner: User, archive: Archive, note: Note) -> None:
        self._owner = owner
        self._archive = archive
        self._note = note
        self._models = {model.model_id: model for model in LanguageModel.objects.all()}
        self._pins = owner.conversations.pinned().count()

    def of(self, value: values.Conversation) -> Draft:
        places = {message.id: place for place, message in enumerate(value.messages)}
        times = [message.created_at for message in value.messages if message.created_at]
        begun = value.created_at or min(times, default=None) or value.updated_at or timezone.now()
        last = value.updated_at or max(times, default=begun)
        draft = Draft(
            row=Conversation(
                owner=self._owner,
                title=_title(value),
                model=self._models.get(value.model),
                source_id=source_id(value.source, value.id or _digest(value)),
                created_at=begun,
                updated_at=max(begun, last),
            ),
            messages=[],
            parents=[None if m.parent is None else places[m.parent] for m in value.messages],
            head=places.get(value.head or "", len(value.messages) - 1),
        )
        for message in value.messages:
            before = draft.messages[-1].created_at if draft.messages else begun
            self._add(draft, message, message.created_at or before)
        self._sort(draft, value)
        return draft

    def _sort(self, draft: Draft, value: values.Conversation) -> None:
        draft.row.archived_at = value.archived_at
        self._pin(draft, value)
        draft.row.folder = self._named(Folder, value.folder)
        draft.tags = [tag for name in value.tags if (tag := self._named(Tag, name))]
        try:
            draft.row.tune(value.settings)
        except ValidationError:
            draft.row.tune({})
            self._note("The settings of a conversation", draft.row.title)

    def _pin(self, draft: Draft, value: values.Conversation) -> None:
        if not value.pinned_at or value.archived_at:
            return
        if self._pins < MOST_PINNED:
            self._pins += 1
            draft.row.pinned_at = value.pinned_at
        else:
            self._note("A pin, because enough conversations are pinned", draft.row.title)

    def _named(self, kind: type[L], name: str) -> L | None:
        """The folder or tag of this name; None for a name that cannot be, which is noted."""
        if not name:
            return None
        try:
            return kind.named(self._owner, name)
        except ValidationError:
            self._note(f"A {kind._meta.verbose_name}", storable(name)[:NAME_MAX_LENGTH])  # noqa: SLF001
            return None

    def _add(self, draft: Draft, value: values.Message, created_at: datetime) -> None:
        found = [draft.shared.get(file.member) or self._attachment(file, draft) for file in value.files]
        content = [attachment.as_content() for attachment in found if attachment]
        content += text_parts(self._bounded(value.text, draft))
        draft.messages.append(
            Message(
                role=value.role if value.role in Role.values else Role.USER,
                status=status_of(value.status),
                content=content,
                reasoning=storable(self._bounded(value.reasoning, draft)),
                refusal=storable(self._bounded(value.refusal, draft)),
                model=self._models.get(value.model),
                model_name=storable(value.model_name)[:NAME_MAX_LENGTH],
                created_at=created_at,
                **details_of(value.details, created_at),
            )
        )

    def _bounded(self, text: str, draft: Draft) -> str:
        if len(text) <= LONGEST_TEXT:
            return text
        self._note("A message that is too long", draft.row.title)
        return TOO_LONG

    def _attachment(self, file: values.File, draft: Draft) -> Attachment | None:
        """None for one that cannot be kept, which is noted. A question that was asked anew shares the files."""
        name = plain_name(storable(file.name))
        try:
            content = ContentFile(content_of(file, self._archive), name)
            attachment = Attachment(
                owner=self._owner, name=name, media_type=media_type_to_keep(content, name)
            )
            attachment.fill(content)
        except ValidationError as error:
            self._note("A file: " + error.messages[0].removeprefix(name).strip(), name)
            return None
        except (Refused, Unreadable) as error:
            self._note(f"A file: {error}", name)
            return None
        draft.files.append((len(draft.messages), attachment))
        if file.member:
            draft.shared[file.member] = attachment
        return attachment


def source_id(source: str, key: str) -> str:
    whole = f"{source}:{storable(key)}"
    return (
        whole
        if len(whole) <= SOURCE_ID_MAX_LENGTH
        else f"{source}:{hashlib.sha256(whole.encode()).hexdigest()}"
    )


def _title(value: values.Conversation) -> str:
    title = " ".join(storable(value.title).split())
    if not title:
        title = title_from(next((m.text for m in value.messages if m.text.strip()), "Untitled"))
    return title[:TITLE_MAX_LENGTH]


def _digest(value: values.Conversation) -> str:
    """For a conversation without an id."""
    said = [value.title, *(message.text for message in value.messages)]
    return hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()
