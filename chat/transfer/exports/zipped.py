"""A zip that is written while it is sent: nothing of it is kept, and nobody has to know its size."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, cast

PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    pieces: Callable[[], Iterator[bytes]]


class Sent:
    """What was written since it was last taken; it cannot be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.length = 0

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        self.length += len(piece)
        return len(piece)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        pieces, self._pieces, self.length = self._pieces, [], 0
        return b"".join(pieces)


def zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    sent = Sent()
    with zipfile.ZipFile(cast("IO[bytes]", sent), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for entry in entries:
            with archive.open(entry.name, "w", force_zip64=True) as member:
                for piece in entry.pieces():
                    member.write(piece)
                    if sent.length >= PIECE:
                        yield sent.take()
    yield sent.take()
