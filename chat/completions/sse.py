"""Server-sent events: bytes into events and back, without I/O.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
Beyond it, a field named `error` is kept, because GPUStack reports a failure there and nowhere else; and so is an error
in JSON between the events, with which Google breaks off a stream.
"""

import re
from typing import NamedTuple

from .errors import BadUpstreamResponse

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")
# An event as nearly every provider writes it. What looks otherwise is read line by line.
_PLAIN = re.compile(rb"(?:event: ([^\r\n]+)\n)?data: ([^\r\n]*)\n\n")

_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")


class Event(NamedTuple):
    """`data` and `error` are valid UTF-8: what was not has been replaced by U+FFFD."""

    data: bytes
    event: str = "message"
    id: str = ""
    error: bytes | None = None


class Decoder:
    """Feed it the body in pieces of any size, cut anywhere; it takes time linear in their length.

    Lines end with LF, CR or CRLF and with nothing else: U+2028, U+2029 and U+0085 are text.
    """

    def __init__(self, limit: int = 16 * 1024 * 1024) -> None:
        """`limit` is the size in bytes that one event may have."""
        self.retry: int | None = None
        self._limit = limit
        self._line: list[bytes] = []
        self._line_size = 0
        self._data: list[bytes] = []
        self._data_size = 0
        self._event = ""
        self._id = ""
        self._error: bytes | None = None
        self._bare_json: list[bytes] = []
        self._at_start = True
        self._after_cr = False
        self._between_events = True

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes. Raises `BadUpstreamResponse` for one beyond the limit."""
        events: list[Event] = []
        if self._between_events:
            piece = piece[self._take_plain(piece, events) :]
            if not piece:
                return events
        events += [event for line in self._lines(piece) if (event := self._take(line))]
        self._between_events = not (
            self._line
            or self._data
            or self._event
            or self._error is not None
            or self._bare_json
            or self._after_cr
        )
        return events

    def flush(self) -> list[Event]:
        """The event that the end of the body left without its blank line, which may itself be cut off."""
        lines = [b"".join(self._line), b""] if self._line else [b""]
        self._line = []
        return [event for line in lines if (event := self._take(line))]

    def _take_plain(self, piece: bytes, events: list[Event]) -> int:
        """How far the piece is made of plain events, which are taken."""
        begin = 0
        while (plain := _PLAIN.match(piece, begin)) and (end := plain.end()) - begin <= self._limit:
            name, data = plain.groups()
            events.append(Event(_valid(data), _valid(name).decode() if name else "message", self._id))
            begin = end
        self._at_start = self._at_start and not begin
        return begin

    def _lines(self, piece: bytes) -> list[bytes]:
        if self._after_cr and piece:
            piece = piece.removeprefix(b"\n")
            self._after_cr = False
        if not piece:
            return []
        self._after_cr = piece.endswith(b"\r")
        # Unlike that of str, the splitlines of bytes knows no other line end than LF, CR and CRLF.
        lines = piece.splitlines()
        unfinished = None if piece.endswith((b"\n", b"\r")) else lines.pop()
        if lines and self._line:
            lines[0] = b"".join([*self._line, lines[0]])
            self._line, self._line_size = [], 0
        if unfinished is not None:
            self._hold(unfinished)
        return lines

    def _hold(self, unfinished: bytes) -> None:
        self._line.append(unfinished)
        self._line_size += len(unfinished)
        self._check_size()

    def _take(self, line: bytes) -> Event | None:
        if self._at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        if not line:
            return self._dispatch()
        if self._bare_json and line.startswith(_FIELDS):
            error = self._dispatch()
            self._take(line)
            return error
        if self._bare_json or (not self._data and line.startswith((b"{", b"["))):
            self._hold_bare_json(_valid(line))
            return None
        name, _, value = line.partition(b":")
        self._set(name, _valid(value.removeprefix(b" ")))
        return None

    def _set(self, name: bytes, value: bytes) -> None:
        if name == b"data":
            self._data.append(value)
            self._data_size += len(value) + 1
            self._check_size()
        elif name == b"event":
            self._event = value.decode()
        elif name == b"error":
            self._error = value
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode()
        elif name == b"retry" and value.isdigit():
            self.retry = int(value)

    def _hold_bare_json(self, line: bytes) -> None:
        self._bare_json.append(line)
        self._data_size += len(line) + 1
        self._check_size()

    def _dispatch(self) -> Event | None:
        event = None
        if any(b'"error"' in line for line in self._bare_json):
            self._error = b"\n".join(self._bare_json)
        if self._data or self._error is not None:
            event = Event(b"\n".join(self._data), self._event or "message", self._id, self._error)
        self._data, self._data_size, self._event, self._error = [], 0, "", None
        self._bare_json = []
        return event

    def _check_size(self) -> None:
        if self._data_size + self._line_size > self._limit:
            raise BadUpstreamResponse(
                f"The provider sent an event larger than {self._limit:,} bytes, the most that is taken."
            )


def _valid(text: bytes) -> bytes:
    return text if text.isascii() else text.decode("utf-8", "replace").encode()


def encode(data: bytes | str, event: str | None = None) -> bytes:
    """One event, its blank line included."""
    raw = data.encode() if isinstance(data, str) else data
    head = b"event: %s\n" % event.encode() if event else b""
    lines = _LINE_END.split(raw)
    return head + b"".join(b"data: %s\n" % line for line in lines) + b"\n"


def comment(text: str = "") -> bytes:
    """Something for a connection to carry that every reader passes over."""
    return b": %s\n\n" % text.encode()
