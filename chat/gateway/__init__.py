"""The one use case that the chat page and the API share: an answer from whoever can give it."""

from chat.upstreams import close_clients

from .journal import journal
from .ledger import settle_abandoned
from .payer import FindPayer, Payer
from .process import this_process
from .source import Source, new_request_id
from .stream import open_stream


async def close() -> None:
    """Write down what has ended, and close the connections: the process is about to end."""
    await journal.flush()
    await close_clients()


__all__ = [
    "FindPayer",
    "Payer",
    "Source",
    "close",
    "journal",
    "new_request_id",
    "open_stream",
    "settle_abandoned",
    "this_process",
]
