from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from chat.completions import ChatRequest, Text
from chat.completions import Message as CompletionMessage

from .branch import Branch
from .message import Message, Role, Status, storable, text_parts
from .public_id import PublicIdField

if TYPE_CHECKING:
    from .language_model import LanguageModel
    from .user import User

TITLE_MAX_LENGTH = 200
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

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["owner", "-updated_at", "-id"], name="conversations_by_day"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/c/{self.public_id}"

    @classmethod
    def begin(cls, owner: User, text: str, model: LanguageModel, turn_id: UUID) -> Turn:
        """A new conversation with its first turn; the one that exists if this turn was sent before."""
        text = question_text(text)
        with transaction.atomic():
            if turn := _turn_already_taken(turn_id, owner, text):
                return turn
            conversation = cls.objects.create(owner=owner, title=title_from(text), model=model)
            return conversation.ask(text, model=model, turn_id=turn_id)

    def ask(
        self, text: str, *, model: LanguageModel, turn_id: UUID, instead_of: Message | None = None
    ) -> Turn:
        """Add a question and the empty answer to it, at the head or `instead_of` an earlier question.

        Raises ValidationError if the text is empty or too long, AnswerInProgress while one is being written.
        The same `turn_id` again returns the turn that it made the first time; with another text it raises
        OtherTextSent.
        """
        text = question_text(text)
        with transaction.atomic():
            self._wait_for_other_turns()
            if turn := _turn_already_taken(turn_id, self.owner, text):
                return turn
            self._refuse_while_answering()
            question = self.messages.create(
                role=Role.USER,
                parent_id=instead_of.parent_id if instead_of else self.head_id,
                turn_id=turn_id,
                content=text_parts(text),
            )
            return Turn(question, self._expect_answer(question, model))

    def retry(self, answer: Message, *, model: LanguageModel, turn_id: UUID) -> Turn:
        """Ask for another answer to the same question; the one there is stays, on a branch of its own."""
        with transaction.atomic():
            self._wait_for_other_turns()
            if turn := _turn_already_taken(turn_id, self.owner):
                return turn
            self._refuse_while_answering()
            question = answer.question
            return Turn(question, self._expect_answer(question, model, turn_id))

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

    def branch(self) -> Branch:
        """The branch that was used last."""
        return Branch(self, self.head_id)

    def request_for(self, answer: Message) -> ChatRequest:
        """What to ask the model so that it writes this answer, or goes on writing it."""
        assert answer.model is not None
        path = Branch(self, answer.parent_id).messages()
        messages = [message.as_completion_message() for message in path if message.said]
        if answer.text:
            messages += [answer.as_completion_message(), CompletionMessage("user", (Text(GO_ON),))]
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
            both = Text(f"{merged[-1].text}\n\n{message.text}")
            merged[-1] = replace(message, parts=(both,))
        else:
            merged.append(message)
    return merged


def question_text(text: str) -> str:
    """The text as it is kept. Raises ValidationError for one that says nothing or is too long."""
    text = storable(text.replace("\r\n", "\n")).strip("\n")
    if not text.strip():
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
