"""A chat that is never written down: the same turns and messages, kept only in the memory of a process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from .conversation import Conversation
from .language_model import LanguageModel
from .message import Message, Role, text_parts
from .turn import AnswerInProgress, OtherTextSent, Turn, question_text
from .worker import Worker

MOST_MESSAGES = 400
NO_VERSIONS = ValidationError("A temporary chat has no versions.", code="temporary")
# Above every key of the database: an answer that is being written is known there by its key.
KEYS = count(2**62)
GROWN = ("draft", "_earlier", "_reasoning_began")


class TemporaryMessage(Message):
    """Where another one is saved, this one only changes."""

    is_temporary = True

    class Meta:
        proxy = True
        default_permissions = ()

    def save(self, *_: Any, **__: Any) -> None:
        pass

    def claim(self, worker: Worker) -> bool:
        is_waiting = self.is_streaming and self.worker is None
        self.worker = worker
        return is_waiting

    def resume(self) -> None:
        # Another message is read anew before it is continued, and so begins with what was saved of it.
        for name in GROWN:
            self.__dict__.pop(name, None)
        super().resume()

    def checkpoint(self, drafted: dict[str, Any]) -> bool:
        return self._write(drafted)

    def _write(self, fields: dict[str, Any]) -> bool:
        was_streaming = self.is_streaming
        for name, value in fields.items():
            setattr(self, name, value)
        return was_streaming


class TemporaryConversation(Conversation):
    """One line of messages: what is asked anew takes the place of what was there, which is gone."""

    class Meta:
        proxy = True
        default_permissions = ()

    def save(self, *_: Any, **__: Any) -> None:
        pass

    @cached_property
    def line(self) -> list[TemporaryMessage]:
        return []

    def ask(
        self,
        text: str,
        *,
        model: LanguageModel,
        turn_id: UUID,
        at: Message | None = None,  # noqa: ARG002  there is one end
        instead_of: Message | None = None,
        attachments: Sequence[str] = (),
    ) -> Turn:
        if attachments:
            raise ValidationError("A temporary chat takes no files: they would be kept.", code="files")
        text = question_text(text)
        if taken := self._taken(turn_id, text):
            return taken
        self._refuse_while_answering()
        self._cut_at(instead_of)
        parent = self.line[-1] if self.line else None
        question = self._add(role=Role.USER, parent=parent, turn_id=turn_id, content=text_parts(text))
        return Turn(question, self._expect_answer(question, model))

    def retry(
        self,
        answer: Message,
        *,
        model: LanguageModel,
        turn_id: UUID,
        at: Message | None = None,  # noqa: ARG002
    ) -> Turn:
        if taken := self._taken(turn_id):
            return taken
        self._refuse_while_answering()
        self._cut_at(answer)
        return Turn(answer.question, self._expect_answer(answer.question, model, turn_id))

    def go_on(self, answer: Message) -> Turn:
        self._refuse_while_answering()
        if not answer.is_cut_off or answer.model is None:
            raise ValidationError("This answer cannot be continued. Retry it instead.", code="complete")
        answer.resume()
        return Turn(answer.question, answer)

    def revise(self, answer: Message, text: str, *, turn_id: UUID) -> Turn:  # noqa: ARG002
        raise NO_VERSIONS

    def delete_branch(self, message: Message) -> str:  # noqa: ARG002
        raise NO_VERSIONS

    def restore_branch(self, public_id: str) -> None:  # noqa: ARG002
        raise NO_VERSIONS

    def message(self, public_id: str, role: str = "") -> Message | None:
        found = (each for each in self.line if each.public_id == public_id and role in {"", each.role})
        return next(found, None)

    def shape(self) -> list[tuple[int, int | None, str]]:
        return [(each.pk, each.parent_id, each.public_id) for each in self.line]

    def load(self, keys: list[int]) -> dict[int, Message]:
        return {each.pk: each for each in self.line if each.pk in keys}

    def tip(self) -> str:
        return self.line[-1].public_id if self.line else ""

    def streaming(self) -> list[str]:
        return [each.public_id for each in self.line if each.is_streaming]

    def _before(self, answer: Message) -> list[Message]:
        return [*self.line[: self.line.index(answer)]]  # type: ignore[arg-type]

    def _taken(self, turn_id: UUID, text: str | None = None) -> Turn | None:
        taken = next((each for each in self.line if each.turn_id == turn_id), None)
        if taken is None:
            return None
        if text not in {None, taken.text}:
            raise OtherTextSent
        if taken.role == Role.USER:
            return Turn(taken, self.line[self.line.index(taken) + 1])
        return Turn(taken.question, taken)

    def _refuse_while_answering(self) -> None:
        if self.streaming():
            raise AnswerInProgress
        if len(self.line) >= MOST_MESSAGES:
            raise ValidationError(
                "This temporary chat has become too long. Start another one.", code="too_long"
            )

    def _cut_at(self, message: Message | None) -> None:
        if message:
            del self.line[self.line.index(message) :]  # type: ignore[arg-type]
            self.head_id = self.line[-1].pk if self.line else None

    def _add(self, **fields: Any) -> TemporaryMessage:
        message = TemporaryMessage(pk=next(KEYS), conversation=self, **fields)
        self.line.append(message)
        self.head_id = message.pk
        return message
