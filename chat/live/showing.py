"""Which branch a tab shows, and what it is sent to show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from channels.db import database_sync_to_async

from chat.models import Branch, Conversation, Message, MessageGone, TemporaryConversation, Tree

from . import frames, groups
from .renderer import in_thread

if TYPE_CHECKING:
    from .consumers import ConversationConsumer


async def catch_up(tab: ConversationConsumer, conversation: Conversation, last: str, status: str) -> None:
    """The tab shows the branch on which the last message of its page is."""
    missed = await database_sync_to_async(missed_since)(conversation, last, status)
    tab.tip = missed.branch.tip
    if html := await missed.html():
        await tab.show(html)
    await join(tab, conversation)


async def lead_to(tab: ConversationConsumer, conversation: Conversation, public_id: str) -> None:
    """Have the page go on with this message and what follows it, in the place of its other versions."""
    branch, messages = await database_sync_to_async(onward)(conversation, public_id)
    articles = [*await rendered(messages), frames.later(branch, messages)]
    versions, parent = branch.versions_of(public_id), branch.parent_of(public_id)
    tab.tip = branch.tip
    await tab.show(frames.instead(versions, parent, articles) + frames.version_announcement(versions))
    await join(tab, conversation)


async def leave(tab: ConversationConsumer, conversation: Conversation, deleted: Message, beside: str) -> None:
    """Have the page go on with what stands beside what was deleted."""
    await tab.show(frames.gone(deleted.public_id))
    branch = await database_sync_to_async(branch_through)(conversation, beside)
    parent = deleted.parent.public_id if deleted.parent else ""
    if version := branch.reply_to(parent):
        await lead_to(tab, conversation, version)
    else:
        tab.tip = branch.tip
        await join(tab, conversation)


async def show_turn(tab: ConversationConsumer, conversation: Conversation, answer: str) -> None:
    """Show a turn from the database, where the frame that brings it has passed or was lost."""
    branch = await database_sync_to_async(branch_through)(conversation, answer)
    await lead_to(tab, conversation, branch.parent_of(answer) or answer)


async def show_saved(tab: ConversationConsumer, conversation: Conversation, answer: str) -> None:
    """Show the whole of an answer that has ended: nobody writes it any more whom the tab could ask."""
    if message := await database_sync_to_async(saved)(conversation, answer):
        await tab.show(await in_thread(frames.whole, message))


async def count_versions(tab: ConversationConsumer, conversation: Conversation, parent: str) -> None:
    """Other messages can follow this one than before; what the tab shows may be no longer there."""
    branch = await database_sync_to_async(Branch.through)(conversation, tab.tip)
    if branch is None and tab.tip:
        await catch_up(tab, conversation, "", "")
    elif branch and (version := branch.reply_to(parent)):
        await tab.show(frames.versions_of(version, branch.versions_of(version)))


async def join(tab: ConversationConsumer, conversation: Conversation) -> None:
    """Have the tab follow the answer at its end if that streams, and hear of those that stream elsewhere."""
    streaming = await database_sync_to_async(conversation.streaming)()
    await tab.hint(set(streaming) - {tab.tip})
    if tab.tip in streaming:
        await groups.ask_for_whole(tab.tip, tab.channel_name)


async def rendered(messages: list[Message]) -> list[str]:
    # One by one, so that between them others come to have theirs rendered.
    return [await in_thread(frames.message_html, message) for message in messages]


def branch_through(conversation: Conversation, public_id: str) -> Branch:
    branch = Branch.through(conversation, public_id)
    if branch is None:
        raise MessageGone
    return branch


def onward(conversation: Conversation, public_id: str) -> tuple[Branch, list[Message]]:
    branch = branch_through(conversation, public_id)
    return branch, branch.onward(public_id, frames.PAGE_LENGTH)


def saved(conversation: Conversation, answer: str) -> Message | None:
    message = conversation.message(answer)
    if message:
        message.versions = Tree(conversation).versions_of(message.pk)
    return message


@dataclass(frozen=True, slots=True)
class Missed:
    """What a page lacks: `news`, after `seen` if that is on the page, and `seen` itself if it has changed."""

    branch: Branch
    news: list[Message]
    seen: Message | None = None
    has_changed: bool = False

    async def html(self) -> str:
        articles = await rendered(self.news)
        if self.seen is None:
            return frames.page(articles)
        changed = await in_thread(frames.whole, self.seen) if self.has_changed else ""
        versions = await in_thread(self._versions, self.seen)
        return changed + versions + (frames.after(self.seen.public_id, articles) if articles else "")

    def _versions(self, seen: Message) -> str:
        # The page cannot say of which it knows: another tab may have written some while this one was away.
        forked = self.branch.forked(seen, frames.PAGE_LENGTH)
        return "".join(frames.versions_of(each, self.branch.versions_of(each)) for each in forked)


def missed_since(conversation: Conversation, last: str, status: str) -> Missed:
    """What a page lacks whose last article is this message, as it was then."""
    branch = conversation.branch(last)
    if last and not branch.path and isinstance(conversation, TemporaryConversation):
        # Another process had it, or this one forgot it: an empty page in its place would look like a mistake.
        raise Conversation.DoesNotExist
    seen = branch.find(last)
    if seen is None or branch.length_after(seen) > frames.PAGE_LENGTH:
        return Missed(branch, branch.latest(frames.PAGE_LENGTH))
    return Missed(
        branch, branch.after(seen), seen, has_changed=not seen.is_streaming and seen.status != status
    )
