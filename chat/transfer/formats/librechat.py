"""LibreChat: one conversation a file, its `messages` flat with their parents, or inside one another."""

from collections.abc import Iterator, Mapping
from typing import Any

from chat.transfer.cleaning import mapping, mappings, moment, text, texts
from chat.transfer.incremental import Element
from chat.transfer.members import Members
from chat.transfer.trail import used
from chat.transfer.tree import untangled
from chat.transfer.values import NO_CONTENT, Conversation, File, Message, Untaken

NAME = "librechat"
ROOT = "00000000-0000-0000-0000-000000000000"


def matches(element: Element) -> bool:
    return isinstance(element.value.get("messages"), list) and "conversationId" in element.value


def conversation(value: Mapping[str, Any], members: Members) -> Conversation:
    untaken: list[Untaken] = []
    options = mapping(value.get("options"))
    found = list(_flat(mappings(value.get("messages"))))
    tree = untangled(_message(each, before, members, untaken) for each, before in found)
    if text(options.get("promptPrefix")) or text(options.get("system")):
        untaken.append(Untaken("A system prompt"))
    times = [m.created_at for m in tree.messages if m.created_at]
    return Conversation(
        source=NAME,
        id=text(value.get("conversationId")),
        title=text(value.get("title")),
        messages=tree.messages,
        head=_latest(tree.messages),
        model=text(options.get("model")),
        created_at=moment(value.get("createdAt")) or min(times, default=None),
        updated_at=moment(value.get("updatedAt")) or max(times, default=None),
        tags=tuple(texts(value.get("tags")) or texts(options.get("tags"))),
        untaken=(*untaken, *tree.untaken),
    )


def _flat(messages: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Each with the one that it stands inside of, or after where none names its parent."""
    is_flat = not any("children" in message for message in messages)
    before = None
    stack: list[tuple[dict[str, Any], str | None]] = []
    for message in messages:
        stack.append((message, before if is_flat else None))
        before = text(message.get("messageId")) or None
    stack.reverse()
    while stack:
        message, parent = stack.pop()
        yield message, parent
        key = text(message.get("messageId")) or None
        stack += reversed([(child, key) for child in mappings(message.get("children"))])


def _message(
    value: Mapping[str, Any], before: str | None, members: Members, untaken: list[Untaken]
) -> Message:
    is_question = bool(value.get("isCreatedByUser"))
    blocks = mappings(value.get("content"))
    model = text(value.get("model"))
    has_failed = bool(value.get("error"))
    said = text(value.get("text")) or "\n\n".join(filter(None, map(_said, blocks)))
    return Message(
        id=text(value.get("messageId")),
        parent=_parent(value, before),
        role="user" if is_question else "assistant",
        text="" if has_failed else said,
        files=tuple(_files(value, members, untaken)) if is_question else (),
        reasoning="\n\n".join(filter(None, map(_thought, blocks))),
        status="failed" if has_failed else "stopped" if value.get("unfinished") else "complete",
        model=model,
        model_name="" if is_question else model or text(value.get("sender")),
        created_at=moment(value.get("createdAt")),
        details={"error": {"message": said}} if has_failed else {},
    )


def _parent(value: Mapping[str, Any], before: str | None) -> str | None:
    parent = text(value.get("parentMessageId")) or before
    return None if parent == ROOT else parent


def _said(block: Mapping[str, Any]) -> str:
    said = block.get("text")
    return said if isinstance(said, str) else text(mapping(said).get("value"))


def _thought(block: Mapping[str, Any]) -> str:
    if block.get("type") == "think":
        return text(block.get("think"))
    if block.get("type") == "tool_call":
        call = mapping(block.get("tool_call"))
        asked = used(f"Asked {text(call.get('name')) or 'a tool'}", text(call.get("args")))
        output = text(call.get("output"))
        return f"{asked}\n\n{used('It answered', output)}" if output else asked
    return ""


def _files(value: Mapping[str, Any], members: Members, untaken: list[Untaken]) -> Iterator[File]:
    for each in [*mappings(value.get("files")), *mappings(value.get("attachments"))]:
        name = text(each.get("filename")) or text(each.get("file_id")) or "file"
        content = text(each.get("text"))
        if member := members.find(text(each.get("file_id")), name):
            yield File(name, member=member)
        elif content:
            yield File(name, text=content)
        else:
            untaken.append(Untaken(NO_CONTENT, name))


def _latest(messages: tuple[Message, ...]) -> str | None:
    """The file does not say which branch was shown: the one that was written last."""
    return messages[-1].id if messages else None
