"""Open WebUI: the array of chats of “Export chats”, or one chat by itself.

`chat.history.messages` is the tree, `currentId` the leaf that was shown. Reasoning stands inside the text of an
answer, in `<details type="reasoning">`; pictures are `data:` URLs, and of other files there is the extracted text.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chat.transfer.cleaning import mapping, mappings, moment, text, texts
from chat.transfer.incremental import Element
from chat.transfer.members import Members
from chat.transfer.trail import used
from chat.transfer.tree import spliced, untangled
from chat.transfer.values import NO_CONTENT, Conversation, File, Message, Untaken

NAME = "open-webui"
DETAILS = re.compile(
    r'<details type="(reasoning|tool_calls|code_interpreter)"([^>]*)>(.*?)</details>\s*', re.DOTALL
)
SUMMARY = re.compile(r"\s*<summary>.*?</summary>\s*", re.DOTALL)
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def matches(element: Element) -> bool:
    return isinstance(_chat(element.value).get("history"), dict)


def conversation(value: Mapping[str, Any], members: Members) -> Conversation:
    chat = _chat(value)
    history = mapping(chat.get("history"))
    nodes = {key: node for key, node in mapping(history.get("messages")).items() if isinstance(node, dict)}
    parents = {key: text(node.get("parentId")) or None for key, node in nodes.items()}
    untaken: list[Untaken] = []
    kept = [_message(key, node, members, untaken) for key, node in nodes.items() if _is_said(node, untaken)]
    tree = untangled(spliced(parents, kept))
    if value.get("folder_id"):
        untaken.append(Untaken("The folder of a conversation: the file does not name it"))
    models = texts(chat.get("models"))
    created_at = moment(value.get("created_at")) or moment(chat.get("timestamp"))
    updated_at = moment(value.get("updated_at")) or created_at
    return Conversation(
        source=NAME,
        id=text(value.get("id")) or text(chat.get("id")),
        title=text(value.get("title")) or text(chat.get("title")),
        messages=tree.messages,
        head=text(history.get("currentId")) or None,
        model=models[0] if models else "",
        created_at=created_at,
        updated_at=updated_at,
        pinned_at=updated_at if value.get("pinned") is True else None,
        archived_at=updated_at if value.get("archived") is True else None,
        tags=_tags(value, chat),
        untaken=(*untaken, *tree.untaken),
    )


def _chat(value: Mapping[str, Any]) -> dict[str, Any]:
    return mapping(value.get("chat")) or dict(value)


def _tags(value: Mapping[str, Any], chat: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*texts(mapping(value.get("meta")).get("tags")), *texts(chat.get("tags"))]))


def _is_said(node: Mapping[str, Any], untaken: list[Untaken]) -> bool:
    if node.get("role") == "system":
        untaken.append(Untaken("A system prompt"))
    return node.get("role") in {"user", "assistant"}


def _message(key: str, node: Mapping[str, Any], members: Members, untaken: list[Untaken]) -> Message:
    content = text(node.get("content"))
    is_question = node.get("role") == "user"
    model = text(node.get("model"))
    error = mapping(node.get("error"))
    return Message(
        id=key,
        parent=text(node.get("parentId")) or None,
        role="user" if is_question else "assistant",
        text=content if is_question else DETAILS.sub("", content).strip(),
        files=tuple(_files(node, members, untaken)) if is_question else (),
        reasoning="" if is_question else "\n\n".join(map(_thought, DETAILS.finditer(content))),
        status="failed" if error else "complete",
        model=model,
        model_name=text(node.get("modelName")) or model,
        created_at=moment(node.get("timestamp")),
        details={"error": {"message": text(error.get("content"))}} if error else {},
    )


def _thought(found: re.Match[str]) -> str:
    if found[1] == "reasoning":
        lines = html.unescape(SUMMARY.sub("", found[3], count=1)).strip().splitlines()
        return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
    said = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(found[2])}
    asked = used(f"Asked {said.get('name', 'a tool')}", said.get("arguments", ""))
    return "\n\n".join(
        filter(None, (asked, used("It answered", said["result"]) if said.get("result") else ""))
    )


def _files(node: Mapping[str, Any], members: Members, untaken: list[Untaken]) -> Iterator[File]:
    for each in mappings(node.get("files")):
        inner = mapping(each.get("file"))
        name = text(each.get("name")) or text(inner.get("filename")) or text(each.get("type")) or "file"
        url, content = text(each.get("url")), text(mapping(inner.get("data")).get("content"))
        member = members.find(text(each.get("id")), name)
        if url.startswith("data:") or member:
            yield File(name, data_url=url if url.startswith("data:") else "", member=member)
        elif content:
            yield File(f"{name}.txt" if "." not in name else name, text=content)
        else:
            untaken.append(Untaken(NO_CONTENT, name))
