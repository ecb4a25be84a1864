"""Exports in the shapes of the products that they are named after, and archives of them."""

import io
import json
import zipfile
from typing import Any

DAY = 1_700_000_000


def archive(conversations: Any, files: dict[str, bytes] | None = None) -> bytes:
    """A zip with `conversations.json` and these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("conversations.json", json.dumps(conversations))
        for name, content in (files or {}).items():
            zipped.writestr(name, content)
    return packed.getvalue()


def chatgpt_node(key: str, parent: str | None, role: str, text: str, **message: Any) -> dict[str, Any]:
    return {
        "id": key,
        "parent": parent,
        "children": [],
        "message": {
            "id": key,
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": DAY + int(key),
            "content": {"content_type": "text", "parts": [text]},
            "status": "finished_successfully",
            "recipient": "all",
            "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        }
        | message,
    }


def chatgpt(*nodes: dict[str, Any], current: str | None = None, **fields: Any) -> dict[str, Any]:
    root = {"id": "root", "parent": None, "children": [], "message": None}
    return {
        "title": "Bread",
        "create_time": DAY + 0.5,
        "update_time": DAY + 3600.0,
        "mapping": {node["id"]: node for node in (root, *nodes)},
        "current_node": current or (nodes[-1]["id"] if nodes else "root"),
        "conversation_id": "11111111-2222-3333-4444-555555555555",
        "default_model_slug": "gpt-4o",
        "is_archived": False,
        "safe_urls": [],
        "moderation_results": [],
    } | fields


def branched_chatgpt() -> dict[str, Any]:
    return chatgpt(
        chatgpt_node("1", "root", "user", "How is bread made?"),
        chatgpt_node("2", "1", "assistant", "With flour."),
        chatgpt_node("3", "1", "assistant", "With *rye* flour."),
        chatgpt_node("4", "2", "user", "And salt?"),
        chatgpt_node("5", "4", "assistant", "A little."),
        current="3",
    )


def claude_message(
    key: str, sender: str, text: str, parent: str | None = None, **fields: Any
) -> dict[str, Any]:
    return {
        "uuid": key,
        "text": text,
        "content": [
            {"start_timestamp": None, "stop_timestamp": None, "type": "text", "text": text, "citations": []}
        ],
        "sender": sender,
        "created_at": f"2024-05-01T10:0{key[-1]}:00.123456Z",
        "updated_at": f"2024-05-01T10:0{key[-1]}:00.123456Z",
        "attachments": [],
        "files": [],
        "parent_message_uuid": parent or "00000000-0000-4000-8000-000000000000",
    } | fields


def claude(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "uuid": "aaaaaaaa-0000-0000-0000-000000000001",
        "name": "Bread",
        "summary": "",
        "created_at": "2024-05-01T10:00:00.000000Z",
        "updated_at": "2024-05-02T10:00:00.000000Z",
        "account": {"uuid": "bbbbbbbb-0000-0000-0000-000000000001"},
        "chat_messages": list(messages),
    } | fields


def webui_message(key: str, parent: str | None, role: str, content: str, **fields: Any) -> dict[str, Any]:
    model = (
        {"model": "llama3:8b", "modelName": "Llama 3", "done": True}
        if role == "assistant"
        else {"models": ["llama3:8b"]}
    )
    return (
        {
            "id": key,
            "parentId": parent,
            "childrenIds": [],
            "role": role,
            "content": content,
            "timestamp": DAY + int(key[-1]),
        }
        | model
        | fields
    )


def webui(*messages: dict[str, Any], current: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": "cccccccc-0000-0000-0000-000000000001",
        "user_id": "dddddddd-0000-0000-0000-000000000001",
        "title": "Bread",
        "chat": {
            "id": "",
            "title": "Bread",
            "models": ["llama3:8b"],
            "params": {},
            "history": {
                "messages": {message["id"]: message for message in messages},
                "currentId": current or messages[-1]["id"],
            },
            "messages": [],
            "tags": [],
            "timestamp": DAY * 1000,
            "files": [],
        },
        "updated_at": DAY + 3600,
        "created_at": DAY,
        "share_id": None,
        "archived": False,
        "pinned": False,
        "meta": {"tags": ["baking"]},
        "folder_id": None,
    } | fields


def libre_message(key: str, parent: str | None, text: str, is_user: bool, **fields: Any) -> dict[str, Any]:
    return {
        "messageId": key,
        "parentMessageId": parent or "00000000-0000-0000-0000-000000000000",
        "conversationId": "eeeeeeee-0000-0000-0000-000000000001",
        "sender": "User" if is_user else "GPT-4o",
        "isCreatedByUser": is_user,
        "text": text,
        "model": None if is_user else "gpt-4o",
        "endpoint": "openAI",
        "error": False,
        "unfinished": False,
        "createdAt": f"2024-06-01T08:00:0{key[-1]}.000Z",
        "updatedAt": f"2024-06-01T08:00:0{key[-1]}.000Z",
    } | fields


def libre(messages: list[dict[str, Any]], *, recursive: bool = False, **fields: Any) -> dict[str, Any]:
    return {
        "conversationId": "eeeeeeee-0000-0000-0000-000000000001",
        "endpoint": "openAI",
        "title": "Bread",
        "exportAt": "09:00:00 GMT+0000",
        "branches": True,
        "recursive": recursive,
        "options": {"presetId": None, "model": "gpt-4o", "temperature": 1},
        "messages": messages,
    } | fields
