import pytest

from chat.models import ApiKey


@pytest.fixture
def secret(owner) -> str:
    return ApiKey(owner=owner, name="My script").issue()


@pytest.fixture
def key(secret) -> ApiKey:
    return ApiKey.objects.find(secret)


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
