from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File as StoredFile
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Count, Q, Sum
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from chat.completions import Audio, File, Image, InvalidRequest, Part, Text, Video

from . import document
from .file_type import PDF, type_of
from .offer import Offer
from .public_id import PublicIdField
from .storable import storable

if TYPE_CHECKING:
    from .message import Message
    from .user import User

MOST_PER_MESSAGE = 10
DRAFTS_ARE_KEPT_FOR = timedelta(days=1)
MOST_DRAFTS = 60
MOST_DRAFTS_SIZE = 300 * 1024 * 1024
NAME_MAX_LENGTH = 255


def unguessable_path(_attachment: Attachment, _name: str) -> str:
    return f"attachments/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}"


class Kind(models.TextChoices):
    """What a model is given it as; `file` is a PDF or an office document, and `text` goes along as text."""

    IMAGE = "image"
    FILE = "file"
    AUDIO = "audio"
    VIDEO = "video"
    TEXT = "text"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def owned_by(self, user: Any) -> AttachmentQuerySet:
        return self.filter(owner=user.pk)

    def drafts(self) -> AttachmentQuerySet:
        return self.filter(message=None)

    def in_order(self, public_ids: Iterable[str]) -> list[Attachment]:
        """Those of these that there are, in one query."""
        # A database cannot even be asked for NUL or a lone surrogate.
        wanted = [public_id for public_id in dict.fromkeys(public_ids) if public_id.isprintable()]
        found = self.in_bulk(wanted, field_name="public_id") if wanted else {}
        return [found[public_id] for public_id in wanted if public_id in found]

    def to_send(self, public_ids: Sequence[str], instead_of: Message | None = None) -> list[Attachment]:
        """What goes with a question: drafts, and what a question that is asked anew had already.

        Raises ValidationError for an id of anything else, and for too many.
        """
        if len(set(public_ids)) > MOST_PER_MESSAGE:
            raise ValidationError(
                f"A message takes {MOST_PER_MESSAGE} files at most. Remove some, and send them with the next.",
                code="too_many",
            )
        had = instead_of.attachment_ids if instead_of else []
        open_to_it = self.select_for_update().filter(Q(message=None) | Q(public_id__in=had))
        attachments = open_to_it.in_order(public_ids)
        if len(attachments) < len(set(public_ids)):
            raise ValidationError(
                "A file of this message is no longer there. Remove it, and attach it again.", code="gone"
            )
        return attachments

    def hand_over(self) -> None:
        """Leave each to another version of its message that has it too: this one is about to go."""
        for attachment in self.select_related("message"):
            assert attachment.message is not None
            heirs = (
                each
                for each in attachment.message.kept_versions()
                if attachment.public_id in each.attachment_ids
            )
            if heir := next(heirs, None):
                attachment.message = heir
                attachment.save(update_fields=["message"])

    def refuse_more(self, size: int) -> None:
        """Raises ValidationError when with one of this size there would be too many of these, or too much."""
        of = self.aggregate(count=Count("pk"), size=Sum("size"))
        if of["count"] >= MOST_DRAFTS or (of["size"] or 0) + size > MOST_DRAFTS_SIZE:
            raise ValidationError(
                "You have attached more than can wait to be sent. Send or remove some of it first.",
                code="quota",
            )

    def forget_old_drafts(self) -> None:
        self.drafts().filter(created_at__lt=timezone.now() - DRAFTS_ARE_KEPT_FOR).delete()


