"""Bytes of a file on their way into the parser: counted, and no string in them longer than memory allows."""

import re
from collections.abc import Callable

from .incremental import Readable

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_STRING = 28 * 1024 * 1024
# Where a string can be cut: no escape and no character of several bytes reaches over seven of these.
WHOLE = re.compile(rb"[A-Za-z0-9+/= ]{7}")

# An escaped backslash, a pair of surrogates, or one alone.
SURROGATES = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# What a piece may end in the middle of: an escape, or the second of a pair.
UNENDED = re.compile(rb"(?<!\\)(?:(?:\\\\)*\\u[dD][89abAB][0-9a-fA-F]{2})?\\+(?:u[0-9a-fA-F]{0,4})?\Z")


class Counted:
    """Tells how many bytes were read."""

    def __init__(self, file: Readable, on_read: Callable[[int], None]) -> None:
        self._file = file
        self._on_read = on_read
        self._is_first = True

    def read(self, size: int = -1, /) -> bytes:
        piece = self._file.read(size)
        self._on_read(len(piece))
        if self._is_first and size:
            self._is_first = False
            return piece.removeprefix(BYTE_ORDER_MARK) or self._file.read(size)
        return piece


class Shortened:
    """Leaves out what a string of JSON has beyond the longest that may be, and `count`s these strings.

    A parser has to hold a string whole: one of gigabytes would take the process with it.
    """

    def __init__(self, file: Readable, longest: int = LONGEST_STRING) -> None:
        self.count = 0
        self._file = file
        self._longest = longest
        self._since_quote = 0
        self._ends_in_backslash = self._is_cutting = False

    def read(self, size: int = -1, /) -> bytes:
        """Never empty before the end; longer than asked for inside a long string, which the parser reads anew
        from its beginning with every piece.
        """
        while piece := self._file.read(max(size, self._since_quote)):
            if left := self._shorten(piece):
                return left
        return b""

    def _shorten(self, piece: bytes) -> bytes:
        if self._is_cutting:
            return self._after_cut(piece)
        quote = self._last_quote(piece)
        self._since_quote = len(piece) - quote - 1 if quote >= 0 else self._since_quote + len(piece)
        place = WHOLE.search(piece) if self._since_quote > self._longest else None
        if place:
            self.count += 1
            self._is_cutting = True
            self._remember_backslash(piece)
            return piece[: place.end()]
        self._remember_backslash(piece)
        return piece

    def _after_cut(self, piece: bytes) -> bytes:
        quote = self._first_quote(piece)
        self._remember_backslash(piece)
        if quote < 0:
            return b""
        self._is_cutting, self._since_quote = False, 0
        return piece[quote:]

    def _last_quote(self, piece: bytes) -> int:
        end = len(piece)
        while (place := piece.rfind(b'"', 0, end)) >= 0 and self._is_escaped(piece, place):
            end = place
        return place

    def _first_quote(self, piece: bytes) -> int:
        place = piece.find(b'"')
        while place >= 0 and self._is_escaped(piece, place):
            place = piece.find(b'"', place + 1)
        return place

    def _is_escaped(self, piece: bytes, place: int) -> bool:
        before = piece[:place]
        backslashes = place - len(before.rstrip(b"\\"))
        carried = backslashes == place and self._ends_in_backslash
        return bool((backslashes + carried) % 2)

    def _remember_backslash(self, piece: bytes) -> None:
        """Whether the next byte is escaped."""
        self._ends_in_backslash = self._is_escaped(piece, len(piece))


class Paired:
    """Puts a replacement for surrogates that stand alone, which the parser takes for the end of all."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._held = b""

    def read(self, size: int = -1, /) -> bytes:
        """Never empty before the end."""
        while piece := self._file.read(size):
            piece = self._held + piece
            unended = UNENDED.search(piece, max(0, len(piece) - 64))
            end = unended.start() if unended else len(piece)
            piece, self._held = piece[:end], piece[end:]
            if piece:
                return SURROGATES.sub(_kept, piece) if SURROGATE.search(piece) else piece
        left, self._held = self._held, b""
        return SURROGATES.sub(_kept, left)


def _kept(found: re.Match[bytes]) -> bytes:
    return found[1] or rb"\ufffd"
