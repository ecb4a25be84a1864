import pytest

from chat.models import ApiKey


@pytest.fixture
def secret(owner) -> str:
    return ApiKey(owner=owner, name="My script").issue()


@pytest.fixture
def key(secret) -> ApiKey:
    return ApiKey.objects.find(secret)


GIVEN = {"name": "Other"}


def address(key: ApiKey) -> str:
    return f"/keys/{key.pk}/rename"


def is_as_before(key: ApiKey) -> bool:
    return ApiKey.objects.get().name == "My script"


def test_it_has_another_name_and_the_same_secret(owners, key, secret):
    assert "called “Other” now" in owners.post(address(key), GIVEN, follow=True).content.decode()
    assert ApiKey.objects.find(secret).name == "Other"


def test_the_name_that_it_has_is_in_the_form(owners, key):
    assert 'value="My script"' in owners.get(address(key)).content.decode()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b"])
def test_a_name_that_is_none_is_refused(owners, key, name):
    response = owners.post(address(key), {"name": name})
    assert response.status_code == 422
    assert 'class="errorlist"' in response.content.decode()
    assert "“My script” begins with" in response.content.decode()
    assert is_as_before(key)
