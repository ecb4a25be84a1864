"""The administration, one file a noun."""

from . import (
    api_key,
    attachment,
    conversation,
    invitation,
    language_model,
    message,
    price,
    share,
    upstream,
    user,
)

__all__ = [
    "api_key",
    "attachment",
    "conversation",
    "invitation",
    "language_model",
    "message",
    "price",
    "share",
    "upstream",
    "user",
]