class Attachment(models.Model):
    """A file that its owner sends with a question; a draft, without a message, until then.

    A question that is asked anew shares those of the question that it stands for, in the same conversation:
    which ones a message has is in its `content`.
    """

    Kind = Kind

    public_id = PublicIdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments")
    message = models.ForeignKey(
        "chat.Message", null=True, on_delete=models.CASCADE, related_name="attachments"
    )
    file = models.FileField(upload_to=unguessable_path)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    thumbnail = models.FileField(upload_to=unguessable_path, blank=True)
    text = models.TextField(blank=True, help_text="What a document says, for models that do not read it.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AttachmentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def take(cls, owner: User, file: StoredFile[Any]) -> Attachment:
        """Keep a file as a draft. Raises ValidationError for one that no model could be sent."""
        cls.objects.owned_by(owner).forget_old_drafts()
        name = plain_name(file.name or "")
        media_type = media_type_to_keep(file, name)
        cls.objects.owned_by(owner).drafts().refuse_more(file.size)
        attachment = cls(owner=owner, name=name, media_type=media_type)
        attachment.fill(file)
        attachment.save(force_insert=True)
        return attachment

    @property
    def kind(self) -> str:
        major = self.media_type.partition("/")[0]
        return major if major in Kind.values else Kind.FILE.value

    @property
    def is_image(self) -> bool:
        return self.kind == Kind.IMAGE

    @property
    def is_pdf(self) -> bool:
        return self.media_type == PDF

    @property
    def is_draft(self) -> bool:
        return self.message_id is None

    def as_content(self) -> dict[str, Any]:
        """How the content of a message names it, with what its page shows of it."""
        return {"type": self.kind, "attachment": self.public_id, "name": self.name, "size": self.size}

    def can_be_given_to(self, offer: Offer) -> bool:
        return self.kind == Kind.TEXT or self.kind in offer.inputs or bool(self.text)

    def goes_as_text_to(self, offer: Offer) -> bool:
        """A document that the model does not read, and of which it gets what it says."""
        return self.kind == Kind.FILE and bool(self.text) and not (self.is_pdf and "file" in offer.inputs)

    def as_part(self, offer: Offer) -> Part:
        """How a model is sent it. Raises InvalidRequest if the file is gone."""
        if self.goes_as_text_to(offer):
            return self._as_text(self.text)
        raw = self._read_for_model()
        match self.kind:
            case Kind.TEXT:
                return self._as_text(raw.decode("utf-8-sig"))
            case Kind.IMAGE:
                return Image(self._data_url(raw))
            case Kind.AUDIO:
                return Audio(_base64(raw), "wav" if self.media_type == "audio/wav" else "mp3")
            case Kind.VIDEO:
                return Video(self._data_url(raw))
        return File(self.name, self._data_url(raw))

    def fill(self, file: StoredFile[Any]) -> None:
        """Take in the file, with what is made of it. Raises ValidationError for a document without a text."""
        raw = file.read()
        file.seek(0)
        if self.is_image:
            # Loaded with the first picture: it takes a part of the site's start.
            from . import picture

            cleaned = picture.clean(raw, self.media_type, self.name)
            file = file if cleaned is raw else ContentFile(cleaned, self.name)
            if small := picture.thumbnail(cleaned, self.media_type, self.name):
                self.thumbnail = StoredFile(BytesIO(small), "thumbnail")
        elif self.kind == Kind.FILE:
            self.text = self._text_of(raw)
        self.file, self.size = file, file.size

    @property
    def kept_files(self) -> list[FieldFile]:
        return [kept for kept in (self.file, self.thumbnail) if kept]

    def read(self) -> bytes:
        """Raises FileNotFoundError."""
        with self.file.open("rb") as file:
            return file.read()

    def _text_of(self, raw: bytes) -> str:
        """A PDF may also be read by the model itself; of another document nothing but its text is sent."""
        try:
            text = storable(document.text_of(raw, self.media_type))
        except document.Unreadable as error:
            if self.is_pdf:
                return ""
            raise ValidationError(f"{self.name} {error}.", code="unreadable") from error
        if not text and not self.is_pdf:
            raise ValidationError(f"There is no text in {self.name}.", code="no_text")
        return text

    def _as_text(self, text: str) -> Text:
        return Text(f"{self.name}\n\n{fenced(text)}\n\n")

    def _read_for_model(self) -> bytes:
        try:
            return self.read()
        except FileNotFoundError as error:
            raise InvalidRequest(
                f"The file {self.name} is no longer on this site. Edit your message, and leave it out."
            ) from error

    def _data_url(self, raw: bytes) -> str:
        return f"data:{self.media_type};base64,{_base64(raw)}"


@receiver(post_delete, sender=Attachment)
def delete_file(instance: Attachment, **_: Any) -> None:
    """Whatever it was deleted with, and only once that is certain."""
    for kept in instance.kept_files:
        transaction.on_commit(partial(kept.delete, save=False), robust=True)


def media_type_to_keep(file: StoredFile[Any], name: str) -> str:
    """Raises ValidationError for a file that is too large, empty, or of a type that no model takes."""
    if file.size > settings.ATTACHMENT_MAX_SIZE:
        largest = filesizeformat(settings.ATTACHMENT_MAX_SIZE)
        raise ValidationError(f"{name} is larger than {largest}, which is the most.", code="too_large")
    if not file.size:
        raise ValidationError(f"{name} is empty.", code="empty")
    try:
        media_type = type_of(file.read())
    except document.Unreadable as error:
        raise ValidationError(f"{name} {error}.", code="unreadable") from error
    if media_type is None:
        raise ValidationError(
            f"{name} is of a type that cannot be sent. Attach an image (PNG, JPEG, GIF, WebP), a PDF, "
            "a document (DOCX, XLSX, PPTX, ODT, ODS, ODP), audio (WAV, MP3), video (MP4, WebM), or text or code in "
            "UTF-8.",
            code="type",
        )
    file.seek(0)
    return media_type


def plain_name(name: str) -> str:
    """The name on one line, without what cannot be seen or turns the direction of the line around."""
    visible = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(visible.split())[-NAME_MAX_LENGTH:] or "file"


def fenced(text: str) -> str:
    """The text between fences that are longer than any in it, so that a model sees where it ends."""
    longest = max(map(len, re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
