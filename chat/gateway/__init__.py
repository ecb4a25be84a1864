"""The one use case that the chat page and the API share: an answer from whoever can give it."""

from chat.upstreams import close_clients

from .stream import open_stream

__all__ = ["close_clients", "open_stream"]
