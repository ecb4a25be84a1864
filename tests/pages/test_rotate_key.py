import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import ApiKey
from tests.cookies import said_by_cookies


@pytest.fixture
def secret(owner) -> str:
    return ApiKey(owner=owner, name="My script").issue()


@pytest.fixture
def key(secret) -> ApiKey:
    return ApiKey.objects.find(secret)


GIVEN = {"overlap": "24"}


def address(key: ApiKey) -> str:
    return f"/keys/{key.pk}/rotate"


def is_as_before(key: ApiKey) -> bool:
    return ApiKey.objects.get().digest == key.digest


def rotate(client, key: ApiKey, overlap: str) -> str:
    html = client.post(address(key), {"overlap": overlap}, follow=True).content.decode()
    return re.search(r"sk-[\w-]{40,}", html).group()


@pytest.mark.parametrize(("overlap", "hours"), [("1", 1), ("24", 24), ("168", 168)])
def test_the_new_secret_is_shown_once_and_the_old_one_works_for_a_while(owners, key, secret, overlap, hours):
    new = rotate(owners, key, overlap)
    assert ApiKey.objects.find(new) == ApiKey.objects.find(secret) == key
    ends = ApiKey.objects.get().previous_until - timezone.now()
    assert abs(ends - timedelta(hours=hours)) < timedelta(minutes=1)
    html = owners.get("/keys").content.decode()
    assert new not in html
    assert "Works until" in html


def test_neither_a_cookie_nor_the_session_carries_the_new_secret(owners, key):
    response = owners.post(address(key), GIVEN)
    new = re.search(r"sk-[\w-]{40,}", response.content.decode()).group()
    assert new not in said_by_cookies(response)
    assert new not in str(dict(owners.session))
    assert "no-store" in response["Cache-Control"]


def test_the_old_one_ends_at_once(owners, key, secret):
    new = rotate(owners, key, "0")
    assert ApiKey.objects.find(secret) is None
    assert ApiKey.objects.find(new) == key


@pytest.mark.parametrize("overlap", ["", "2", "-1", "forever"])
def test_no_other_time_is_possible(owners, key, overlap):
    response = owners.post(address(key), {"overlap": overlap})
    assert response.status_code == 422
    assert 'class="errorlist"' in response.content.decode()
    assert is_as_before(key)


def test_the_page_says_what_stays(owners, key):
    assert "Its models and its limits stay" in owners.get(address(key)).content.decode()
