"""The one use case that the chat page and the API share: an answer from whoever can give it."""

from .stream import open_stream

__all__ = ["open_stream"]
