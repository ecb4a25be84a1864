import pytest

from chat.models import ApiKey


@pytest.fixture
def secret(owner) -> str:
    return ApiKey(owner=owner, name="My script").issue()


@pytest.fixture
def key(secret) -> ApiKey:
    return ApiKey.objects.find(secret)


GIVEN: dict[str, str] = {}


def address(key: ApiKey) -> str:
    return f"/keys/{key.pk}/revoke"


def is_as_before(key: ApiKey) -> bool:
    return not ApiKey.objects.get().is_revoked


def test_the_page_asks_back_and_says_that_it_cannot_be_undone(owners, key):
    html = owners.get(address(key)).content.decode()
    assert "“My script”" in html
    assert "This cannot be undone" in html
    assert is_as_before(key)


def test_it_opens_nothing_any_more(owners, key, secret):
    html = owners.post(address(key), follow=True).content.decode()
    assert "“My script” is revoked" in html
    assert ApiKey.objects.find(secret).is_revoked


def test_a_stranger_gets_404(strangers, key):
    assert strangers.get(address(key)).status_code == 404
    assert strangers.post(address(key), GIVEN).status_code == 404
    assert is_as_before(key)


def test_an_administrator_gets_404_too(client, administrator, key):
    client.force_login(administrator)
    assert client.post(address(key), GIVEN).status_code == 404


def test_whoever_is_signed_out_changes_nothing(client, key):
    assert client.post(address(key), GIVEN).status_code == 302
    assert is_as_before(key)


def test_one_that_is_over_or_was_never_there_is_not_found(owners, key):
    key.revoke()
    assert owners.post(address(key), GIVEN).status_code == 404
    assert owners.get(address(key).replace(str(key.pk), "9" * 30)).status_code == 404
