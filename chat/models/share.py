from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from .digest import digest
from .encrypted import EncryptedTextField
from .public_id import PublicIdField
from .shared_file import SharedFile
from .snapshot import Shown, Snapshot, take_snapshot

if TYPE_CHECKING:
    from .message import Message
    from .user import User

# What a snapshot looks like on a page: HTML by the number of a message, made once, when it is published.
Markup = dict[str, dict[str, str]]
Draw = Callable[[dict[str, Any]], Markup]


class Audience(models.TextChoices):
    LINK = "link", "Anyone with the link"
    SIGNED_IN = "signed-in", "Anyone who is signed in here"
    NAMED = "named", "People and groups that you name"


@dataclass(frozen=True, slots=True)
class Terms:
    """To whom a link is open, and how long. A passphrase of None leaves the one that there is."""

    audience: str = Audience.LINK
    people: Sequence[User] = ()
    groups: Sequence[Group] = ()
    expires_at: datetime | None = None
    passphrase: str | None = ""
    max_views: int | None = None
    is_listed: bool = False


class ShareQuerySet(models.QuerySet["Share"]):
    def owned_by(self, user: Any) -> ShareQuerySet:
        return self.filter(owner=user.pk)

    def unrevoked(self) -> ShareQuerySet:
        """Those that their owner can still change."""
        return self.filter(revoked_at=None)

    def published(self) -> ShareQuerySet:
        """Those that have not ended by time or by their owner; they may be used up."""
        now = timezone.now()
        found = self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now),
            revoked_at=None,
            owner__is_active=True,
            conversation__deleted_at=None,
        )
        if settings.SHARE_LONGEST_DAYS:
            found = found.filter(created_at__gt=now - timedelta(days=settings.SHARE_LONGEST_DAYS))
        return found

    def unspent(self) -> ShareQuerySet:
        return self.filter(Q(max_views=None) | Q(views__lt=F("max_views")))

    def find(self, token: str) -> Share | None:
        found = self.published().filter(token_hash=digest(token)).select_related("owner").first()
        if found:
            # As it came: that of the database is for the owner, and may be unreadable.
            found.token = token
        return found


