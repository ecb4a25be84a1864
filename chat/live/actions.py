"""What a tab can ask for: the `action` of a message on its socket, with the fields of its form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async
from django.core.exceptions import ValidationError

from chat.models import (
    AnswerInProgress,
    Conversation,
    LanguageModel,
    Message,
    MessageGone,
    TemporaryConversation,
    Turn,
)
from chat.models.chat_settings import SETTINGS

from . import frames, groups, showing
from .body import GARBLED, Body, field, fields, parsed, turn_id
from .keeper import keeper

if TYPE_CHECKING:
    from .consumers import ConversationConsumer


async def perform(tab: ConversationConsumer, conversation: Conversation, text: str) -> None:
    """Raises ValidationError with words for who sent it."""
    body = parsed(text)
    action = ACTIONS.get(field(body, "action"))
    if action is None:
        raise GARBLED
    await action(tab, conversation, body)


async def ask(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        if isinstance(conversation, TemporaryConversation):
            # Its page has its settings; nothing else keeps them.
            conversation.tune({name: field(body, name) for name in SETTINGS})
        edited = field(body, "instead_of")
        return conversation.ask(
            field(body, "text"),
            model=model_for(conversation, body),
            turn_id=turn_id(body),
            at=end_of(tab, conversation, body),
            instead_of=message_in(conversation, edited, Message.Role.USER) if edited else None,
            attachments=fields(body, "attachments"),
        )

    asked = await database_sync_to_async(turn)()
    await write(tab, conversation, asked, new=asked.question)


async def retry(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        answer = answer_in(conversation, field(body, "message"))
        return conversation.retry(
            answer,
            model=model_for(conversation, body),
            turn_id=turn_id(body),
            at=end_of(tab, conversation, body),
        )

    retried = await database_sync_to_async(turn)()
    await write(tab, conversation, retried, new=retried.answer)


async def go_on(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        return conversation.go_on(answer_in(conversation, field(body, "message")))

    await write(tab, conversation, await database_sync_to_async(turn)())


async def revise(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def turn() -> Turn:
        answer = answer_in(conversation, field(body, "message"))
        return conversation.revise(answer, field(body, "text"), turn_id=turn_id(body))

    try:
        revised = await database_sync_to_async(turn)()
    except ValidationError as error:
        await tab.show(frames.revised(" ".join(error.messages)))
        return
    await tab.show(frames.revised())
    await showing.lead_to(tab, conversation, revised.answer.public_id)
    await tell_branched(conversation, revised.answer)


async def stop(tab: ConversationConsumer, conversation: Conversation, _body: Body) -> None:
    """The answer that this tab sees, and none that is written on another branch."""
    if tab.tip in await database_sync_to_async(conversation.streaming)():
        await stop_answers([tab.tip])


async def stop_answers(answers: Iterable[str]) -> None:
    for answer in answers:
        await groups.tell(groups.writer(answer), {"type": "stop", "answer": answer})


async def catch_up(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    """Show a tab that (re)connects what came while it was away, and join it to what streams."""
    await showing.catch_up(tab, conversation, field(body, "last"), field(body, "status"))


async def show(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    """Lead the tab to another version of a message on its page."""
    await showing.lead_to(tab, conversation, field(body, "message"))


async def delete(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    def deleted() -> tuple[Message, str]:
        message = message_in(conversation, field(body, "message"))
        return message, conversation.delete_branch(message)

    try:
        message, beside = await database_sync_to_async(deleted)()
    except AnswerInProgress as error:
        raise ValidationError(
            "An answer is still being written there. Wait for it, or stop it first."
        ) from error
    await tab.show(frames.undo(message.public_id))
    await showing.leave(tab, conversation, message, beside)
    await tell_branched(conversation, message)


async def restore(tab: ConversationConsumer, conversation: Conversation, body: Body) -> None:
    public_id = field(body, "message")

    def restored() -> Message:
        conversation.restore_branch(public_id)
        return message_in(conversation, public_id)

    await tab.show(frames.undo(""))
    message = await database_sync_to_async(restored)()
    await showing.lead_to(tab, conversation, public_id)
    await tell_branched(conversation, message)


ACTIONS: Mapping[str, Callable[[ConversationConsumer, Conversation, Body], Awaitable[None]]] = {
    "ask": ask,
    "retry": retry,
    "continue": go_on,
    "revise": revise,
    "stop": stop,
    "catch_up": catch_up,
    "show": show,
    "delete": delete,
    "restore": restore,
}


async def write(
    tab: ConversationConsumer, conversation: Conversation, turn: Turn, new: Message | None = None
) -> None:
    """Have the answer written, and this tab on the branch that ends with it; `new` may be another version."""
    is_there = tab.tip == turn.answer.public_id
    tab.tip = turn.answer.public_id
    if await keeper.begin(turn):
        if new and new.versions and new.versions.count > 1:
            await tell_branched(conversation, new)
    elif not is_there:
        await showing.show_turn(tab, conversation, turn.answer.public_id)


async def tell_branched(conversation: Conversation, message: Message) -> None:
    """Have every tab count the versions anew where this message stands or stood."""
    parent = message.parent.public_id if message.parent else ""
    await groups.tell(groups.watchers(conversation), groups.branched(parent))


def end_of(tab: ConversationConsumer, conversation: Conversation, body: Body) -> Message | None:
    """The last message that the tab shows, as it says itself: a turn is meant for where it was written."""
    at = field(body, "at") or tab.tip
    return message_in(conversation, at) if at else None


def model_for(conversation: Conversation, body: Body) -> LanguageModel:
    """The model that was chosen with the turn, or else the conversation's."""
    usable = LanguageModel.objects.usable_by(conversation.owner)
    chosen = field(body, "model") or (conversation.model.model_id if conversation.model else "")
    if found := usable.filter(model_id=chosen.replace("\0", "")).first():
        return found
    raise ValidationError("This model is not available any more. Choose another one.", code="model")


def answer_in(conversation: Conversation, public_id: str) -> Message:
    """An answer that can be given another one instead: an imported conversation may begin with one."""
    answer = message_in(conversation, public_id, Message.Role.ASSISTANT)
    if answer.parent is None:
        raise ValidationError("There is no question that this answers.", code="first")
    return answer


def message_in(conversation: Conversation, public_id: str, role: str = "") -> Message:
    found = conversation.message(public_id, role)
    if found is None:
        raise MessageGone
    return found
