"""What the server writes to connections whose readers are behind, or have left."""

import socket
import time
import urllib.request

import pytest

from tests.site import Site

PATH = "/v1/openapi.json"
QUESTION = f"GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\n".encode()
# Their answers are more than the buffers of a connection hold.
QUESTIONS = 400


@pytest.fixture
def site(tmp_path):
    with Site(tmp_path) as site:
        yield site


def ask_at_once(site: Site, last: bytes = b"") -> socket.socket:
    """A connection that asks many times, and reads little at a time."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", site.port))
    connection.settimeout(30)
    connection.sendall((QUESTION + b"\r\n") * (QUESTIONS - 1) + QUESTION + last + b"\r\n")
    return connection


def ask_once(site: Site) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", site.port))
    connection.sendall(QUESTION + b"\r\n")
    return connection


def test_a_reader_that_is_behind_misses_nothing(site):
    content = urllib.request.urlopen(f"{site.url}{PATH}").read()
    with ask_at_once(site, b"connection: close\r\n") as connection:
        time.sleep(0.5)
        answers = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    assert answers.count(b"HTTP/1.1 200 ") == QUESTIONS
    assert answers.count(content) == QUESTIONS


def test_readers_that_leave_before_or_in_an_answer_trouble_nobody(site):
    for _ in range(3):
        with ask_at_once(site) as connection:
            connection.recv(4096)
    for _ in range(300):
        with ask_once(site):
            pass
    assert urllib.request.urlopen(f"{site.url}{PATH}").status == 200
    assert site.stop() == 0
    assert "Traceback" not in "".join(site.output)