class Share(models.Model):
    """A link to what a conversation was when it was published; `snapshot` holds all that a reader is shown.

    Readers are found by the hash of their token. The token itself is kept for its owner, who copies the link
    again, and only encrypted: a copy of the database opens nothing.
    """

    Audience = Audience

    public_id = PublicIdField()
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="shares")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token = EncryptedTextField(editable=False)
    revision = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=200)
    shown = models.JSONField(default=dict, help_text="What was ticked to be shown too.")
    snapshot = models.JSONField(default=dict)
    markup = models.JSONField(default=dict)

    audience = models.CharField(max_length=10, choices=Audience, default=Audience.LINK)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    groups = models.ManyToManyField("auth.Group", related_name="+")
    expires_at = models.DateTimeField("expires", null=True)
    passphrase = models.CharField(max_length=128, blank=True, help_text="Hashed as passwords are.")
    max_views = models.PositiveIntegerField("most views", null=True)
    is_listed = models.BooleanField("may be found by search engines", default=False)

    views = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField("last view", null=True)
    created_at = models.DateTimeField("made", default=timezone.now)
    published_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField("revoked", null=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = "shared link"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"Link {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/s/{self.token}"

    def publish(self, leaf: Message | None, shown: Shown, terms: Terms, draw: Draw) -> None:
        """Freeze the branch that ends in `leaf`, the one used last without it, under the address that it has.

        Raises ValidationError while an answer on it is being written.
        """
        snapshot = take_snapshot(self.conversation, leaf.pk if leaf else self.conversation.head_id, shown)
        markup = draw(snapshot.content)
        with transaction.atomic():
            self._wait_for_other_changes()
            self._agree(terms)
            self._freeze(snapshot, shown, markup)

    def update(self, leaf: Message | None, shown: Shown, terms: Terms, draw: Draw) -> None:
        """In place: whoever has the link sees what the conversation is now. Raises ValidationError if it is revoked."""
        self.publish(leaf, shown, terms, draw)

    def revoke(self) -> None:
        """It opens nothing from the next request on, and what it showed is gone."""
        with transaction.atomic():
            self.revoked_at = self.revoked_at or timezone.now()
            self.snapshot, self.markup = {}, {}
            self.save(update_fields=["revoked_at", "snapshot", "markup"])
            self.files.all().delete()

    def admits(self, user: User | AnonymousUser) -> bool:
        if self.is_public or user.pk == self.owner_id:
            return True
        if not user.is_authenticated or self.audience != Audience.NAMED:
            return user.is_authenticated
        return self.people.contains(user) or self.groups.filter(user=user).exists()

    def unlocks(self, passphrase: str) -> bool:
        return check_password(passphrase, self.passphrase)

    def count_view(self) -> bool:
        """False if it has ended, or was used up by somebody who was faster."""
        published = Share.objects.published().filter(pk=self.pk)
        # Whoever had to wait for a faster one is asked again by PostgreSQL, but for what is in a subquery.
        still_open = Share.objects.unspent().filter(pk__in=published.values("pk"))
        return bool(still_open.update(views=F("views") + 1, last_viewed_at=timezone.now()))

    @property
    def is_public(self) -> bool:
        """For anyone with the link. Where that is not allowed any more, whoever has one signs in."""
        return bool(self.audience == Audience.LINK and settings.SHARE_PUBLIC)

    @property
    def is_guarded(self) -> bool:
        """Whether having the address and being who may come is not enough."""
        return bool(self.passphrase or self.max_views)

    @property
    def tells_of_itself(self) -> bool:
        """Whether title and picture are for programs that preview links."""
        return self.is_public and not self.is_guarded

    @property
    def ends_at(self) -> datetime | None:
        """By its own date, or by the longest life that the site allows."""
        longest = settings.SHARE_LONGEST_DAYS
        limit = self.created_at + timedelta(days=longest) if longest else None
        return min((end for end in (self.expires_at, limit) if end), default=None)

    @property
    def named(self) -> list[str]:
        """Whom it is for, where it is for some only."""
        people = [person.username for person in self.people.all()]
        return people + [f"the group {group.name}" for group in self.groups.all()]

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "Revoked"
        if self.ends_at and self.ends_at <= timezone.now():
            return "Expired"
        return "Used up" if self.max_views and self.views >= self.max_views else "Open"

    def _wait_for_other_changes(self) -> None:
        """Of two at a time the files would be mixed; and what another tab has revoked stays so."""
        if self.pk is None:
            return
        fresh = Share.objects.select_for_update(of=("self",)).only("revision", "revoked_at").get(pk=self.pk)
        if fresh.revoked_at:
            raise ValidationError("This link is revoked. Make another one.", code="revoked")
        self.revision = fresh.revision

    def _agree(self, terms: Terms) -> None:
        self.audience, self.expires_at = terms.audience, terms.expires_at
        self.max_views, self.is_listed = terms.max_views, terms.is_listed
        if terms.passphrase is not None:
            self.passphrase = make_password(terms.passphrase) if terms.passphrase else ""
        if self.pk is None:
            self.token = secrets.token_urlsafe(24)
            self.token_hash = digest(self.token)
            self.save()
        else:
            self.save(update_fields=["audience", "expires_at", "max_views", "is_listed", "passphrase"])
        self.people.set(terms.people)
        self.groups.set(terms.groups)

    def _freeze(self, snapshot: Snapshot, shown: Shown, markup: Markup) -> None:
        self.title, self.snapshot, self.markup = snapshot.title, snapshot.content, markup
        self.shown, self.published_at, self.revision = asdict(shown), timezone.now(), self.revision + 1
        self.save(update_fields=["title", "snapshot", "markup", "shown", "published_at", "revision"])
        self.files.all().delete()
        SharedFile.copy_to(self, snapshot.attachments)
