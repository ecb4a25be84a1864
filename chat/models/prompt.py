"""What a model is given to read so that it writes an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chat.completions import Message as CompletionMessage
from chat.completions import Part, Text

from .attachment import Attachment
from .message import Message
from .offer import ANY, Offer
from .user import User

GO_ON = "Continue exactly where your last message broke off. Do not repeat any of it and do not comment."


def prompt_for(answer: Message, before: Iterable[Message]) -> tuple[CompletionMessage, ...]:
    """The messages `before` it, and what there is of the answer itself if the model is to go on with that.

    Reads the attached files. Raises InvalidRequest if one is gone.
    """
    assert answer.model is not None
    path = [each for each in before if each.content or each.refusal]
    files = _attachments_of(path, answer.conversation.owner)
    offer = Offer.of(answer.model) if files else ANY
    messages = [message.as_completion_message(files, offer) for message in path]
    if answer.text:
        messages += [answer.as_completion_message(files, offer), CompletionMessage("user", (Text(GO_ON),))]
    return tuple(_in_turn(messages))


def _attachments_of(messages: list[Message], owner: User) -> dict[str, Attachment]:
    public_ids = [public_id for message in messages for public_id in message.attachment_ids]
    found = Attachment.objects.owned_by(owner).in_order(public_ids)
    return {attachment.public_id: attachment for attachment in found}


def _in_turn(messages: list[CompletionMessage]) -> list[CompletionMessage]:
    """Two questions with no answer between them as one: several providers refuse them otherwise."""
    merged: list[CompletionMessage] = []
    for message in messages:
        if merged and merged[-1].role == message.role == "user":
            merged[-1] = replace(message, parts=_joined(merged[-1].parts, message.parts))
        else:
            merged.append(message)
    return merged


def _joined(before: tuple[Part, ...], after: tuple[Part, ...]) -> tuple[Part, ...]:
    """Text alone stays one text: not every server takes a list of them."""
    match before, after:
        case (Text(first),), (Text(second),):
            return (Text(f"{first}\n\n{second}"),)
    return (*before, *after)
