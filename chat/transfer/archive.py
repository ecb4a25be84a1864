"""The file that somebody brings: JSON by itself, or a zip with JSON and files in it. Nothing is unpacked to disk.

Source of the end of a zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.14, 4.3.16)
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from .incremental import Readable, Unreadable
from .members import Members

# A name as products give it: conversations.json, conversations-001.json, chat-export-1712.json.
CONVERSATIONS = re.compile(r"(?:.*/)?(?:conversations[^/]*|[^/]*chat[-_]export[^/]*)\.json", re.IGNORECASE)
ANY_JSON = re.compile(r"[^/]+\.json", re.IGNORECASE)
LARGEST_DIRECTORY = 32 * 1024 * 1024
LARGEST_RATIO = 250
RATIO_COUNTS_FROM = 1024 * 1024
TIMES_UNPACKED = 10
END, END_64, LONGEST_END = b"PK\x05\x06", b"PK\x06\x06", 22 + 65_535


@dataclass(frozen=True, slots=True)
class Document:
    """JSON to read; `name` is empty where it is the whole file."""

    name: str
    size: int


class Archive:
    """Raises Unreadable for a zip that is damaged, protected, or would become too much."""

    def __init__(self, file: IO[bytes], size: int, largest: int) -> None:
        self._file = file
        self._zip: zipfile.ZipFile | None = None
        self.members = Members()
        self.documents = [Document("", size)]
        file.seek(0)
        if file.read(2) == b"PK":
            self._open_zip(largest * TIMES_UNPACKED)

    @contextmanager
    def open(self, document: Document) -> Iterator[Readable]:
        """Raises Unreadable, also while it is read."""
        if self._zip is None:
            self._file.seek(0)
            yield self._file
            return
        with readable():
            member = self._zip.open(document.name)
        with member:
            yield Unpacked(member)

    def size_of(self, member: str) -> int:
        return self._zip.getinfo(member).file_size if self._zip else 0

    def read(self, member: str) -> bytes:
        """Whole: whoever asks has looked at its size. Raises Unreadable."""
        assert self._zip is not None
        with readable():
            return self._zip.read(member)

    def _open_zip(self, largest: int) -> None:
        refuse_large_directory(self._file)
        with readable():
            self._zip = zipfile.ZipFile(self._file)
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        refuse_bomb(entries, largest)
        names = [entry.filename for entry in entries]
        wanted = [name for name in names if CONVERSATIONS.fullmatch(name)]
        wanted = wanted or [name for name in names if ANY_JSON.fullmatch(name)]
        if not wanted:
            raise Unreadable("There are no conversations in this archive: it holds no conversations.json.")
        self.documents = [Document(name, self.size_of(name)) for name in sorted(wanted)]
        self.members = Members(names)


class Unpacked:
    def __init__(self, member: IO[bytes]) -> None:
        self._member = member

    def read(self, size: int = -1, /) -> bytes:
        with readable():
            return self._member.read(size)


@contextmanager
def readable() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise Unreadable(
            "The archive is protected by a password. Unpack it, and import what is in it."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Unreadable("The archive is damaged. Download it once more, and import it again.") from error


def refuse_large_directory(file: IO[bytes]) -> None:
    """Before the library reads all of it into memory."""
    end = file.seek(0, 2)
    file.seek(max(0, end - LONGEST_END - 76))
    tail = file.read()
    sizes = [_number(tail, END, 12, 4), _number(tail, END_64, 40, 8)]
    if any(LARGEST_DIRECTORY < size != 0xFFFF_FFFF for size in sizes):
        raise Unreadable("The archive holds too many files. Unpack it, and import its conversations.json.")


def refuse_bomb(entries: list[zipfile.ZipInfo], largest: int) -> None:
    if sum(entry.file_size for entry in entries) > largest:
        raise Unreadable("The archive would be too large when unpacked. Import its conversations.json alone.")
    for entry in entries:
        if entry.file_size > max(RATIO_COUNTS_FROM, LARGEST_RATIO * entry.compress_size):
            raise Unreadable("A file in the archive is packed so tightly that it cannot be what it seems.")


def _number(tail: bytes, signature: bytes, offset: int, length: int) -> int:
    place = tail.rfind(signature)
    return int.from_bytes(tail[place + offset : place + offset + length], "little") if place >= 0 else 0
