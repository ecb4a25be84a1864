"""The one use case that the chat page and the API share: an answer from whoever can give it."""

from chat.upstreams import close_clients

from .payer import Payer
from .stream import open_stream

__all__ = ["Payer", "close_clients", "open_stream"]
