"""Whose a key is, for all that can be done with one."""

import pytest

from chat.models import ApiKey

ACTS = {"rename": {"name": "Other"}, "rotate": {"overlap": "24"}, "revoke": {}}


@pytest.fixture
def key(owner) -> ApiKey:
    key = ApiKey(owner=owner, name="My script")
    key.issue()
    return key


@pytest.fixture(params=ACTS)
def act(request) -> str:
    return request.param


@pytest.fixture
def address(key, act) -> str:
    return f"/keys/{key.pk}/{act}"


@pytest.fixture
def _is_as_before(key):
    before = ApiKey.objects.values().get()
    yield
    assert ApiKey.objects.values().get() == before


@pytest.mark.usefixtures("_is_as_before")
def test_a_stranger_gets_404(strangers, address, act):
    assert strangers.get(address).status_code == 404
    assert strangers.post(address, ACTS[act]).status_code == 404


@pytest.mark.usefixtures("_is_as_before")
def test_an_administrator_gets_404_too(client, administrator, address, act):
    client.force_login(administrator)
    assert client.post(address, ACTS[act]).status_code == 404


@pytest.mark.usefixtures("_is_as_before")
def test_whoever_is_signed_out_changes_nothing(client, address, act):
    assert client.post(address, ACTS[act]).status_code == 302


def test_one_that_is_over_or_was_never_there_is_not_found(owners, key, address, act):
    key.revoke()
    assert owners.post(address, ACTS[act]).status_code == 404
    assert owners.get(address.replace(str(key.pk), "9" * 30)).status_code == 404


def test_its_owner_may(owners, address, act):
    assert owners.post(address, ACTS[act], follow=True).status_code == 200
