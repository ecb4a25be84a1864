from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from chat.completions import ChatRequest

from .attachment import Attachment
from .branch import Branch
from .branched import Branched
from .chat_settings import ChatSettings
from .message import Message, Role, Status, text_parts
from .prompt import prompt_for
from .turn import AnswerInProgress, MessageGone, Turn, question_text, taken_or_made

if TYPE_CHECKING:
    from .language_model import LanguageModel


class Asked(Branched, ChatSettings):
    """What adds to a conversation: questions, with the model that answers them, and other versions of answers."""

    model = models.ForeignKey("chat.LanguageModel", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField("last turn", default=timezone.now)

    class Meta:
        abstract = True

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

        return taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns, text=text)

    def retry(
        self, answer: Message, *, model: LanguageModel, turn_id: UUID, at: Message | None = None
    ) -> Turn:
        """Ask for another answer to the same question; the one there is stays, on a branch of its own."""

        def make() -> Turn:
            self._end_of_branch(at)
            self._refuse_if_gone(answer)
            return Turn(answer.question, self._expect_answer(answer.question, model, turn_id))

        return taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns)

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

        return taken_or_made(turn_id, self.owner, make, before=self._wait_for_other_turns, text=text)

    def add_turn(
        self,
        text: str,
        model: LanguageModel,
        turn_id: UUID,
        parent_id: int | None = None,
        files: Sequence[Attachment] = (),
    ) -> Turn:
        """A question and the empty answer to it, for which `begin` and `ask` have made room."""
        question = self._add(
            role=Role.USER,
            parent_id=parent_id,
            turn_id=turn_id,
            content=[*(file.as_content() for file in files), *text_parts(text)],
        )
        drafts = [file.pk for file in files if file.is_draft]
        Attachment.objects.filter(pk__in=drafts).update(message=question)
        return Turn(question, self._expect_answer(question, model))

    def request_for(self, answer: Message) -> ChatRequest:
        """What to ask the model so that it writes this answer, or goes on writing it."""
        assert answer.model is not None
        messages = prompt_for(answer, self._before(answer))
        return self.applied_to(ChatRequest(model=answer.model.model_id, messages=messages))

    def _end_of_branch(self, at: Message | None) -> int | None:
        """Where a turn is added; refused while an answer is being written there."""
        self._refuse_if_gone(at)
        end = at.pk if at else self.head_id
        if self.messages.streaming().filter(Q(pk=end) | Q(parent__parent=end)).exists():
            raise AnswerInProgress
        return end

    def _keep_revised(self, answer: Message, text: str, turn_id: UUID) -> Message:
        revised = self._add(
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

    def _expect_answer(self, question: Message, model: LanguageModel, turn_id: UUID | None = None) -> Message:
        answer = self._add(
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

    def _add(self, **fields: Any) -> Message:
        return self.messages.create(**fields)

    def _before(self, answer: Message) -> list[Message]:
        return Branch(self, answer.parent_id).messages()
