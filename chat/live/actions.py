"""What a tab can ask for: the `action` of a message on its socket, with the fields of its form."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.core.exceptions import ValidationError

from chat.models import Conversation, LanguageModel, Message, Turn
from chat.models.public_id import is_public_id

from . import frames, groups
from .keeper import keeper
from .renderer import in_thread

if TYPE_CHECKING:
    from .consumers import ConversationConsumer

Body = Mapping[str, Any]

GARBLED = ValidationError("This page sent something that the site does not understand. Reload it.")
GONE = ValidationError("This message is no longer part of the conversation. Reload the page.")


async def perform(tab: ConversationConsumer, conversation: Conversation, text: str) -> None:
    """Raises ValidationError with words for who sent it."""
    body = parsed(text)
    action = ACTIONS.get(field(body, "action"))
    if action is None:
        raise GARBLED
    await action(tab, conversation, body)


async def ask(_tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        edited = field(body, "instead_of")
        return conversation.ask(
            field(body, "text"),
            model=model_for(conversation, body),
            turn_id=turn_id(body),
            instead_of=message_in(conversation, edited, Message.Role.USER) if edited else None,
            attachments=fields(body, "attachments"),
        )

    await keeper.begin(await database_sync_to_async(turn)())


async def retry(_tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        answer = message_in(conversation, field(body, "message"), Message.Role.ASSISTANT)
        return conversation.retry(answer, model=model_for(conversation, body), turn_id=turn_id(body))

    await keeper.begin(await database_sync_to_async(turn)())


async def go_on(_tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        return conversation.go_on(message_in(conversation, field(body, "message"), Message.Role.ASSISTANT))

    await keeper.begin(await database_sync_to_async(turn)())


async def stop(_tab: ConversationConsumer, conversation: Conversation, _body: Body) -> None:
    await stop_answers(await database_sync_to_async(streaming_in)(conversation))


async def stop_answers(answers: Iterable[str]) -> None:
    for answer in answers:
        await groups.tell(groups.writer(answer), {"type": "stop", "answer": answer})


async def catch_up(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    """Show a tab that (re)connects what came while it was away, and join it to what streams."""
    seen, status = field(body, "last"), field(body, "status")
    missed = await database_sync_to_async(missed_since)(conversation, seen, status)
    if html := await missed.html():
        await tab.show(html)
    for answer in await database_sync_to_async(streaming_in)(conversation):
        await tab.ask_for_whole(answer)


async def show_saved(tab: ConversationConsumer, answer: str) -> None:
    """Show the whole of an answer that has ended: nobody writes it any more whom the tab could ask."""
    found = Message.objects.filter(public_id=answer).select_related("model")
    for message in await database_sync_to_async(list)(found):
        await tab.show(await in_thread(frames.whole, message))


ACTIONS: Mapping[str, Callable[[ConversationConsumer, Conversation, Body], Awaitable[None]]] = {
    "ask": ask,
    "retry": retry,
    "continue": go_on,
    "stop": stop,
    "catch_up": catch_up,
}


def parsed(text: str) -> Body:
    try:
        body = json.loads(text)["body"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GARBLED from error
    if not isinstance(body, dict):
        raise GARBLED
    return body


def field(body: Body, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise GARBLED
    return value


def fields(body: Body, name: str) -> list[str]:
    """All values of one name: hx-ws sends a single one as it is, and several as a list."""
    value = body.get(name, [])
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise GARBLED
    return values


def turn_id(body: Body) -> UUID:
    try:
        return UUID(field(body, "turn_id"))
    except ValueError as error:
        raise GARBLED from error


def model_for(conversation: Conversation, body: Body) -> LanguageModel:
    """The model that was chosen with the turn, or else the conversation's."""
    usable = LanguageModel.objects.usable_by(conversation.owner)
    chosen = field(body, "model") or (conversation.model.model_id if conversation.model else "")
    if found := usable.filter(model_id=chosen.replace("\0", "")).first():
        return found
    raise ValidationError("This model is not available any more. Choose another one.", code="model")


def message_in(conversation: Conversation, public_id: str, role: str) -> Message:
    if not is_public_id(public_id):
        raise GONE
    messages = conversation.messages.select_related("parent", "model")
    found = messages.filter(public_id=public_id, role=role).first()
    if found is None:
        raise GONE
    return found


def streaming_in(conversation: Conversation) -> list[str]:
    return list(conversation.messages.streaming().values_list("public_id", flat=True))


@dataclass(frozen=True, slots=True)
class Missed:
    """What a page lacks: `news`, after `seen` if that is on the page, and `seen` itself if it has changed."""

    news: list[Message]
    seen: Message | None = None
    has_changed: bool = False

    async def html(self) -> str:
        # One by one, so that between them others come to have theirs rendered.
        articles = [await in_thread(frames.message_html, message) for message in self.news]
        if self.seen is None:
            return frames.page(articles)
        changed = await in_thread(frames.whole, self.seen) if self.has_changed else ""
        return changed + (frames.after(self.seen, articles) if articles else "")


def missed_since(conversation: Conversation, last: str, status: str) -> Missed:
    """What a page lacks whose last article is this message, as it was then."""
    branch = conversation.branch()
    seen = branch.find(last)
    if seen is None or branch.length_after(seen) > frames.PAGE_LENGTH:
        return Missed(branch.latest(frames.PAGE_LENGTH))
    return Missed(branch.after(seen), seen, has_changed=not seen.is_streaming and seen.status != status)
