"""Files that are brought to the site and read at once, and what is in an account afterwards."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chat.models import Conversation, Intake, User
from chat.transfer import importing
from tests.files import upload


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bring(owner: User) -> Callable[..., Intake]:
    """Takes bytes, or what is written as JSON; returns the import at its end."""

    def bring(content: Any, name: str = "export.json", by: User = owner) -> Intake:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        intake = importing.take_in(by, upload(name, raw))
        importing.read(intake)
        intake.refresh_from_db()
        return intake

    return bring


def tree(conversation: Conversation) -> list[tuple[str, str, str | None]]:
    """Role and text of each message, and the text of the one before it."""
    return [
        (message.role, message.text, message.parent.text if message.parent else None)
        for message in conversation.messages.select_related("parent")
    ]


def shown(conversation: Conversation) -> list[str]:
    return [message.text for message in conversation.branch().messages()]


def lines(intake: Intake) -> list[str]:
    return [line["what"] for line in intake.report]
