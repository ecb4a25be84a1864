"""ChatGPT: `conversations.json`, or several numbered ones, of the archive that it mails.

A conversation is a `mapping` of nodes, each with its parent and a message or none; `current_node` is the leaf
that was shown. Files lie beside it, with their ids in their names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chat.transfer.cleaning import mapping, mappings, moment, sequence, text
from chat.transfer.incremental import Element
from chat.transfer.members import Members
from chat.transfer.trail import used
from chat.transfer.tree import joined, nearest, spliced, untangled
from chat.transfer.values import NOT_THERE, Conversation, File, Message, Untaken

NAME = "chatgpt"
INSTRUCTIONS = frozenset({"user_editable_context", "model_editable_context"})
POINTERS = ("file-service://", "sediment://")
STATUS = {"interrupted": "stopped", "max_tokens": "complete"}


def matches(element: Element) -> bool:
    return isinstance(element.value.get("mapping"), dict)


def conversation(value: Mapping[str, Any], members: Members) -> Conversation:
    nodes = {key: node for key, node in mapping(value.get("mapping")).items() if isinstance(node, dict)}
    parents = {key: text(node.get("parent")) or None for key, node in nodes.items()}
    untaken: list[Untaken] = []
    kept = [m for key, node in nodes.items() if (m := _message(key, node, members, untaken))]
    current = nearest(text(value.get("current_node")) or None, parents, {message.id for message in kept})
    kept = [replace(message, parent=parents[message.id]) for message in kept]
    tree = untangled(spliced(parents, kept))
    messages, head = joined(list(tree.messages), current)
    if value.get("conversation_template_id") or value.get("gizmo_id"):
        untaken.append(Untaken("The project or custom GPT of a conversation: the file does not name it"))
    created_at, updated_at = moment(value.get("create_time")), moment(value.get("update_time"))
    return Conversation(
        source=NAME,
        id=text(value.get("conversation_id")) or text(value.get("id")),
        title=text(value.get("title")),
        messages=tuple(messages),
        head=head,
        model=text(value.get("default_model_slug")),
        created_at=created_at,
        updated_at=updated_at,
        archived_at=(updated_at or created_at) if value.get("is_archived") is True else None,
        untaken=(*untaken, *tree.untaken),
    )


def _message(key: str, node: Mapping[str, Any], members: Members, untaken: list[Untaken]) -> Message | None:
    """None for what is not to be seen."""
    message = mapping(node.get("message"))
    metadata, content = mapping(message.get("metadata")), mapping(message.get("content"))
    role = text(mapping(message.get("author")).get("role"))
    if not content or metadata.get("is_visually_hidden_from_conversation"):
        return None
    if content.get("content_type") in INSTRUCTIONS:
        untaken.append(Untaken("Custom instructions"))
        return None
    if role == "system":
        if _text(content):
            untaken.append(Untaken("A system prompt"))
        return None
    made = _question if role == "user" else _answer
    found = made(key, message, content, members, untaken)
    return found if found.text or found.reasoning or found.files else None


def _question(
    key: str, message: Mapping[str, Any], content: Mapping[str, Any], members: Members, untaken: list[Untaken]
) -> Message:
    files = list(_files(message, content, members))
    untaken += [Untaken(NOT_THERE, file.name) for file in files if not file.member]
    return Message(
        id=key,
        parent=None,
        role="user",
        text=_text(content),
        files=tuple(file for file in files if file.member),
        created_at=moment(message.get("create_time")),
    )


def _answer(
    key: str, message: Mapping[str, Any], content: Mapping[str, Any], _: Members, untaken: list[Untaken]
) -> Message:
    metadata = mapping(message.get("metadata"))
    said, thought = _said_and_thought(message, content)
    if any("asset_pointer" in part for part in mappings(content.get("parts"))):
        untaken.append(Untaken("A picture or recording made by a model: answers here are text"))
    ending = text(mapping(metadata.get("finish_details")).get("type"))
    slug = text(metadata.get("model_slug"))
    return Message(
        id=key,
        parent=None,
        role="assistant",
        text=said,
        reasoning=thought,
        status=STATUS.get(ending, "complete"),
        model=slug,
        model_name=slug,
        created_at=moment(message.get("create_time")),
        details={"finish_reason": "length"} if ending == "max_tokens" else {},
    )


def _said_and_thought(message: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[str, str]:
    """What a tool was told and gave stands with the thoughts."""
    author, recipient = mapping(message.get("author")), text(message.get("recipient"))
    match content.get("content_type"):
        case "thoughts":
            return "", "\n\n".join(map(_thought, mappings(content.get("thoughts"))))
        case "reasoning_recap":
            return "", ""
    if author.get("role") == "tool":
        return "", used(f"{text(author.get('name')) or 'A tool'} answered", _text(content))
    if recipient not in {"", "all"}:
        return "", used(f"Asked {recipient}", _text(content))
    if content.get("content_type") == "code":
        return f"```{text(content.get('language'))}\n{_text(content)}\n```", ""
    return _text(content), ""


def _thought(thought: Mapping[str, Any]) -> str:
    summary, rest = text(thought.get("summary")), text(thought.get("content"))
    return "\n\n".join(filter(None, (f"**{summary}**" if summary else "", rest)))


def _text(content: Mapping[str, Any]) -> str:
    parts = [part if isinstance(part, str) else text(mapping(part).get("text")) for part in _parts(content)]
    said = "\n\n".join(part for part in parts if part)
    result = content.get("result")
    return said or text(content.get("text")) or (result if isinstance(result, str) else "")


def _parts(content: Mapping[str, Any]) -> list[Any]:
    return list(sequence(content.get("parts")))


def _files(message: Mapping[str, Any], content: Mapping[str, Any], members: Members) -> Iterator[File]:
    """Those that the message names, and the pictures among its parts that it does not."""
    seen = set()
    for attachment in mappings(mapping(message.get("metadata")).get("attachments")):
        key = text(attachment.get("id"))
        seen.add(key)
        name = text(attachment.get("name")) or key
        yield File(name, member=members.find(key, name))
    for part in mappings(content.get("parts")):
        key = text(part.get("asset_pointer"))
        for scheme in POINTERS:
            key = key.removeprefix(scheme)
        if key and key not in seen:
            member = members.find(key, key.partition("#")[0])
            yield File(member.rpartition("/")[2] or key, member=member)
