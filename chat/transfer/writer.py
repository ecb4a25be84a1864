"""Rows for conversations that came from a file, some at a time."""

from __future__ import annotations

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.fields.files import FieldFile

from chat.models import Conversation, Message, User

from . import values
from .archive import Archive
from .draft import Draft, Drafts, Note, source_id
from .formats import own

MOST_MESSAGES = 200
LINK = "UPDATE chat_message SET parent_id = %s WHERE id = %s"
LEAD = "UPDATE chat_conversation SET head_id = %s WHERE id = %s"


class Writer:
    """`note` is told what could not be taken."""

    def __init__(self, owner: User, archive: Archive, note: Note) -> None:
        self.taken = self.already_here = 0
        self._owner = owner
        self._note = note
        self._drafts = Drafts(owner, archive, note)
        self._waiting: list[Draft] = []

    def write(self, value: values.Conversation) -> None:
        """Waits until there are enough for a transaction; `flush` writes the last."""
        for untaken in value.untaken:
            self._note(untaken.what, untaken.which)
        if not value.messages:
            self._note("A conversation without messages", value.title)
            return
        self._waiting.append(self._drafts.of(value))
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
            source_id(own.NAME, known)
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


def _own_id(row: Conversation) -> str:
    """The public id that it had where it was exported; empty for one from elsewhere."""
    source, _, key = (row.source_id or "").partition(":")
    return key if source == own.NAME else ""
