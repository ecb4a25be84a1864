import pytest
from channels.testing import WebsocketCommunicator

from chat.live.origin import is_of_host
from chatsite.asgi import application


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8000", "localhost:8000"),
        ("http://localhost", "localhost"),
        ("http://localhost", "localhost:80"),
        ("https://chat.example.org", "chat.example.org"),
        ("https://chat.example.org", "chat.example.org:443"),
        ("https://chat.example.org:8443", "chat.example.org:8443"),
        ("https://Chat.example.org", "chat.Example.org"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_a_page_of_the_host_may(origin, host):
    assert is_of_host(origin.lower(), host.lower())


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.localhost:8000", "localhost:8000"),
        ("http://localhost:9000", "localhost:8000"),
        ("https://chat.example.org:8443", "chat.example.org"),
        ("http://localhost.evil.example", "localhost"),
        ("null", "localhost"),
        ("", "localhost"),
        ("http://localhost:port", "localhost"),
        ("http://[localhost", "localhost"),
        ("", ""),
    ],
)
def test_any_other_may_not(origin, host):
    assert not is_of_host(origin, host)


def test_an_origin_that_is_trusted_may_have_another_port(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org:8443", "https://other.example.org"]
    assert is_of_host("https://chat.example.org:8443", "chat.example.org")
    assert not is_of_host("https://other.example.org", "chat.example.org")


@pytest.mark.parametrize(
    ("origin", "host", "accepted"),
    [
        (b"http://localhost", b"localhost", True),
        (b"http://app.localhost", b"localhost", False),
        (b"http://elsewhere.example", b"elsewhere.example", False),
    ],
)
async def test_a_socket_is_opened_by_pages_of_its_own_host_only(origin, host, accepted):
    headers = [(b"host", host), (b"origin", origin)]
    socket = WebsocketCommunicator(application, "/ws/elsewhere", headers=headers)
    assert (await socket.connect())[0] is accepted
