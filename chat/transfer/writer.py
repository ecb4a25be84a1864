"""Rows for conversations that came from a file, some at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from chat.models import Attachment, Conversation, Folder, Label, LanguageModel, Message, Tag, User
from chat.models.attachment import media_type_to_keep, plain_name
from chat.models.conversation import SOURCE_ID_MAX_LENGTH, TITLE_MAX_LENGTH, title_from
from chat.models.message import Role, Status, text_parts
from chat.models.shelf import MOST_PINNED
from chat.models.storable import storable

from . import values
from .archive import Archive
from .content import Refused, content_of
from .formats import own
from .incremental import Unreadable

L = TypeVar("L", bound=Label)

LONGEST_TEXT = 2_000_000
TOO_LONG = "[This message was too long to be imported.]"
MOST_MESSAGES = 200
NAME_MAX_LENGTH = 200
COUNTS = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")
LARGEST_COUNT = 2**31 - 1
LINK = "UPDATE chat_message SET parent_id = %s WHERE id = %s"
LEAD = "UPDATE chat_conversation SET head_id = %s WHERE id = %s"

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


class Writer:
    """`note` is told what could not be taken."""

    def __init__(self, owner: User, archive: Archive, note: Note) -> None:
        self.taken = self.already_here = 0
        self._owner = owner
        self._archive = archive
        self._note = note
        self._models = {model.model_id: model for model in LanguageModel.objects.all()}
        self._pins = owner.conversations.pinned().count()
        self._waiting: list[Draft] = []

    def write(self, value: values.Conversation) -> None:
        """Waits until there are enough for a transaction; `flush` writes the last."""
        for untaken in value.untaken:
            self._note(untaken.what, untaken.which)
        if not value.messages:
            self._note("A conversation without messages", value.title)
            return
        self._waiting.append(self._draft(value))
        if sum(len(draft.messages) for draft in self._waiting) >= MOST_MESSAGES:
            self.flush()

    def flush(self) -> None:
        drafts, self._waiting = self._new(self._waiting), []
        if not drafts:
            return
        try:
            self._save(drafts)
        except DatabaseError:
            # One of them; the others are not to suffer from it.
            for draft in drafts:
                self._save_alone(draft)

    def _new(self, drafts: list[Draft]) -> list[Draft]:
        """Without those that are here already, and each once."""
        own_ids = [own_id for draft in drafts if (own_id := _own_id(draft.row))]
        of_owner = Conversation.objects.owned_by(self._owner)
        here = set(
            of_owner.filter(source_id__in=[d.row.source_id for d in drafts]).values_list(
                "source_id", flat=True
            )
        )
        here |= {
            _source_id(own.NAME, known)
            for known in of_owner.filter(public_id__in=own_ids).values_list("public_id", flat=True)
        }
        new = {draft.row.source_id: draft for draft in drafts if draft.row.source_id not in here}
        self.already_here += len(drafts) - len(new)
        return list(new.values())

    def _save_alone(self, draft: Draft) -> None:
        try:
            self._save([draft])
        except IntegrityError:
            self.already_here += 1
        except DatabaseError:
            self._note("A conversation that the database refused", draft.row.title)

    def _save(self, drafts: list[Draft]) -> None:
        stored: list[FieldFile] = []
        try:
            with transaction.atomic():
                self._insert(drafts, stored)
        except BaseException:
            for kept in stored:
                kept.delete(save=False)
            raise
        self.taken += len(drafts)

    def _insert(self, drafts: list[Draft], stored: list[FieldFile]) -> None:
        source_ids = [draft.row.source_id for draft in drafts]
        # What is in the trash is not here, and would be in the way by its id.
        Conversation.objects.trashed_by(self._owner).filter(source_id__in=source_ids).update(source_id=None)
        Conversation.objects.bulk_create([draft.row for draft in drafts])
        for draft in drafts:
            for message in draft.messages:
                message.conversation = draft.row
        messages = [message for draft in drafts for message in draft.messages]
        Message.objects.bulk_create(messages)
        for draft in drafts:
            if draft.tags:
                draft.row.tags.add(*draft.tags)
            for message, parent in zip(draft.messages, draft.parents, strict=True):
                message.parent = None if parent is None else draft.messages[parent]
            draft.row.head = None if draft.head is None else draft.messages[draft.head]
            for place, attachment in draft.files:
                attachment.message = draft.messages[place]
                for kept in attachment.kept_files:
                    kept.save(attachment.name, kept.file, save=False)
                    stored.append(kept)
                attachment.save()
        # The ORM builds such an update in ten times the time that the database takes for it.
        with connection.cursor() as cursor:
            cursor.executemany(LINK, [(m.parent_id, m.pk) for m in messages if m.parent_id])
            cursor.executemany(LEAD, [(draft.row.head_id, draft.row.pk) for draft in drafts])

    def _draft(self, value: values.Conversation) -> Draft:
        places = {message.id: place for place, message in enumerate(value.messages)}
        times = [message.created_at for message in value.messages if message.created_at]
        begun = value.created_at or min(times, default=None) or value.updated_at or timezone.now()
        last = value.updated_at or max(times, default=begun)
        draft = Draft(
            row=Conversation(
                owner=self._owner,
                title=_title(value),
                model=self._models.get(value.model),
                source_id=_source_id(value.source, value.id or _digest(value)),
                created_at=begun,
                updated_at=max(begun, last),
            ),
            messages=[],
            parents=[None if m.parent is None else places[m.parent] for m in value.messages],
            head=places.get(value.head or "", _last_leaf(value.messages)),
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
                status=_status(value.status),
                content=content,
                reasoning=storable(self._bounded(value.reasoning, draft)),
                refusal=storable(self._bounded(value.refusal, draft)),
                model=self._models.get(value.model),
                model_name=storable(value.model_name)[:NAME_MAX_LENGTH],
                created_at=created_at,
                **_details(value.details, created_at),
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


def _title(value: values.Conversation) -> str:
    title = " ".join(storable(value.title).split())
    if not title:
        title = title_from(next((m.text for m in value.messages if m.text.strip()), "Untitled"))
    return title[:TITLE_MAX_LENGTH]


def _source_id(source: str, key: str) -> str:
    whole = f"{source}:{storable(key)}"
    return (
        whole
        if len(whole) <= SOURCE_ID_MAX_LENGTH
        else f"{source}:{hashlib.sha256(whole.encode()).hexdigest()}"
    )


def _own_id(row: Conversation) -> str:
    """The public id that it had where it was exported; empty for one from elsewhere."""
    source, _, key = (row.source_id or "").partition(":")
    return key if source == own.NAME else ""


def _digest(value: values.Conversation) -> str:
    """For a conversation without an id."""
    said = [value.title, *(message.text for message in value.messages)]
    return hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()


def _last_leaf(messages: Iterable[values.Message]) -> int | None:
    return max((place for place, _ in enumerate(messages)), default=None)


def _status(status: str) -> str:
    """Nobody writes on an answer that came from a file."""
    if status == Status.STREAMING:
        return Status.INTERRUPTED
    return status if status in Status.values else Status.COMPLETE


def _details(details: Mapping[str, Any], created_at: datetime) -> dict[str, Any]:
    """Fields of a row, as far as they are what they should be."""
    fields: dict[str, Any] = {name: details[name] for name in COUNTS if _is_count(details.get(name))}
    fields |= {
        name: float(details[name])
        for name in ("reasoning_seconds", "idle_seconds")
        if _is_span(details.get(name))
    }
    for name in ("first_token_at", "finished_at", "updated_at"):
        if isinstance(details.get(name), datetime):
            fields[name] = details[name]
    fields.setdefault("updated_at", created_at)
    fields["is_edited"] = details.get("is_edited") is True
    fields["finish_reason"] = storable(str(details.get("finish_reason") or ""))[:30]
    fields["tool_calls"] = _calls(details.get("tool_calls"))
    fields["error"] = _error(details.get("error"))
    return fields


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def _is_span(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < LARGEST_COUNT


def _calls(found: Any) -> list[dict[str, Any]]:
    calls = [each for each in found or () if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        {name: storable(str(call.get(name) or "")) for name in ("id", "name", "arguments")} for call in calls
    ]


def _error(found: Any) -> dict[str, Any] | None:
    if not isinstance(found, dict):
        return None
    code, wait = found.get("code"), found.get("retry_after")
    return {
        "message": storable(str(found.get("message") or ""))[:LONGEST_TEXT],
        "code": storable(code) if isinstance(code, str) else None,
        "retry_after": wait if _is_span(wait) else None,
    }
