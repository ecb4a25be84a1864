import time

import pytest

from chat.completions import BadUpstreamResponse
from chat.completions.sse import Decoder, Event, comment, encode

NASTY = {
    "line feeds": (b'data: {"a":1}\n\ndata: {"b":2}\n\n', [b'{"a":1}', b'{"b":2}']),
    "carriage returns": (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    "both": (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    "mixed": (b"data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\n", [b"a\nb\nc", b"d"]),
    "several data lines": (b"data: a\ndata:\ndata: b\n\n", [b"a\n\nb"]),
    "no space": (b"data:a\n\ndata:  b\n\n", [b"a", b" b"]),
    "comments": (b": ping\n\ndata: a\n: in the middle\ndata: b\n\n:\n\n", [b"a\nb"]),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", [b"a"]),
    "unknown fields": (b"colour: red\ndata: a\nnonsense\n\n{}\n\n", [b"a"]),
    "data without colon": (b"data\n\n", [b""]),
    "empty events": (b"\n\n\nevent: ping\n\ndata: a\n\n", [b"a"]),
    "separators of unicode": ("data: a\u2028b\u2029c\u0085d\x0b\x0c\x1ce\n\n".encode(), None),
    "several bytes a letter": ("data: Grüße 🌍 你好\n\n".encode(), ["Grüße 🌍 你好".encode()]),
    "invalid utf-8": (
        b"data: a\xff\xfeb\n\ndata: \xe2\x82\n\n",
        ["a\ufffd\ufffdb".encode(), "\ufffd".encode()],
    ),
    "null": (b"data: a\0b\nid: x\0y\n\n", [b"a\0b"]),
}


def pieces(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


def decode(body: bytes, size: int, limit: int = 16 * 1024 * 1024) -> list[Event]:
    decoder = Decoder(limit)
    events = [event for piece in pieces(body, size) for event in decoder.feed(piece)]
    return events + decoder.flush()


@pytest.mark.parametrize("name", NASTY)
def test_an_event_is_the_same_however_it_is_cut(name: str) -> None:
    body, expected = NASTY[name]
    if expected is None:
        expected = [body[6:-2]]
    for size in range(1, len(body) + 1):
        assert [event.data for event in decode(body, size)] == expected, size


def test_the_type_and_the_last_id_of_an_event_are_known() -> None:
    body = b"event: error\nid: 7\nretry: 3000\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"
    for size in range(1, len(body) + 1):
        first, second, third = decode(body, size)
        assert (first.event, first.id) == ("error", "7")
        assert (second.event, second.id) == ("message", "7")
        assert third.id == ""


def test_the_time_to_reconnect_is_known() -> None:
    decoder = Decoder()
    decoder.feed(b"retry: 3000\nretry: soon\n\n")
    assert decoder.retry == 3000


def test_a_piece_may_bring_several_events_with_names_and_ids() -> None:
    body = b"id: 7\n\nevent: a\ndata: 1\n\ndata: 2\n\n: hm\n\nevent: b\ndata: \xff\n\ndata: 3\n\ndata: 4\ndata: 5\n\n"
    wanted = [
        (b"1", "a"),
        (b"2", "message"),
        ("\ufffd".encode(), "b"),
        (b"3", "message"),
        (b"4\n5", "message"),
    ]
    for size in range(1, len(body) + 1):
        assert decode(body, size) == [Event(data, name, "7") for data, name in wanted]


def test_a_field_named_error_is_an_event_of_its_own() -> None:
    body = b'data: {}\n\nerror: {"message":"no memory"}\n\n'
    for size in range(1, len(body) + 1):
        assert decode(body, size)[1].error == b'{"message":"no memory"}'


def test_an_error_in_json_between_events_is_an_event_of_its_own() -> None:
    error = b'[{\n  "error": {\n    "code": 503\n  }\n}\n]'
    body = b'data: a\n\n%s\n\n{"b":\n1}\n\ndata: {"error":\ndata: 1}\n\n' % error
    for size in (1, 7, len(body)):
        assert decode(body, size) == [
            Event(b"a"),
            Event(b"", error=error),
            Event(b'{"error":\n1}'),
        ]


def test_json_between_events_ends_where_an_event_begins() -> None:
    body = b'{"b":1}\nevent: x\ndata: a\n\n{"error":\n1}\ndata: [DONE]\n\n'
    for size in (1, 7, len(body)):
        assert decode(body, size) == [Event(b"a", "x"), Event(b"", error=b'{"error":\n1}'), Event(b"[DONE]")]


def test_an_error_between_events_comes_before_what_is_sent_after_it() -> None:
    decoder = Decoder()
    assert decoder.feed(b'{"error":1}\n') == []
    assert decoder.feed(b"data: [DONE]\n\n") == [Event(b"", error=b'{"error":1}'), Event(b"[DONE]")]


def test_the_end_of_the_body_ends_an_event_without_a_blank_line() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: [DONE]") == []
    assert decoder.flush() == [Event(b"[DONE]")]
    assert decoder.flush() == []


def test_an_event_beyond_the_limit_is_refused() -> None:
    for body in (b"data: " + b"x" * 200, b"data: xxxxxxxxxx\n" * 20):
        with pytest.raises(BadUpstreamResponse, match="100 bytes"):
            decode(body, 10, limit=100)


def test_many_events_may_together_be_larger_than_the_limit() -> None:
    assert len(decode(b"data: xxxxxxxxxx\n\n: comment\n" * 50, 7, limit=100)) == 50


def test_a_giant_line_in_small_pieces_takes_linear_time() -> None:
    started = time.perf_counter()
    body = b"data: " + b"x" * (8 * 1024 * 1024) + b"\n\n"
    (event,) = decode(body, 1024)
    assert len(event.data) == 8 * 1024 * 1024
    # Searching or copying what came before with each piece would take minutes.
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("data", ["", "a", "a\nb\n", "a\r\nb", "Grüße\u2028", '{"a": "b: c"}'])
def test_what_is_encoded_decodes_to_the_same(data: str) -> None:
    body = comment("keep-alive") + encode(data, "note") + encode(data.encode())
    first, second = Decoder().feed(body)
    normal = "\n".join(data.replace("\r\n", "\n").split("\n")).encode()
    assert (first.event, first.data) == ("note", normal)
    assert (second.event, second.data) == ("message", normal)


def test_an_encoded_event_has_the_usual_form() -> None:
    assert encode(b'{"a":1}') == b'data: {"a":1}\n\n'
    assert comment() == b": \n\n"
