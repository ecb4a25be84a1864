from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from .branch import Branch
from .message import Message, MessageManager, MessageQuerySet
from .public_id import is_public_id
from .tree import Tree
from .turn import AnswerInProgress, MessageGone

if TYPE_CHECKING:
    from .user import User


class Branched(models.Model):
    """A tree of messages. `head` is the last message of the branch that was used last."""

    head = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")

    if TYPE_CHECKING:
        owner: User
        messages: MessageManager

    class Meta:
        abstract = True

    def branch(self, at: str = "") -> Branch:
        """The branch through the message with this public id; without it, the one that was used last."""
        return (Branch.through(self, at) if at else None) or Branch(self, self.head_id)

    def message(self, public_id: str, role: str = "") -> Message | None:
        if not is_public_id(public_id):
            return None
        found = self.messages.select_related("parent", "model").filter(public_id=public_id)
        return (found.filter(role=role) if role else found).first()

    def shape(self) -> Iterable[tuple[int, int | None, str]]:
        """The key of each message, that of its parent and its public id, the oldest first."""
        return self.messages.order_by("pk").values_list("pk", "parent_id", "public_id")

    def load(self, keys: list[int]) -> dict[int, Message]:
        return self.messages.select_related("model").in_bulk(keys)

    def tip(self) -> str:
        """The public id of the last message of the branch that was used last; empty where there is none."""
        head = Message.objects.filter(pk=self.head_id)
        return head.values_list("public_id", flat=True).first() or ""

    def streaming(self) -> list[str]:
        """The public ids of the answers that are being written."""
        return list(self.messages.streaming().values_list("public_id", flat=True))

    def delete_branch(self, message: Message) -> str:
        """Delete a message with all that follows it, until it is restored or kept long enough.

        Returns the public id of where the branch beside it ends. Raises AnswerInProgress while one is being written
        there, and ValidationError where nothing would be left to read.
        """
        with transaction.atomic():
            self._wait_for_other_turns()
            tree = Tree(self)
            gone = self._to_delete(message, tree)
            self.messages.filter(pk__in=gone).update(deleted_at=timezone.now())
            beside = tree.beside(message.pk)
            assert beside is not None
            if self.head_id in gone:
                self._move_head(beside)
            return tree.public_ids[beside]

    def restore_branch(self, public_id: str) -> None:
        """Undo the deletion of a message, with what was deleted together with it."""
        with transaction.atomic():
            self._wait_for_other_turns()
            deleted = self._deleted().filter(public_id=public_id).select_related("parent").first()
            if deleted is None or (deleted.parent and deleted.parent.deleted_at):
                raise ValidationError("This cannot be brought back any more.", code="gone")
            self._deleted().filter(deleted_at=deleted.deleted_at).update(deleted_at=None)
            self._move_head(Tree(self).latest_below(deleted.pk))

    def _wait_for_other_turns(self) -> None:
        """Let only one turn be added at a time; SQLite's transactions are exclusive by themselves."""
        fresh = self.owner.conversations.select_for_update(of=("self",)).get(pk=self.pk)
        self.head_id = fresh.head_id

    def _refuse_if_gone(self, message: Message | None) -> None:
        if message and not self.messages.filter(pk=message.pk).exists():
            raise MessageGone

    def _to_delete(self, message: Message, tree: Tree) -> list[int]:
        if message.pk not in tree.parents:
            raise MessageGone
        message.versions = tree.versions_of(message.pk)
        if not message.can_be_deleted:
            raise ValidationError("This is all there is. Delete the conversation instead.", code="last")
        gone = tree.below(message.pk)
        if self.messages.streaming().filter(pk__in=gone).exists():
            raise AnswerInProgress
        return gone

    def _move_head(self, key: int) -> None:
        self.head_id = key
        self.save(update_fields=["head"])

    def _deleted(self) -> MessageQuerySet:
        return Message.with_deleted.filter(conversation=self.pk, deleted_at__isnull=False)
