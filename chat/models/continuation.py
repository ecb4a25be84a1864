from typing import Any

from django.core.files import File
from django.db import transaction

from .attachment import Attachment
from .conversation import Conversation
from .message import Message, Role, text_parts
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


def continue_as(reader: User, share: Share, number: int) -> Conversation:
    """A conversation of the reader's own with copies of what is shown up to this message."""
    with transaction.atomic():
        conversation = Conversation.objects.create(owner=reader, title=share.title)
        files = {file.number: file for file in share.files.all()}
        if prompt := share.snapshot.get("system_prompt"):
            conversation.head = conversation.messages.create(role=Role.SYSTEM, content=text_parts(prompt))
        for shown in path_to(share.snapshot, number):
            conversation.head = _copy(conversation, shown, files)
        conversation.save(update_fields=["head"])
    return conversation


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
    with shared.file.open("rb") as content:
        copy = Attachment(
            owner=message.conversation.owner,
            message=message,
            name=shared.name,
            media_type=shared.media_type,
        )
        copy.fill(File(content, "copy"))
        copy.save()
    return copy
