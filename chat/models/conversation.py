from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from chat.completions import ChatRequest, Part, Text
from chat.completions import Message as CompletionMessage

from .attachment import Attachment
from .branch import Branch
from .message import Message, Role, Status, storable, text_parts
from .public_id import PublicIdField

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


class AnswerInProgress(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            "An answer is still being written. Wait for it, or stop it first.", code="in_progress"
        )


class OtherTextSent(ValidationError):
    """The turn of this id exists and asks something else: whoever sends needs an id of its own for this."""

    def __init__(self) -> None:
        super().__init__(
            "This page had already sent another message. Send this one again.", code="other_text"
        )


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User) -> ConversationQuerySet:
        return self.filter(owner=user)

    def latest_first(self) -> ConversationQuerySet:
        return self.order_by("-updated_at", "-id")


class Conversation(models.Model):
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
    source_id = models.CharField(
        max_length=SOURCE_ID_MAX_LENGTH, null=True, editable=False, help_text="Of one that was imported."
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["owner", "-updated_at", "-id"], name="conversations_by_day"),)
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
    ) -> Turn:
        """A new conversation with its first turn; the one that exists if this turn was sent before."""
        text = question_text(text, attachments)

        def make() -> Turn:
            files = Attachment.objects.owned_by(owner).to_send(attachments)
            title = title_from(text or files[0].name)
            conversation = cls.objects.create(owner=owner, title=title, model=model)
            return conversation.add_turn(text, model, turn_id, files=files)

        return _taken_or_made(turn_id, owner, make, text=text)

    def ask(
        self,
        text: str,
        *,
        model: LanguageModel,
        turn_id: UUID,
        instead_of: Message | None = None,
        attachments: Sequence[str] = (),
    ) -> Turn:
        """Add a question and the empty answer to it, at the head or `instead_of` an earlier question.

        `attachments` are public ids: of the owner's drafts, or of what the earlier question had. Raises
        ValidationError for others, and if the message is empty or too long, AnswerInProgress while one is being
        written. The same `turn_id` again returns the turn that it made the first time; with another text it
        raises OtherTextSent.
        """
        text = question_text(text, attachments)

        def make() -> Turn:
            self._refuse_while_answering()
            files = Attachment.objects.owned_by(self.owner).to_send(attachments, instead_of)
            return self.add_turn(text, model, turn_id, instead_of, files)

        return _taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns, text=text)

    def retry(self, answer: Message, *, model: LanguageModel, turn_id: UUID) -> Turn:
        """Ask for another answer to the same question; the one there is stays, on a branch of its own."""

        def make() -> Turn:
            self._refuse_while_answering()
            return Turn(answer.question, self._expect_answer(answer.question, model, turn_id))

        return _taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns)

    def go_on(self, answer: Message) -> Turn:
        """Let the model write on where a cut off answer ends."""
        with transaction.atomic():
            self._wait_for_other_turns()
            self._refuse_while_answering()
            # Another tab may have had it written on, to another end, since it was looked up.
            answer = self.messages.select_related("parent", "model").get(pk=answer.pk)
            if not answer.is_cut_off or answer.model is None:
                raise ValidationError("This answer cannot be continued. Retry it instead.", code="complete")
            answer.resume()
            return Turn(answer.question, answer)

    def add_turn(
        self,
        text: str,
        model: LanguageModel,
        turn_id: UUID,
        instead_of: Message | None = None,
        files: Sequence[Attachment] = (),
    ) -> Turn:
        """A question and the empty answer to it, for which `begin` and `ask` have made room."""
        question = self.messages.create(
            role=Role.USER,
            parent_id=instead_of.parent_id if instead_of else self.head_id,
            turn_id=turn_id,
            content=[*(file.as_content() for file in files), *text_parts(text)],
        )
        drafts = [file.pk for file in files if file.is_draft]
        Attachment.objects.filter(pk__in=drafts).update(message=question)
        return Turn(question, self._expect_answer(question, model))

    def branch(self) -> Branch:
        """The branch that was used last."""
        return Branch(self, self.head_id)

    def request_for(self, answer: Message) -> ChatRequest:
        """What to ask the model so that it writes this answer, or goes on writing it.

        Reads the attached files. Raises InvalidRequest if one is gone.
        """
        assert answer.model is not None
        path = [each for each in Branch(self, answer.parent_id).messages() if each.content or each.refusal]
        files = self._attachments_of(path)
        messages = [message.as_completion_message(files) for message in path]
        if answer.text:
            messages += [answer.as_completion_message(files), CompletionMessage("user", (Text(GO_ON),))]
        return ChatRequest(model=answer.model.model_id, messages=tuple(in_turn(messages)))

    def rename(self, title: str) -> None:
        """Raises ValidationError for a title that is empty or longer than 200 characters."""
        title = " ".join(storable(title).split())
        if not title:
            raise ValidationError("A conversation needs a title.", code="empty")
        if len(title) > TITLE_MAX_LENGTH:
            raise ValidationError(f"A title has at most {TITLE_MAX_LENGTH} characters.", code="too_long")
        self.title = title
        self.save(update_fields=["title"])

    def _attachments_of(self, messages: Iterable[Message]) -> dict[str, Attachment]:
        public_ids = [public_id for message in messages for public_id in message.attachment_ids]
        found = Attachment.objects.owned_by(self.owner).in_order(public_ids)
        return {attachment.public_id: attachment for attachment in found}

    def _wait_for_other_turns(self) -> None:
        """Let only one turn be added at a time; SQLite's transactions are exclusive by themselves."""
        fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.head_id = fresh.head_id

    def _refuse_while_answering(self) -> None:
        if self.messages.streaming().exists():
            raise AnswerInProgress

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
    taken = Message.objects.filter(turn_id=turn_id).select_related("conversation", "parent").first()
    if taken is None:
        return None
    if taken.conversation.owner_id != owner.pk:
        raise ValidationError(
            "This message could not be sent. Reload the page and send it again.", code="turn"
        )
    if text not in {None, taken.text}:
        raise OtherTextSent
    if taken.role == Role.USER:
        return Turn(taken, taken.replies.get(turn_id=None))
    return Turn(taken.question, taken)
