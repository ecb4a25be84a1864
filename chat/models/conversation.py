from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from chat.completions import ChatRequest, Part, Text
from chat.completions import Message as CompletionMessage

from .attachment import Attachment
from .branch import Branch
from .chat_settings import ChatSettings
from .label import Folder, Tag
from .message import Message, MessageQuerySet, Role, Status, text_parts
from .offer import ANY, Offer
from .public_id import PublicIdField
from .share import Draw, Share, Terms
from .shelf import AT_HAND, ConversationQuerySet
from .snapshot import Shown
from .storable import storable
from .tree import Tree

if TYPE_CHECKING:
    from .language_model import LanguageModel
    from .user import User

TITLE_MAX_LENGTH = 200
SOURCE_ID_MAX_LENGTH = 100
GO_ON = "Continue exactly where your last message broke off. Do not repeat any of it and do not comment."


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


class Conversation(ChatSettings):
    """A tree of messages with an owner. `head` is the last message of the branch that was used last."""

    public_id = PublicIdField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(max_length=TITLE_MAX_LENGTH)
    model = models.ForeignKey("chat.LanguageModel", null=True, on_delete=models.SET_NULL, related_name="+")
    head = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField("last turn", default=timezone.now)
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

        return _taken_or_made(turn_id, owner, make, text=text)

    def ask(
        self,
        text: str,
        *,
        model: LanguageModel,
        turn_id: UUID,
        at: Message | None = None,
        instead_of: Message | None = None,
        attachments: Sequence[str] = (),
    ) -> Turn:
        """Add a question and the empty answer to it, behind `at` or `instead_of` an earlier question.

        `at` is where the branch ends that is being read, and the head if it is not given. `attachments` are public
        ids: of the owner's drafts, or of what the earlier question had. Raises ValidationError for others, and if
        the message is empty or too long, AnswerInProgress while one is being written there. The same `turn_id`
        again returns the turn that it made the first time; with another text it raises OtherTextSent.
        """
        text = question_text(text, attachments)

        def make() -> Turn:
            end = self._end_of_branch(at)
            self._refuse_if_gone(instead_of)
            files = Attachment.objects.owned_by(self.owner).to_send(attachments, instead_of)
            parent = instead_of.parent_id if instead_of else end
            return self.add_turn(text, model, turn_id, parent, files)

        return _taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns, text=text)

    def retry(
        self, answer: Message, *, model: LanguageModel, turn_id: UUID, at: Message | None = None
    ) -> Turn:
        """Ask for another answer to the same question; the one there is stays, on a branch of its own."""

        def make() -> Turn:
            self._end_of_branch(at)
            self._refuse_if_gone(answer)
            return Turn(answer.question, self._expect_answer(answer.question, model, turn_id))

        return _taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns)

    def go_on(self, answer: Message) -> Turn:
        """Let the model write on where a cut off answer ends."""
        with transaction.atomic():
            self._wait_for_other_turns()
            # Another tab may have had it written on, to another end, since it was looked up.
            found = self.messages.select_related("parent", "model").filter(pk=answer.pk).first()
            if found is None:
                raise MessageGone
            answer = found
            if answer.is_streaming:
                raise AnswerInProgress
            if not answer.is_cut_off or answer.model is None or answer.replies.exists():
                raise ValidationError("This answer cannot be continued. Retry it instead.", code="complete")
            answer.resume()
            return Turn(answer.question, answer)

    def revise(self, answer: Message, text: str, *, turn_id: UUID) -> Turn:
        """Keep another version of an answer, as a person wrote it; no model is asked."""
        text = question_text(text)

        def make() -> Turn:
            self._refuse_if_gone(answer)
            if self.messages.streaming().filter(pk=answer.pk).exists():
                raise AnswerInProgress
            return Turn(answer.question, self._keep_revised(answer, text, turn_id))

        return _taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns, text=text)

    def delete_branch(self, message: Message) -> str:
        """Delete a message with all that follows it, until it is restored or kept long enough.

        Returns the public id of where the branch beside it ends. Raises AnswerInProgress while one is being written
        there, and ValidationError where nothing would be left to read.
        """
        with transaction.atomic():
            self._wait_for_other_turns()
            tree = Tree(self)
            gone = self._to_delete(message, tree)
            self.messages.filter(pk__in=gone).update(deleted_at=timezone.now())
            beside = tree.beside(message.pk)
            assert beside is not None
            if self.head_id in gone:
                self._move_head(beside)
            return tree.public_ids[beside]

    def restore_branch(self, public_id: str) -> None:
        """Undo the deletion of a message, with what was deleted together with it."""
        with transaction.atomic():
            self._wait_for_other_turns()
            deleted = self._deleted().filter(public_id=public_id).select_related("parent").first()
            if deleted is None or (deleted.parent and deleted.parent.deleted_at):
                raise ValidationError("This cannot be brought back any more.", code="gone")
            self._deleted().filter(deleted_at=deleted.deleted_at).update(deleted_at=None)
            self._move_head(Tree(self).latest_below(deleted.pk))

    def add_turn(
        self,
        text: str,
        model: LanguageModel,
        turn_id: UUID,
        parent_id: int | None = None,
        files: Sequence[Attachment] = (),
    ) -> Turn:
        """A question and the empty answer to it, for which `begin` and `ask` have made room."""
        question = self.messages.create(
            role=Role.USER,
            parent_id=parent_id,
            turn_id=turn_id,
            content=[*(file.as_content() for file in files), *text_parts(text)],
        )
        drafts = [file.pk for file in files if file.is_draft]
        Attachment.objects.filter(pk__in=drafts).update(message=question)
        return Turn(question, self._expect_answer(question, model))

    def branch(self, at: str = "") -> Branch:
        """The branch through the message with this public id; without it, the one that was used last."""
        return (Branch.through(self, at) if at else None) or Branch(self, self.head_id)

    def request_for(self, answer: Message) -> ChatRequest:
        """What to ask the model so that it writes this answer, or goes on writing it.

        Reads the attached files. Raises InvalidRequest if one is gone.
        """
        assert answer.model is not None
        path = [each for each in self._before(answer) if each.content or each.refusal]
        files = self._attachments_of(path)
        offer = Offer.of(answer.model) if files else ANY
        messages = [message.as_completion_message(files, offer) for message in path]
        if answer.text:
            messages += [
                answer.as_completion_message(files, offer),
                CompletionMessage("user", (Text(GO_ON),)),
            ]
        return self.applied_to(ChatRequest(model=answer.model.model_id, messages=tuple(in_turn(messages))))

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

    def _before(self, answer: Message) -> list[Message]:
        return Branch(self, answer.parent_id).messages()

    def _attachments_of(self, messages: Iterable[Message]) -> dict[str, Attachment]:
        public_ids = [public_id for message in messages for public_id in message.attachment_ids]
        found = Attachment.objects.owned_by(self.owner).in_order(public_ids)
        return {attachment.public_id: attachment for attachment in found}

    def _wait_for_other_turns(self) -> None:
        """Let only one turn be added at a time; SQLite's transactions are exclusive by themselves."""
        fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.head_id = fresh.head_id

    def _end_of_branch(self, at: Message | None) -> int | None:
        """Where a turn is added; refused while an answer is being written there."""
        self._refuse_if_gone(at)
        end = at.pk if at else self.head_id
        if self.messages.streaming().filter(Q(pk=end) | Q(parent__parent=end)).exists():
            raise AnswerInProgress
        return end

    def _refuse_if_gone(self, message: Message | None) -> None:
        if message and not self.messages.filter(pk=message.pk).exists():
            raise MessageGone

    def _keep_revised(self, answer: Message, text: str, turn_id: UUID) -> Message:
        revised = self.messages.create(
            role=Role.ASSISTANT,
            parent=answer.question,
            content=text_parts(text),
            model=answer.model,
            model_name=answer.model_name,
            is_edited=True,
            turn_id=turn_id,
        )
        self.head, self.updated_at = revised, timezone.now()
        self.save(update_fields=["head", "updated_at"])
        return revised

    def _to_delete(self, message: Message, tree: Tree) -> list[int]:
        if message.pk not in tree.parents:
            raise MessageGone
        message.versions = tree.versions_of(message.pk)
        if not message.can_be_deleted:
            raise ValidationError("This is all there is. Delete the conversation instead.", code="last")
        gone = tree.below(message.pk)
        if self.messages.streaming().filter(pk__in=gone).exists():
            raise AnswerInProgress
        return gone

    def _move_head(self, key: int) -> None:
        self.head_id = key
        self.save(update_fields=["head"])

    def _deleted(self) -> MessageQuerySet:
        return Message.with_deleted.filter(conversation=self, deleted_at__isnull=False)

    def _expect_answer(self, question: Message, model: LanguageModel, turn_id: UUID | None = None) -> Message:
        answer = self.messages.create(
            role=Role.ASSISTANT,
            parent=question,
            status=Status.STREAMING,
            model=model,
            model_name=model.name,
            turn_id=turn_id,
        )
        self.head, self.model, self.updated_at = answer, model, timezone.now()
        self.save(update_fields=["head", "model", "updated_at"])
        return answer


def in_turn(messages: list[CompletionMessage]) -> list[CompletionMessage]:
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


def title_from(text: str, longest: int = 60) -> str:
    """The first line of the first question, cut at a word."""
    line = next(line for line in text.splitlines() if line.strip()).strip().lstrip("#>*-` ") or "Untitled"
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"


def _taken_or_made(
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
