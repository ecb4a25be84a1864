from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from .message import Message, Role
from .storable import storable
from .tree import Tree

if TYPE_CHECKING:
    from .user import User


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and the answer that is being written to it."""

    question: Message
    answer: Message

    def load(self) -> None:
        """Have at hand what showing it takes, where the database cannot be asked."""
        _ = self.question.parent, self.answer.model
        tree = Tree(self.answer.conversation)
        for message in (self.question, self.answer):
            message.versions = tree.versions_of(message.pk)


class AnswerInProgress(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            "An answer is still being written. Wait for it, or stop it first.", code="in_progress"
        )


class MessageGone(ValidationError):
    def __init__(self) -> None:
        super().__init__("This message is no longer part of the conversation. Reload the page.", code="gone")


class OtherTextSent(ValidationError):
    """The turn of this id exists and asks something else: whoever sends needs an id of its own for this."""

    def __init__(self) -> None:
        super().__init__(
            "This page had already sent another message. Send this one again.", code="other_text"
        )


def question_text(text: str, attachments: Sequence[str] = ()) -> str:
    """The text as it is kept. Raises ValidationError for one that is too long, or without which nothing is said."""
    text = storable(text.replace("\r\n", "\n")).strip("\n")
    if not text.strip():
        if attachments:
            return ""
        raise ValidationError("Write a message first.", code="empty")
    if len(text) > settings.MESSAGE_MAX_LENGTH:
        raise ValidationError(
            f"This message has {len(text):,} characters; {settings.MESSAGE_MAX_LENGTH:,} are possible. "
            "Shorten it, or send it in parts.",
            code="too_long",
        )
    return text


def taken_or_made(
    turn_id: UUID,
    owner: User,
    make: Callable[[], Turn],
    before: Callable[[], None] = lambda: None,
    text: str | None = None,
) -> Turn:
    """Of two that are sent with one id at the same moment, the slower gets the turn of the faster."""
    try:
        with transaction.atomic():
            before()
            return _turn_already_taken(turn_id, owner, text) or make()
    except IntegrityError:
        if turn := _turn_already_taken(turn_id, owner, text):
            return turn
        raise


def _turn_already_taken(turn_id: UUID, owner: User, text: str | None = None) -> Turn | None:
    """The turn with this id; ids are the client's, so somebody else's is refused and not shown."""
    turns = Message.with_deleted.select_related("conversation", "parent")
    taken = turns.filter(turn_id=turn_id).first()
    if taken is None:
        return None
    if taken.conversation.owner_id != owner.pk:
        raise ValidationError(
            "This message could not be sent. Reload the page and send it again.", code="turn"
        )
    answer = turns.get(parent=taken, turn_id=None) if taken.role == Role.USER else taken
    if text not in {None, taken.text} or answer.deleted_at:
        raise OtherTextSent
    return Turn(answer.question, answer)
