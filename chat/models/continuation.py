from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from .attachment import Attachment
from .conversation import Conversation
from .message import Message, text_parts
from .share import Share
from .shared_file import SharedFile
from .user import User


def path_to(content: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """The messages of a snapshot that lead to the one of this number, and it; none if there is no such one."""
    path: list[dict[str, Any]] = []
    for branch in reversed(content["branches"]):  # what a branch goes off stands before it
        here = [message for message in branch["messages"] if message["n"] <= number]
        if here and here[-1]["n"] == number:
            path, number = here + path, branch["after"]
    return path


def continue_as(reader: User, share: Share, number: int, revision: str) -> Conversation:
    """A conversation of the reader's own with copies of what is shown up to this message.

    Raises ValidationError if that is not of the revision that the reader has seen, or if a file is gone.
    """
    with transaction.atomic():
        share = _held(share, revision)
        prompt = share.snapshot.get("system_prompt", "")
        conversation = Conversation.objects.create(owner=reader, title=share.title, system_prompt=prompt)
        files = {file.number: file for file in share.files.all()}
        for shown in path_to(share.snapshot, number):
            conversation.head = _copy(conversation, shown, files)
        conversation.save(update_fields=["head"])
    return conversation


def _held(share: Share, revision: str) -> Share:
    """As it is now, until the copy is made: an update meanwhile would have its files under these messages."""
    held = Share.objects.published().select_for_update(of=("self",)).filter(pk=share.pk).first()
    if held is None or str(held.revision) != revision:
        raise ValidationError(
            "The conversation has been updated since you opened it. Look at it again, or take it as it is now.",
            code="changed",
        )
    return held


def _copy(conversation: Conversation, shown: dict[str, Any], files: dict[int, SharedFile]) -> Message:
    message = conversation.messages.create(
        role=shown["role"],
        parent=conversation.head,
        model_name=shown.get("model", ""),
        reasoning=shown.get("reasoning", ""),
    )
    copies = [_copy_file(message, files[file["n"]]) for file in shown.get("files", ())]
    message.content = [*(copy.as_content() for copy in copies), *text_parts(shown["text"])]
    message.save(update_fields=["content"])
    return message


def _copy_file(message: Message, shared: SharedFile) -> Attachment:
    copy = Attachment(
        owner=message.conversation.owner, message=message, name=shared.name, media_type=shared.media_type
    )
    try:
        with shared.file.open("rb") as content:
            copy.fill(File(content, "copy"))
            copy.save(force_insert=True)
    except FileNotFoundError as error:
        raise ValidationError(
            f"The file {shared.name} is no longer on this site. Ask whoever sent you the link to share it again.",
            code="gone",
        ) from error
    return copy
