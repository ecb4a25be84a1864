"""What this site exports. `chat/transfer/FORMAT.md` describes it."""

from collections.abc import Mapping
from typing import Any

from chat.transfer.cleaning import mapping, mappings, moment, text, texts
from chat.transfer.incremental import Element
from chat.transfer.members import Members
from chat.transfer.tree import untangled
from chat.transfer.values import Conversation, File, Message

NAME = "chatsite"
FORMAT = "chatsite conversations"
VERSION = 1
DATES = ("updated_at", "first_token_at", "finished_at")
DETAILS = (
    "finish_reason",
    "error",
    "tool_calls",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "reasoning_seconds",
    "idle_seconds",
    "is_edited",
)


def matches(element: Element) -> bool:
    header = element.header
    return header.get("format") == FORMAT and header.get("version") == VERSION


def conversation(value: Mapping[str, Any], members: Members) -> Conversation:
    tree = untangled(_message(each, members) for each in mappings(value.get("messages")))
    return Conversation(
        source=NAME,
        id=text(value.get("id")),
        title=text(value.get("title")),
        messages=tree.messages,
        head=_id(value.get("head")),
        model=text(value.get("model")),
        created_at=moment(value.get("created_at")),
        updated_at=moment(value.get("updated_at")),
        pinned_at=moment(value.get("pinned_at")),
        archived_at=moment(value.get("archived_at")),
        folder=text(value.get("folder")),
        tags=tuple(texts(value.get("tags"))),
        settings=mapping(value.get("settings")),
        untaken=tree.untaken,
    )


def _message(value: Mapping[str, Any], members: Members) -> Message:
    dates = {name: moment(value.get(name)) for name in DATES}
    return Message(
        id=_id(value.get("id")) or "",
        parent=_id(value.get("parent")),
        role=text(value.get("role")),
        text=text(value.get("text")),
        files=tuple(_file(each, members) for each in mappings(value.get("files"))),
        reasoning=text(value.get("reasoning")),
        refusal=text(value.get("refusal")),
        status=text(value.get("status")),
        model=text(value.get("model")),
        model_name=text(value.get("model_name")),
        created_at=moment(value.get("created_at")),
        details={name: value[name] for name in DETAILS if name in value} | dates,
    )


def _file(value: Mapping[str, Any], members: Members) -> File:
    return File(name=text(value.get("name")), member=members.find(text(value.get("path"))))


def _id(value: Any) -> str | None:
    return None if value is None else str(value)[:100]
