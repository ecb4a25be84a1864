"""Ids that stand in addresses: 128 random bits, so that none can be guessed from another."""

import secrets
from typing import Any

from django.db import models


def new_public_id() -> str:
    return secrets.token_urlsafe(16)


class PublicIdField(models.CharField):  # type: ignore[type-arg]
    def __init__(self, **options: Any) -> None:
        options |= {"max_length": 22, "unique": True, "editable": False, "default": new_public_id}
        super().__init__(**options)
