"""The administration, one file a noun."""

from . import attachment, conversation, invitation, language_model, message, upstream, user

__all__ = ["attachment", "conversation", "invitation", "language_model", "message", "upstream", "user"]
