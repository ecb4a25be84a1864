from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from .asked import Asked
from .attachment import Attachment
from .label import Folder, Tag
from .message import Message
from .public_id import PublicIdField
from .share import Draw, Share, Terms
from .shelf import AT_HAND, ConversationQuerySet
from .snapshot import Shown
from .storable import storable
from .turn import Turn, question_text, taken_or_made

if TYPE_CHECKING:
    from .language_model import LanguageModel
    from .user import User

TITLE_MAX_LENGTH = 200
SOURCE_ID_MAX_LENGTH = 100


class Conversation(Asked):
    """A tree of messages with an owner, and where that person keeps it."""

    public_id = PublicIdField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(max_length=TITLE_MAX_LENGTH)
    folder = models.ForeignKey(Folder, null=True, on_delete=models.SET_NULL, related_name="conversations")
    tags = models.ManyToManyField(Tag, related_name="conversations")
    pinned_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True, help_text="Since when it is in the trash.")
    source_id = models.CharField(
        max_length=SOURCE_ID_MAX_LENGTH, null=True, editable=False, help_text="Of one that was imported."
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["owner", "-updated_at", "-id"], name="conversations_by_day"),
            models.Index(
                fields=["owner", "-updated_at", "-id"], condition=AT_HAND, name="conversations_at_hand"
            ),
            models.Index(fields=["folder", "-updated_at", "-id"], name="conversations_in_folder"),
            models.Index(
                fields=["owner", "-pinned_at"],
                condition=Q(pinned_at__isnull=False),
                name="conversations_pinned",
            ),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="conversations_in_trash"
            ),
        )
        constraints = (
            # An import of the same file twice takes nothing twice.
            models.UniqueConstraint(fields=["owner", "source_id"], name="imported_once"),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/c/{self.public_id}"

    @classmethod
    def begin(
        cls,
        owner: User,
        text: str,
        model: LanguageModel,
        turn_id: UUID,
        attachments: Sequence[str] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> Turn:
        """A new conversation with its first turn; the one that exists if this turn was sent before."""
        text = question_text(text, attachments)
        conversation = cls(owner=owner, model=model)
        conversation.tune(settings or {})

        def make() -> Turn:
            files = Attachment.objects.owned_by(owner).to_send(attachments)
            conversation.title = title_from(text or files[0].name)
            conversation.save(force_insert=True)
            return conversation.add_turn(text, model, turn_id, files=files)

        return taken_or_made(turn_id, owner, make, text=text)

    def rename(self, title: str) -> None:
        """Raises ValidationError for a title that is empty or longer than 200 characters."""
        title = " ".join(storable(title).split())
        if not title:
            raise ValidationError("A conversation needs a title.", code="empty")
        if len(title) > TITLE_MAX_LENGTH:
            raise ValidationError(f"A title has at most {TITLE_MAX_LENGTH} characters.", code="too_long")
        self.title = title
        self.save(update_fields=["title"])

    def share(
        self,
        draw: Draw,
        *,
        leaf: Message | None = None,
        shown: Shown | None = None,
        terms: Terms | None = None,
    ) -> Share:
        """A link to the branch that ends in `leaf`, as it is now. Raises ValidationError if it cannot be shared."""
        share = Share(conversation=self, owner=self.owner)
        share.publish(leaf, shown or Shown(), terms or Terms(), draw)
        return share

    def sort(self, folder: Folder | None, tags: Sequence[Tag]) -> None:
        self.folder = folder
        self.save(update_fields=["folder"])
        self.tags.set(tags)


def title_from(text: str, longest: int = 60) -> str:
    """The first line of the first question, cut at a word."""
    line = next(line for line in text.splitlines() if line.strip()).strip().lstrip("#>*-` ") or "Untitled"
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"
