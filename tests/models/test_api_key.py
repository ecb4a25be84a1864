from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from chat.models import Allowance, ApiKey

HOUR = timedelta(hours=1)


@pytest.fixture
def key(owner) -> ApiKey:
    return ApiKey(owner=owner)


def test_a_rotation_gives_it_another_secret(key):
    first = key.issue()
    second = key.rotate()
    assert ApiKey.objects.find(first) is None
    assert ApiKey.objects.find(second) == key
    assert second.startswith(key.prefix)


def test_the_secret_before_opens_until_the_overlap_ends(key):
    first = key.issue()
    second = key.rotate(HOUR)
    assert ApiKey.objects.find(first) == ApiKey.objects.find(second) == key
    ApiKey.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    assert ApiKey.objects.find(first) is None
    assert ApiKey.objects.find(second) == key


def test_while_two_secrets_overlap_no_third_opens(key):
    key.issue()
    key.rotate(HOUR)
    assert key.opens_with(key.digest)
    assert key.opens_with(key.previous_digest)
    assert not key.opens_with("another")


def test_only_the_last_two_secrets_open(key):
    first = key.issue()
    key.rotate(HOUR)
    key.rotate(HOUR)
    assert ApiKey.objects.find(first) is None


def test_revoking_ends_both_secrets(key):
    first = key.issue()
    second = key.rotate(HOUR)
    key.revoke()
    assert ApiKey.objects.find(first) is None
    assert ApiKey.objects.find(second).is_revoked


def test_nothing_opens_with_an_empty_secret(key):
    key.issue()
    key.rotate()
    assert ApiKey.objects.find("") is None


def test_it_is_found_with_its_owner_and_whether_it_is_limited_in_one_query(
    key, owner, django_assert_num_queries
):
    secret = key.issue()
    assert not ApiKey.objects.find(secret).is_limited
    Allowance.objects.create(user=owner, requests_per_minute=50)
    with django_assert_num_queries(1):
        found = ApiKey.objects.find(secret)
        assert (found.owner, found.is_limited) == (owner, True)


@pytest.mark.parametrize("networks", ["everywhere", "300.1.1.1", "192.0.2.0/33", "192.0.2.1-192.0.2.9"])
def test_what_is_no_address_is_named(key, networks):
    key.networks = f"192.0.2.1\n{networks}"
    with pytest.raises(ValidationError, match=networks):
        key.clean_fields(exclude=["prefix", "digest"])
