"""Where a person's conversations stand: at hand, pinned, in a folder, archived, or in the trash."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from .conversation import Conversation
    from .label import Folder, Tag

TRASH_IS_KEPT_FOR = timedelta(days=30)
MOST_PINNED = 50
AT_HAND = Q(deleted_at=None, archived_at=None, pinned_at=None, folder=None)


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: Any) -> ConversationQuerySet:
        """Those that are there for their owner: what is in the trash is not, wherever one looks."""
        return self.filter(owner=user.pk, deleted_at=None)

    def trashed_by(self, user: Any) -> ConversationQuerySet:
        return self.filter(owner=user.pk, deleted_at__isnull=False)

    def trashed_long_ago(self) -> ConversationQuerySet:
        return self.filter(deleted_at__lt=timezone.now() - TRASH_IS_KEPT_FOR)

    def at_hand(self) -> ConversationQuerySet:
        """Those that stand nowhere else."""
        return self.filter(AT_HAND)

    def in_folder(self, folder: Folder) -> ConversationQuerySet:
        """Those of it that do not stand among the pinned ones."""
        return self.unarchived().filter(folder=folder, pinned_at=None)

    def pinned(self) -> ConversationQuerySet:
        return self.filter(pinned_at__isnull=False).order_by("-pinned_at")

    def archived(self) -> ConversationQuerySet:
        return self.filter(archived_at__isnull=False)

    def unarchived(self) -> ConversationQuerySet:
        return self.filter(archived_at=None)

    def latest_first(self) -> ConversationQuerySet:
        return self.order_by("-updated_at", "-id")

    def after(self, conversation: Conversation) -> ConversationQuerySet:
        """Those that come after this one, the latest first."""
        same_moment = Q(updated_at=conversation.updated_at, id__lt=conversation.pk)
        return self.latest_first().filter(Q(updated_at__lt=conversation.updated_at) | same_moment)

    # What is done with several at once

    def pin(self) -> None:
        """Raises ValidationError for more than stay in sight."""
        first = self.first()
        others = (
            type(first).objects.filter(owner=first.owner_id).pinned().exclude(pk__in=self) if first else ()
        )
        if len(others) + len(self) > MOST_PINNED:
            raise ValidationError(f"{MOST_PINNED} conversations can be pinned. Unpin one first.", code="pins")
        self.update(pinned_at=timezone.now(), archived_at=None)

    def unpin(self) -> None:
        self.update(pinned_at=None)

    def archive(self) -> None:
        self.update(archived_at=timezone.now(), pinned_at=None)

    def unarchive(self) -> None:
        self.update(archived_at=None)

    def move_to(self, folder: Folder | None) -> None:
        self.update(folder=folder)

    def tag(self, tag: Tag) -> None:
        tag.conversations.add(*self)

    def untag(self, tag: Tag) -> None:
        tag.conversations.remove(*self)

    def trash(self) -> None:
        self.update(deleted_at=timezone.now())

    def restore(self) -> None:
        self.update(deleted_at=None)
