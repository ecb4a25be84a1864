import time

import pytest

from chat.pages.sensitive import find


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.kind, finding.excerpt) for finding in find(text)]


@pytest.mark.parametrize(
    ("kind", "excerpt", "text"),
    [
        ("Private key", "-----BEGIN RSA PRIVATE KEY-----", "{}\nMIIE"),
        ("Private key", "-----BEGIN PRIVATE KEY-----", "{}"),
        ("Private key", "-----BEGIN OPENSSH PRIVATE KEY-----", "{}"),
        ("Private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "{}"),
        ("API key", "sk-proj-abcdefghijklmnop1234", "key={}"),
        ("API key", "sk-ant-api03-abcdefghijklmnop", "`{}`"),
        ("API key", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "token: {}"),
        ("API key", "AKIAIOSFODNN7EXAMPLE", "({})"),
        ("API key", "xoxb-123456789012-abcdefghij", "{}."),
        ("API key", "AIzaSyA1234567890abcdefghijklmnopqrstuv", "{}"),
        ("API key", "hf_abcdefghijklmnopqrstuvwxyzabcdefgh", "{}"),
        ("API key", "api_key = 'abcdefghijklmnop1234'"[:-1], "{}'"),
        ("API key", "CLIENT_SECRET=abcdefghijklmnop1234", "export MY_{}\n"),
        ("Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk", "{}"),
        ("Token", "Bearer abcdefghijklmnopqrstuvwxyz", "Authorization: {}"),
        ("Address with a password", "postgres://olga:hunter2@db.example.org", "{}/bread"),
        ("Password", "password: hunter2", "{}"),
        ("Password", "PASSWORD=hunter2", "DB_{}"),
        ("Password", "Passwort: geheim99", "Mein {}"),
        ("E-mail address", "olga.petrova+bread@mail.example.org", "Write to {}."),
        ("E-mail address", "olga@example.org", "<{}>"),
        ("Card number", "4111 1111 1111 1111", "Pay with {}."),
        ("Card number", "5500-0000-0000-0004", "{}"),
        ("Bank account", "DE89 3704 0044 0532 0130 00", "IBAN {}"),
        ("Bank account", "GB29NWBK60161331926819", "{}"),
        ("Phone number", "+49 170 1234567", "Call {}"),
        ("Phone number", "(555) 123-4567", "Call {} now"),
        ("Phone number", "555-123-4567", "{}"),
        ("Phone number", "030 1234 5678", "Tel. {}"),
    ],
)
def test_it_is_found(kind, excerpt, text):
    assert found(text.format(excerpt)) == [(kind, excerpt)]


@pytest.mark.parametrize(
    "text",
    [
        "How is bread made? With 500 g of flour, 10 g of salt and 350 ml of water.",
        "On 2026-11-25 at 12:30, version 1.2.3, and 192.168.100.200 answered.",
        "Set password: <your password>, or password=${PASSWORD}, or password: str",
        "The password is asked for. Passwords: use a manager.",
        "sk-short and task-abcdefghijklmnopqrstuvwxyz and an @mention and a@b",
        "1234 5678 9012 3456 is no card, nor is 0000 0000 0000 0000",
        "DE00 3704 0044 0532 0130 00",
        "Pi is 3.14159265358979323846, and 1,234,567,890 is a number",
        "https://example.org/a/b?c=123456789 and 0x1234567890abcdef",
        "api_key = os.environ['API_KEY']",
        "7:30-8:45, pages 100-120, and 10-20-30",
    ],
)
def test_nothing_is_found_in_what_is_usual(text):
    assert found(text) == []


def test_each_thing_is_told_once():
    assert len(found("olga@example.org and olga@example.org")) == 1


def test_what_is_long_is_shortened():
    ((_, excerpt),) = found("sk-" + "a" * 200)
    assert len(excerpt) == 48
    assert excerpt.endswith("…")


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "1 ",
        "a.",
        "a@",
        "-",
        "eyJ",
        "sk-",
        "AB12 ",
        "+1 ",
        "(1",
        "password: ",
        "a://b:",
        "0 0-",
        "é",
    ],
)
def test_it_takes_no_longer_on_a_hostile_text(unit):
    text = unit * (200_000 // len(unit))
    began = time.perf_counter()
    list(find(text))
    assert time.perf_counter() - began < 4
