import itertools
import json
import tracemalloc

from chat.transfer import formats
from chat.transfer.members import Members
from chat.transfer.reading import Counted, Paired, Shortened

from .exports import chatgpt, chatgpt_node

MEGABYTE = 1_000_000


class Endless:
    """A file of so many bytes that is nowhere."""

    def __init__(self, length: int) -> None:
        one = chatgpt(*[chatgpt_node(str(n), "root", "user", "flour " * 400) for n in range(1, 11)])
        self._pieces = itertools.chain([b"["], itertools.repeat(json.dumps(one).encode() + b",\n"))
        self._left = length

    def read(self, size: int = -1) -> bytes:
        piece = next(self._pieces) if size and self._left > 0 else b""
        self._left -= len(piece)
        return piece


def test_a_file_takes_no_more_memory_the_larger_it_is():
    read = []
    file = Paired(Shortened(Counted(Endless(8 * MEGABYTE), read.append)))
    tracemalloc.start()
    try:
        # The end is missing, which is no matter here.
        count = 0
        for _ in itertools.islice(formats.conversations(file, Members()), 240):
            count += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 240
    assert sum(read) > 5 * MEGABYTE
    assert peak < 1.5 * MEGABYTE
