import pytest

from chat.models import Upstream

LIST = "/admin/chat/upstream/"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def add(admin, **changes: str) -> str:
    new = {"name": "New", "family": "compatible", "base_url": "", "api_key": "", "enabled": "on"}
    return admin.post(f"{LIST}add/", new | changes).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "http://ollama:11434/v1",
        "https://vllm/v1",
        "http://my_models:8000",
        "http://localhost:1/v1",
        "http://192.168.1.5:65535/v1",
        "http://[::1]:11434/v1",
        "http://[fe80::1]",
        "https://llm.example.org./some/path/",
        "HTTPS://Models.Example.Org/v1",
        "https://модели.example/v1",
    ],
)
def test_an_address_of_any_server_is_taken_as_it_is(admin, address):
    add(admin, base_url=address)
    assert Upstream.objects.get().base_url == address


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("localhost:9/v1", "http://localhost:9/v1"),
        ("ollama:11434/v1", "http://ollama:11434/v1"),
        ("127.0.0.1:9/v1", "http://127.0.0.1:9/v1"),
        ("[::1]:9/v1", "http://[::1]:9/v1"),
        ("  llm.invalid/v1 ", "https://llm.invalid/v1"),
    ],
)
def test_an_address_is_taken_as_people_write_it(admin, written, kept):
    add(admin, base_url=written)
    assert Upstream.objects.get().base_url == kept


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ftp://localhost/v1", "begins with http:// or https://"),
        ("javascript://localhost/v1", "begins with http:// or https://"),
        ("http:/localhost", "begins with http:// or https://"),
        ("nonsense of mine", "no spaces"),
        ("http://local\u00a0host/v1", "no spaces"),
        ("http://local\thost/v1", "no spaces"),
        ("http://", "names no server"),
        ("http:///v1", "names no server"),
        ("http://:11434/v1", "names no server"),
        ("http://-models/v1", "names no server"),
        ("http://models..example/v1", "names no server"),
        ("http://models\\v1", "names no server"),
        ("http://256.1.1.1/v1", "names no server"),
        ("11434", "names no server"),
        ("http://::1/v1", "names no server"),
        ("http://[::1/v1", "names no server"),
        ("http://[localhost]/v1", "names no server"),
        ("http://ollama:99999/v1", "from 1 to 65535"),
        ("http://ollama:0/v1", "from 1 to 65535"),
        ("http://ollama:/v1", "from 1 to 65535"),
        ("http://ollama:port/v1", "from 1 to 65535"),
        ("http://[::1]:-1/v1", "from 1 to 65535"),
        ("http://ada:secret@ollama:11434/v1", "Leave out the name and the password"),
        ("https://example.org@ollama/v1", "Leave out the name and the password"),
        ("http://ollama:11434/v1?key=secret", "Leave out the “?” or “#”"),
        ("http://ollama:11434/v1#models", "Leave out the “?” or “#”"),
        (f"http://{'a' * 64}/v1", "names no server"),
        (f"http://ollama/{'a' * 500}", "at most 500 characters"),
    ],
)
def test_what_can_be_no_address_says_what_to_do(admin, written, words):
    assert words in add(admin, base_url=written)
    assert not Upstream.objects.exists()


def test_only_a_compatible_server_needs_one(admin):
    assert "A compatible server has no address of its own: enter its base URL." in add(admin)
    assert not Upstream.objects.exists()
    add(admin, family="openai")
    assert Upstream.objects.get().base_url == ""


def test_the_form_says_which_family_has_no_address_of_its_own(admin):
    assert "“Compatible” has none." in admin.get(f"{LIST}add/").content.decode()
