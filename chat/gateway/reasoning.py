"""Reasoning that a model wants back: kept when it comes, put back when a client sends the history without it."""

import logging
from dataclasses import replace

from django.db import DatabaseError

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


def restored(request: ChatRequest, payer: Payer, upstream: Upstream) -> ChatRequest:
    """The request with what this upstream's model wrote, and without what another one did."""
    marks = Marks.of_answers_in(request.messages)
    if not marks:
        return request
    found = KeptReasoning.objects.marked(payer.user.pk, marks.values())

    def whole(at: int, message: Message) -> Message:
        kept = found.of(marks[at]) if at in marks else []
        if not kept:
            return message
        states = (each.as_state() for each in kept if each.upstream_id == upstream.pk)
        own = next((state for state in states if state and state.is_of(upstream.family, request.model)), None)
        return replace(message, reasoning_state=own) if own else _plain(message)

    return replace(request, messages=tuple(whole(at, each) for at, each in enumerate(request.messages)))


def _plain(message: Message) -> Message:
    calls = tuple(replace(call, signature=None) for call in message.tool_calls)
    return replace(message, reasoning="", reasoning_state=None, tool_calls=calls)
