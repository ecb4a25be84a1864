"""What is read: one file a product, each of one shape.

matches(element)                whether it is a conversation of this product, by its content
conversation(value, members)    the conversation as a value
"""

from collections.abc import Iterator

from chat.transfer.incremental import Element, Readable, elements
from chat.transfer.members import Members
from chat.transfer.values import Conversation, Untaken

from . import chatgpt, claude, librechat, open_webui, own

FORMATS = (own, chatgpt, claude, open_webui, librechat)
TOO_LARGE = Untaken("A conversation that is too large")
UNKNOWN = Untaken("An entry that is of no format known here")


def conversations(file: Readable, members: Members) -> Iterator[Conversation | Untaken]:
    """Each conversation of the file, or what stood in its place. Raises Unreadable."""
    for element in elements(file):
        yield TOO_LARGE if element.is_too_large else _conversation(element, members)


def _conversation(element: Element, members: Members) -> Conversation | Untaken:
    for product in FORMATS:
        if isinstance(element.value, dict) and product.matches(element):
            return product.conversation(element.value, members)
    return UNKNOWN
