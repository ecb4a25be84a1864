"""The branch that was used last as a page by itself: it has its styles and pictures, runs nothing, and asks nobody."""

import base64
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from chat.markup import render
from chat.models import Attachment, Conversation, Message

from .branch import messages_of

MEDIA_TYPE = "text/html; charset=utf-8"
EXTENSION = "html"
STYLES = ("reset", "tokens", "page", "markup", "message", "attachment", "exported")
# There is no script that loads it, or copies: a link leads where the picture is.
REMOTE_IMAGE = re.compile(
    r'<button type="button" class="remote-image" data-src="([^"]*)"[^>]*>(.*?)</button>', re.DOTALL
)
BUTTON = re.compile(r"<button\b.*?</button>", re.DOTALL)


def pieces(conversation: Conversation) -> Iterator[bytes]:
    context = {"conversation": conversation, "styles": mark_safe(styles()), "site_name": settings.SITE_NAME}  # noqa: S308
    yield render_to_string("transfer/export/_head.html", context).encode()
    for message in messages_of(conversation):
        yield render_to_string("transfer/export/_message.html", _context(conversation, message)).encode()
    yield render_to_string("transfer/export/_foot.html").encode()


@cache
def styles() -> str:
    folder = settings.BASE_DIR / "static" / "css"
    return "@layer reset, tokens, base, components, utilities;\n" + "".join(
        (folder / f"{name}.css").read_text() for name in STYLES
    )


def _context(conversation: Conversation, message: Message) -> dict[str, Any]:
    is_question = message.role == Message.Role.USER
    return {
        "message": message,
        "is_question": is_question,
        "content": "" if is_question else still(render(message.said, f"{message.dom_id}-content")),
        "reasoning": still(render(message.reasoning, f"{message.dom_id}-reasoning"))
        if message.reasoning
        else "",
        "pictures": list(_pictures(conversation, message)),
    }


def still(html: str) -> str:
    """Without what only works with a script."""
    linked = REMOTE_IMAGE.sub(r'<a class="remote-image" href="\1" rel="noreferrer noopener">\2</a>', html)
    return mark_safe(BUTTON.sub("", linked))  # noqa: S308  sanitised by chat.markup


def _pictures(conversation: Conversation, message: Message) -> Iterator[dict[str, str]]:
    public_ids = [part["attachment"] for part in message.attached_images]
    for attachment in Attachment.objects.filter(owner=conversation.owner_id).in_order(public_ids):
        try:
            data = base64.b64encode(attachment.read()).decode()
        except FileNotFoundError:
            continue
        yield {"name": attachment.name, "url": f"data:{attachment.media_type};base64,{data}"}
