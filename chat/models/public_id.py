"""Ids that stand in addresses: 128 random bits, so that none can be guessed from another."""

import re
import secrets
from typing import Any

from django.db import models

PATTERN = "[A-Za-z0-9_-]{22}"


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


def is_public_id(text: str) -> bool:
    """Databases differ in what text they can be asked for; what cannot be an id is not asked for."""
    return re.fullmatch(PATTERN, text) is not None


class PublicIdField(models.CharField):  # type: ignore[type-arg]
    def __init__(self, **options: Any) -> None:
        options |= {"max_length": 22, "unique": True, "editable": False, "default": new_public_id}
        super().__init__(**options)
