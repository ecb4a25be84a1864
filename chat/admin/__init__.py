"""The administration, one file a noun."""

from . import (
    api_key,
    attachment,
    conversation,
    group,
    invitation,
    language_model,
    message,
    model_request,
    price,
    recording,
    share,
    upstream,
    user,
)

__all__ = [
    "api_key",
    "attachment",
    "conversation",
    "group",
    "invitation",
    "language_model",
    "message",
    "model_request",
    "price",
    "recording",
    "share",
    "upstream",
    "user",
]
