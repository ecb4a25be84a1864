"""What conversations are sorted by: folders, of which each is in one at most, and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from .public_id import PublicIdField
from .storable import storable

if TYPE_CHECKING:
    from .user import User

NAME_MAX_LENGTH = 60
MOST_OF_A_PERSON = 200


class LabelQuerySet(models.QuerySet["Label"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user.pk)

    def counted(self) -> Self:
        """With how many conversations there are of each, without those in the trash."""
        kept = models.Q(conversations__deleted_at=None)
        return self.annotate(conversation_count=models.Count("conversations", filter=kept))


class Label(models.Model):
    public_id = PublicIdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)

    objects = LabelQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint("owner", "name", name="%(class)s_names_differ"),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, owner: User, name: str) -> Self:
        """The one of this name, made where there is none. Raises ValidationError for a name that cannot be."""
        name = cls._clean(name)
        own = cls._default_manager.filter(owner=owner)
        if not own.filter(name=name).exists() and own.count() >= MOST_OF_A_PERSON:
            raise ValidationError(
                f"{MOST_OF_A_PERSON} {cls._meta.verbose_name_plural} are possible. Delete one first.",
                code="too_many",
            )
        return own.get_or_create(owner=owner, name=name)[0]  # type: ignore[return-value]

    def rename(self, name: str) -> None:
        """Raises ValidationError for a name that cannot be, or that another one has."""
        self.name = self._clean(name)
        try:
            with transaction.atomic():
                self.save(update_fields=["name"])
        except IntegrityError as error:
            raise ValidationError(
                f"Another {self._meta.verbose_name} has this name.", code="taken"
            ) from error

    @classmethod
    def _clean(cls, name: str) -> str:
        name = " ".join(storable(name).split())
        if not name:
            raise ValidationError(f"A {cls._meta.verbose_name} needs a name.", code="empty")
        if len(name) > NAME_MAX_LENGTH:
            raise ValidationError(
                f"The name of a {cls._meta.verbose_name} has at most {NAME_MAX_LENGTH} characters.",
                code="too_long",
            )
        return name


class Folder(Label):
    """Deleting it keeps the conversations that were in it."""


class Tag(Label):
    pass
