"""Reasoning that a model wants back, kept for clients that do not send it back themselves.

Signed thinking of Claude, thought signatures of Gemini, reasoning of DeepSeek's tool turns, encrypted reasoning of
OpenAI: without it the next turn is refused or answered worse. Clients that know nothing of it send the history
without; it is found again by the first tool call of the message, or by all that was said up to it: the same words
in another conversation are another answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.completions import Choice, Message, ReasoningState, Text

from .encrypted import EncryptedTextField, UnreadableSecret

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

KEPT_FOR = timedelta(hours=24)
# In characters of JSON, and in rows of one person: the oldest go first.
LARGEST = 1_000_000
MOST = 2_000


def kept_until() -> datetime:
    return timezone.now() + KEPT_FOR


class KeptReasoningQuerySet(models.QuerySet["KeptReasoning"]):
    def keep(self, owner_id: int, upstream_id: int, state: ReasoningState | None, marks: Marks) -> None:
        """Keep the reasoning state of an answer, and let go of what is too old or too much."""
        assert state is not None
        kept = orjson.dumps(_as_json(state)).decode()
        if len(kept) > LARGEST:
            return
        self.create(
            owner_id=owner_id, upstream_id=upstream_id, state=kept, call=marks.call, content=marks.content
        )
        self.filter(expires_at__lt=timezone.now()).delete()
        surplus = (
            self.filter(owner_id=owner_id).order_by("-id").values_list("pk", flat=True)[MOST : MOST + 100]
        )
        self.filter(pk__in=list(surplus)).delete()

    def marked(self, owner_id: int, marks: Iterable[Marks]) -> Found:
        """What is kept of the messages with these marks, in one query."""
        marks = list(marks)
        calls = [each.call for each in marks if each.call]
        contents = [each.content for each in marks]
        kept = self.filter(
            Q(call__in=calls) | Q(content__in=contents), owner_id=owner_id, expires_at__gt=timezone.now()
        )
        return Found(list(kept))


class KeptReasoning(models.Model):
    """`call` and `content` are hashes by which the message that it belongs to is known again."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    upstream = models.ForeignKey("chat.Upstream", on_delete=models.CASCADE, related_name="+")
    call = models.CharField(max_length=64, blank=True, db_index=True)
    content = models.CharField(max_length=64, db_index=True)
    state = EncryptedTextField()
    expires_at = models.DateTimeField(default=kept_until, db_index=True)

    objects = KeptReasoningQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Reasoning kept until {self.expires_at:%Y-%m-%d %H:%M}"

    def as_state(self) -> ReasoningState | None:
        """None where it was encrypted with a secret key that is gone."""
        if isinstance(self.state, UnreadableSecret):
            return None
        kept = orjson.loads(self.state)
        return ReasoningState(kept["family"], kept["model"], tuple(kept["blocks"]))


@dataclass(frozen=True, slots=True)
class Marks:
    """By what an answer is known again: its first call, and all that was said up to it and in it."""

    call: str
    content: str

    @classmethod
    def of_answer(cls, history: Sequence[Message], choice: Choice) -> Marks:
        said = hashlib.sha256()
        for message in history:
            said.update(_said(message))
        answer = Message("assistant", (Text(choice.content),), tool_calls=choice.tool_calls)
        return cls._of(said, answer)

    @classmethod
    def of_answers_in(cls, messages: Sequence[Message]) -> dict[int, Marks]:
        """By the place of each assistant message."""
        marks = {}
        said = hashlib.sha256()
        for at, message in enumerate(messages):
            if message.role == "assistant":
                marks[at] = cls._of(said, message)
            said.update(_said(message))
        return marks

    @classmethod
    def _of(cls, before: Hash, answer: Message) -> Marks:
        whole = before.copy()
        whole.update(_said(answer))
        first = answer.tool_calls[0] if answer.tool_calls else None
        call = _bytes([first.id, first.name, _canonical(first.arguments)]) if first else b""
        return cls(hashlib.sha256(call).hexdigest() if call else "", whole.hexdigest())


class Found:
    def __init__(self, kept: list[KeptReasoning]) -> None:
        self._kept = kept

    def of(self, marks: Marks) -> list[KeptReasoning]:
        """The latest first. By its words an answer is known only where it has no call of that id."""
        by_call = [each for each in self._kept if marks.call and each.call == marks.call]
        found = by_call or [each for each in self._kept if each.content == marks.content]
        return sorted(found, key=lambda each: -each.pk)


def _said(message: Message) -> bytes:
    """Of a call the name and the arguments: some clients give it an id of their own."""
    calls = [[call.name, _canonical(call.arguments)] for call in message.tool_calls]
    return _bytes([message.role, message.text.strip(), calls])


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, default=str) + b"\n"


def _as_json(state: ReasoningState) -> Mapping[str, Any]:
    return {"family": state.family, "model": state.model, "blocks": state.blocks}


def _canonical(arguments: str) -> str:
    try:
        return orjson.dumps(orjson.loads(arguments or "{}"), option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONDecodeError:
        return arguments
