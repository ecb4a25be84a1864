"""Reasoning that a model wants back: kept when it comes, put back when a client sends the history without it."""

import logging
from dataclasses import replace

from django.db import DatabaseError

from chat.completions import ChatRequest, Choice, Message
from chat.models import KeptReasoning, Upstream

from .payer import Payer

logger = logging.getLogger(__name__)


def keep(payer: Payer, upstream: Upstream, choice: Choice) -> None:
    """An answer is not lost because its reasoning could not be kept: the next turn goes without."""
    try:
        KeptReasoning.objects.keep(payer.user.pk, upstream.pk, choice)
    except DatabaseError:
        logger.exception("The reasoning of an answer of %s could not be kept", upstream)


def restored(request: ChatRequest, payer: Payer, upstream: Upstream) -> ChatRequest:
    """The request with what this upstream's model wrote, and without what another one did."""
    answers = [message for message in request.messages if message.role == "assistant"]
    if not answers:
        return request
    found = KeptReasoning.objects.of_messages(payer.user.pk, answers)

    def whole(message: Message) -> Message:
        kept = found.of(message) if message.role == "assistant" else []
        if not kept:
            return message
        states = (each.as_state() for each in kept if each.upstream_id == upstream.pk)
        own = next((state for state in states if state and state.is_of(upstream.family, request.model)), None)
        return replace(message, reasoning_state=own) if own else _plain(message)

    return replace(request, messages=tuple(map(whole, request.messages)))


def _plain(message: Message) -> Message:
    calls = tuple(replace(call, signature=None) for call in message.tool_calls)
    return replace(message, reasoning_state=None, tool_calls=calls)
