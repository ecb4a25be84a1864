"""Reasoning that a model wants back: kept when it comes, put back when a client sends the history without it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import DatabaseError
from django.utils.asyncio import async_unsafe

from chat.completions import ChatRequest, Choice, Message
from chat.models import KeptReasoning, Upstream
from chat.models.kept_reasoning import Marks

from .payer import Payer

logger = logging.getLogger(__name__)


def keep(request: ChatRequest, payer: Payer, upstream: Upstream, choice: Choice) -> None:
    """An answer is not lost because its reasoning could not be kept: the next turn goes without."""
    marks = Marks.of_answer(request.messages, choice)
    try:
        KeptReasoning.objects.keep(payer.user.pk, upstream.pk, choice.reasoning_state, marks)
    except DatabaseError:
        logger.exception("The reasoning of an answer of %s could not be kept", upstream)


# Said before the whole history is hashed, which would have to be done again in the database's thread.
@async_unsafe
def kept(request: ChatRequest, payer: Payer) -> Kept:
    """What is kept of the answers in its history, in one query."""
    marks = Marks.of_answers_in(request.messages)
    found = KeptReasoning.objects.marked(payer.user.pk, marks.values())
    return Kept({at: states for at, each in marks.items() if (states := found.of(each))})


@dataclass(frozen=True, slots=True)
class Kept:
    """By the place of an answer in the history, what is kept of it, the latest first."""

    states: Mapping[int, Sequence[KeptReasoning]] = field(default_factory=dict)

    @property
    def writer(self) -> int | None:
        """The upstream that wrote the latest: another one could not read on from there."""
        return self.states[max(self.states)][0].upstream_id if self.states else None

    def restored(self, request: ChatRequest, upstream: Upstream) -> ChatRequest:
        """The request with what this upstream's model wrote, and without what another one did."""
        if not self.states:
            return request

        def whole(at: int, message: Message) -> Message:
            if at not in self.states:
                return message
            states = (each.as_state() for each in self.states[at] if each.upstream_id == upstream.pk)
            own = next((each for each in states if each and each.is_of(upstream.family, request.model)), None)
            return replace(message, reasoning_state=own) if own else _plain(message)

        return replace(request, messages=tuple(whole(at, each) for at, each in enumerate(request.messages)))


def _plain(message: Message) -> Message:
    calls = tuple(replace(call, signature=None) for call in message.tool_calls)
    return replace(message, reasoning="", reasoning_state=None, tool_calls=calls)
