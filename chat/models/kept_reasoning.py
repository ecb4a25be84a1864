"""Reasoning that a model wants back, kept for clients that do not send it back themselves.

Signed thinking of Claude, thought signatures of Gemini, reasoning of DeepSeek's tool turns, encrypted reasoning of
OpenAI: without it the next turn is refused or answered worse. Clients that know nothing of it send the history
without; it is found again by the first tool call of the message, or by what the message says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.completions import Choice, Message, ReasoningState, ToolCall

from .encrypted import EncryptedTextField, UnreadableSecret

KEPT_FOR = timedelta(hours=24)
# In characters of JSON, and in rows of one person: the oldest go first.
LARGEST = 1_000_000
MOST = 2_000


def kept_until() -> datetime:
    return timezone.now() + KEPT_FOR


class KeptReasoningQuerySet(models.QuerySet["KeptReasoning"]):
    def keep(self, owner_id: int, upstream_id: int, choice: Choice) -> None:
        """Keep the reasoning state of an answer, and let go of what is too old or too much."""
        assert choice.reasoning_state is not None
        state = orjson.dumps(_as_json(choice.reasoning_state)).decode()
        if len(state) > LARGEST:
            return
        marks = Marks.of(choice.content, choice.tool_calls)
        self.create(
            owner_id=owner_id, upstream_id=upstream_id, state=state, call=marks.call, content=marks.content
        )
        self.filter(expires_at__lt=timezone.now()).delete()
        surplus = (
            self.filter(owner_id=owner_id).order_by("-id").values_list("pk", flat=True)[MOST : MOST + 100]
        )
        self.filter(pk__in=list(surplus)).delete()

    def of_messages(self, owner_id: int, messages: Iterable[Message]) -> Found:
        """What is kept of each of these assistant messages, in one query."""
        marks = [Marks.of(message.text, message.tool_calls) for message in messages]
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


class Marks:
    """By what a message is known again: the id of its first call, and its words and calls together."""

    def __init__(self, call: str, content: str) -> None:
        self.call = call
        self.content = content

    @classmethod
    def of(cls, text: str, calls: Iterable[ToolCall]) -> Marks:
        calls = list(calls)
        said = [text.strip(), *([call.name, _canonical(call.arguments)] for call in calls)]
        return cls(_hash(calls[0].id) if calls else "", _hash(orjson.dumps(said).decode()))


class Found:
    def __init__(self, kept: list[KeptReasoning]) -> None:
        self._kept = kept

    def of(self, message: Message) -> list[KeptReasoning]:
        """The latest first. A call id is sure; equal words are taken only where there is no id."""
        marks = Marks.of(message.text, message.tool_calls)
        by_call = [each for each in self._kept if marks.call and each.call == marks.call]
        found = by_call or [each for each in self._kept if each.content == marks.content]
        return sorted(found, key=lambda each: -each.pk)


def _as_json(state: ReasoningState) -> Mapping[str, Any]:
    return {"family": state.family, "model": state.model, "blocks": state.blocks}


def _canonical(arguments: str) -> str:
    try:
        return orjson.dumps(orjson.loads(arguments or "{}"), option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONDecodeError:
        return arguments


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
