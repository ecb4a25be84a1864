"""The bytes of a file that came with a conversation."""

import base64
import binascii

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from .archive import Archive
from .values import File


class Refused(Exception):
    """Its text says why, and is fit to show."""


def content_of(file: File, archive: Archive) -> bytes:
    """Raises Refused for one that is too large or cannot be read, and Unreadable for a damaged archive."""
    if file.member:
        _refuse_large(archive.size_of(file.member))
        return archive.read(file.member)
    if file.data_url:
        return _decoded(file.data_url)
    if not file.text:
        raise Refused("it is not in the archive.")
    return file.text.replace("\0", "\ufffd").encode("utf-8", "replace")


def _decoded(url: str) -> bytes:
    head, _, data = url.partition(",")
    _refuse_large(len(data) * 3 // 4)
    try:
        return base64.b64decode(data, validate=True) if head.endswith(";base64") else data.encode()
    except binascii.Error as error:
        raise Refused("its content is damaged.") from error


def _refuse_large(size: int) -> None:
    if size > settings.ATTACHMENT_MAX_SIZE + 2:
        raise Refused(f"it is larger than {filesizeformat(settings.ATTACHMENT_MAX_SIZE)}, which is the most.")
