"""The upstreams that come and go with the environment and with what runs on this machine."""

import pytest

from chat.models import Upstream

OLLAMA = {"http://127.0.0.1:11434/v1": "Ollama"}


@pytest.fixture(autouse=True)
def _database(db): ...


def environment(**families: dict[str, str]) -> Upstream | None:
    Upstream.objects.take_over_environment(families)
    return Upstream.objects.filter(origin="environment").first()


def detected(found: dict[str, str]) -> Upstream | None:
    Upstream.objects.take_over_detected(found)
    return Upstream.objects.filter(origin="detected").first()


def test_the_environment_names_one():
    upstream = environment(openai={"api_key": "sk-1", "base_url": ""})
    assert (upstream.name, upstream.family, upstream.api_key) == ("OpenAI", "openai", "sk-1")


def test_it_follows_the_environment():
    environment(openai={"api_key": "sk-1", "base_url": ""})
    upstream = environment(openai={"api_key": "sk-2", "base_url": "http://proxy/v1"})
    assert (upstream.api_key, upstream.base_url) == ("sk-2", "http://proxy/v1")
    assert Upstream.objects.count() == 1


def test_it_is_off_while_the_environment_does_not_name_it():
    environment(openai={"api_key": "sk-1", "base_url": ""})
    assert not environment().enabled
    assert environment(openai={"api_key": "sk-1", "base_url": ""}).enabled


def test_one_that_an_administrator_switched_off_stays_off():
    environment(openai={"api_key": "sk-1", "base_url": ""})
    Upstream.objects.update(enabled=False)
    assert not environment(openai={"api_key": "sk-2", "base_url": ""}).enabled


def test_a_name_that_an_administrator_gave_stays():
    environment(openai={"api_key": "sk-1", "base_url": ""})
    Upstream.objects.update(name="Ours")
    assert environment(openai={"api_key": "sk-2", "base_url": ""}).name == "Ours"


def test_those_of_administrators_are_left_alone():
    Upstream.objects.create(name="OpenAI", family="openai", api_key="mine")
    assert environment(openai={"api_key": "sk-1", "base_url": ""}).name == "OpenAI (environment)"
    environment()
    mine = Upstream.objects.get(origin="admin")
    assert (mine.api_key, mine.enabled) == ("mine", True)


def test_a_server_of_this_machine_is_there_while_it_runs():
    assert detected(OLLAMA).enabled
    assert not detected({}).enabled
    assert detected(OLLAMA).enabled
    assert Upstream.objects.count() == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_that_is_known_already_is_not_taken_twice(host):
    environment(compatible={"api_key": "", "base_url": f"http://{host}:11434/v1"})
    assert detected(OLLAMA) is None


def test_the_built_in_one_stays_off_if_it_was_switched_off():
    Upstream.objects.keep_built_in()
    Upstream.objects.update(enabled=False)
    Upstream.objects.keep_built_in()
    assert not Upstream.objects.get(origin="built-in").enabled
