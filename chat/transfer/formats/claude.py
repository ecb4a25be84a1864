"""Claude: `conversations.json` of the archive that it mails.

A conversation has `chat_messages`, each with blocks of `content`, the message before it, and attachments: of
texts the extracted text is in the file, of other files the name alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from chat.transfer.cleaning import mapping, mappings, moment, text
from chat.transfer.incremental import Element
from chat.transfer.members import Members
from chat.transfer.trail import used
from chat.transfer.tree import joined, untangled
from chat.transfer.values import NO_CONTENT, NOT_THERE, Conversation, File, Message, Untaken

NAME = "claude"
ROOT = "00000000-0000-4000-8000-000000000000"


def matches(element: Element) -> bool:
    return isinstance(element.value.get("chat_messages"), list)


def conversation(value: Mapping[str, Any], members: Members) -> Conversation:
    untaken: list[Untaken] = []
    messages: list[Message] = []
    for each in mappings(value.get("chat_messages")):
        before = messages[-1].id if messages else None
        messages.append(_message(each, before, members, untaken))
    tree = untangled(messages)
    leaf = text(value.get("current_leaf_message_uuid")) or (messages[-1].id if messages else None)
    kept, head = joined(list(tree.messages), leaf)
    model = text(value.get("model"))
    return Conversation(
        source=NAME,
        id=text(value.get("uuid")),
        title=text(value.get("name")),
        messages=tuple(kept),
        head=head,
        model=model,
        created_at=moment(value.get("created_at")),
        updated_at=moment(value.get("updated_at")),
        folder=text(mapping(value.get("project")).get("name")),
        untaken=(*untaken, *tree.untaken),
    )


def _message(
    value: Mapping[str, Any], before: str | None, members: Members, untaken: list[Untaken]
) -> Message:
    is_question = value.get("sender") == "human"
    blocks = mappings(value.get("content"))
    said = "\n\n".join(text(block.get("text")) for block in blocks if block.get("type") == "text")
    model = text(value.get("model"))
    return Message(
        id=text(value.get("uuid")) or f"{before} and one",
        parent=_parent(value, before),
        role="user" if is_question else "assistant",
        text=said or ("" if blocks else text(value.get("text"))),
        files=tuple(_files(value, members, untaken)) if is_question else (),
        reasoning="\n\n".join(filter(None, map(_thought, blocks))),
        model=model,
        model_name="" if is_question else model or "Claude",
        created_at=moment(value.get("created_at")),
    )


def _parent(value: Mapping[str, Any], before: str | None) -> str | None:
    """Exports from before there were branches name no parents: there it is the message before."""
    if "parent_message_uuid" not in value:
        return before
    parent = text(value["parent_message_uuid"])
    return None if parent in {"", ROOT} else parent


def _thought(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "thinking":
            return text(block.get("thinking"))
        case "tool_use":
            return used(f"Asked {text(block.get('name')) or 'a tool'}", _json(block.get("input")))
        case "tool_result":
            return used(f"{text(block.get('name')) or 'A tool'} answered", _result(block.get("content")))
    return ""


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() if value else ""


def _result(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n\n".join(text(each.get("text")) for each in mappings(content) if each.get("text"))


def _files(value: Mapping[str, Any], members: Members, untaken: list[Untaken]) -> Iterator[File]:
    for each in mappings(value.get("attachments")):
        name, content = text(each.get("file_name")) or "pasted.txt", text(each.get("extracted_content"))
        if content:
            yield File(name, text=content)
        else:
            untaken.append(Untaken(NO_CONTENT, name))
    named = {text(each.get("file_name")) for each in mappings(value.get("attachments"))}
    for each in mappings(value.get("files")):
        name = text(each.get("file_name"))
        if member := members.find(text(each.get("file_uuid")), name):
            yield File(name, member=member)
        elif name not in named:
            untaken.append(Untaken(NOT_THERE, name))
