"""Texts as they were rendered lately: a conversation that is opened again shows what it showed before."""

import sys
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from .rendering import render

MOST_BYTES = 32 * 1024 * 1024


class Remembered:
    """`render`, which for the same text and prefix always gives the same; the oldest is forgotten first.

    Threads share it. A text is known by its digest, so that a changed one is never shown as it was.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._pages: OrderedDict[tuple[str, bytes], str] = OrderedDict()
        self._lock = Lock()

    def render(self, text: str, prefix: str) -> str:
        key = (prefix, blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        html = render(text, prefix)
        with self._lock:
            self._keep(key, html)
        return html

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.bytes = 0

    def _keep(self, key: tuple[str, bytes], html: str) -> None:
        if key not in self._pages:
            self._pages[key] = html
            self.bytes += sys.getsizeof(html)
        while self.bytes > self.most_bytes:
            _, oldest = self._pages.popitem(last=False)
            self.bytes -= sys.getsizeof(oldest)


remembered = Remembered(MOST_BYTES)
