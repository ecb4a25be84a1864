from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from .attachment import NAME_MAX_LENGTH, Attachment, Kind

if TYPE_CHECKING:
    from .share import Share


def unguessable_path(_file: SharedFile, _name: str) -> str:
    return f"shares/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}"


class SharedFile(models.Model):
    """A copy of an attachment that a share shows under a number of its own.

    A copy, because the share stays as it was when the message that the file came with is deleted.
    """

    share = models.ForeignKey("chat.Share", on_delete=models.CASCADE, related_name="files")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to=unguessable_path)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="In bytes.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["share", "number"], name="one_file_a_number"),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def copy_to(cls, share: Share, attachments: Iterable[Attachment]) -> None:
        """Numbered from 1. Raises ValidationError if a file is gone."""
        for number, attachment in enumerate(attachments, start=1):
            described = {
                "name": attachment.name,
                "media_type": attachment.media_type,
                "size": attachment.size,
            }
            try:
                with attachment.file.open("rb") as content:
                    cls.objects.create(share=share, number=number, file=File(content, "copy"), **described)
            except FileNotFoundError as error:
                raise ValidationError(
                    f"The file {attachment.name} is no longer on this site. Share without attachments.",
                    code="gone",
                ) from error

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith(f"{Kind.IMAGE.value}/")

    def read(self) -> bytes:
        """Raises FileNotFoundError."""
        with self.file.open("rb") as file:
            return file.read()


@receiver(post_delete, sender=SharedFile)
def delete_file(instance: SharedFile, **_: Any) -> None:
    """Whatever it was deleted with, and only once that is certain."""
    transaction.on_commit(partial(instance.file.delete, save=False), robust=True)
