import pytest

from chat.management.address import public_address


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://localhost:8000"),
        ("::", "http://localhost:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_it_is_one_that_a_browser_can_open(settings, host, shown):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert public_address(host, 8000) == shown


def test_it_is_one_that_the_site_answers_to(settings):
    settings.ALLOWED_HOSTS, settings.BEHIND_HTTPS = ["chat.example.org"], True
    assert public_address("0.0.0.0", 8000) == "https://chat.example.org"


def test_without_a_proxy_it_has_the_port(settings):
    settings.ALLOWED_HOSTS, settings.BEHIND_HTTPS = ["192.168.1.5"], False
    assert public_address("0.0.0.0", 8000) == "http://192.168.1.5:8000"


def test_any_name_will_do_if_any_is_allowed(settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert public_address("192.0.2.1", 8000) == "http://192.0.2.1:8000"
