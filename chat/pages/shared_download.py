"""A shared conversation as one file: a page that needs nothing else, Markdown, or JSON."""

import base64
from typing import Any

import orjson
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from chat.models import Share, SharedFile

from . import assets
from .access import Request
from .shared_page import branches_of

MOST_INSIDE = 20 * 1024 * 1024
"""Bytes of pictures that go into a page; those that follow are named only."""


def response(request: Request, share: Share, kind: str) -> HttpResponse:
    make, media_type = KINDS[kind]
    name = f"{slugify(share.title)[:60] or 'conversation'}.{kind}"
    return HttpResponse(
        make(request, share),
        content_type=media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def as_page(request: Request, share: Share) -> str:
    pictures = _pictures(share)
    first, *others = branches_of(share.snapshot, share.markup, lambda number: pictures.get(number, ""))
    context = {
        "share": share,
        "branch": first,
        "others": others,
        "system_prompt": share.snapshot.get("system_prompt"),
        "css": assets.css_of_shared().decode(),
    }
    return render_to_string("share/download.html", context, request)


def as_markdown(_request: Request, share: Share) -> str:
    first, *others = share.snapshot["branches"]
    parts = [f"# {share.title}"]
    if prompt := share.snapshot.get("system_prompt"):
        parts += ["## System prompt", prompt]
    parts += _as_markdown(first)
    for number, branch in enumerate(others, start=1):
        parts += [f"# Branch {number}, after message {branch['after']}", *_as_markdown(branch)]
    return "\n\n".join(parts) + "\n"


def as_json(_request: Request, share: Share) -> bytes:
    about = {"revision": share.revision, "published_at": share.published_at}
    return orjson.dumps(share.snapshot | about, option=orjson.OPT_INDENT_2)


KINDS = {
    "html": (as_page, "text/html; charset=utf-8"),
    "md": (as_markdown, "text/markdown; charset=utf-8"),
    "json": (as_json, "application/json"),
}


def _pictures(share: Share) -> dict[int, str]:
    """As addresses that hold them."""
    room = MOST_INSIDE
    found: dict[int, str] = {}
    for file in share.files.order_by("number"):
        if file.is_image and file.size <= room:
            room -= file.size
            found[file.number] = _data_url(file)
    return found


def _data_url(file: SharedFile) -> str:
    """Empty if the file is gone: it is named only, as on the page, where its picture does not load."""
    try:
        content = file.read()
    except FileNotFoundError:
        return ""
    return f"data:{file.media_type};base64,{base64.b64encode(content).decode()}"


def _as_markdown(branch: dict[str, Any]) -> list[str]:
    return [part for message in branch["messages"] for part in _message(message)]


def _message(message: dict[str, Any]) -> list[str]:
    who = "You" if message["role"] == "user" else message["model"] or "Answer"
    thought = [f"> {line}".rstrip() for line in message.get("reasoning", "").splitlines()]
    files = [f"- {file['name']}" for file in message.get("files", ())]
    return [part for part in (f"## {who}", "\n".join(thought), "\n".join(files), message["text"]) if part]
