from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chat.models import Allowance, ApiKey, ModelRequest


@pytest.fixture
def key(owner) -> ApiKey:
    key = ApiKey(owner=owner, name="My script")
    key.issue()
    return key


def used(key: ApiKey, cost: str | None, ago: timedelta = timedelta(), **fields) -> ModelRequest:
    moment = timezone.now() - ago
    given = {"prompt_tokens": 5, "completion_tokens": 5, "status": "complete", "finished_at": moment} | fields
    return ModelRequest.objects.create(
        public_id=f"req_{ModelRequest.objects.count()}",
        face="api",
        user=key.owner,
        key=key,
        model_name="small",
        cost=None if cost is None else Decimal(cost),
        created_at=moment,
        **given,
    )


def page(client) -> str:
    return client.get("/keys").content.decode()


def test_it_lists_the_keys_of_its_reader_with_what_is_known_of_them(owners, key, model, stranger):
    Allowance.objects.create(key=key, monthly_budget=Decimal(5), requests_per_minute=60)
    key.allowed_models.add(model)
    key.networks = "192.0.2.0/24"
    key.save(update_fields=["networks"])
    used(key, "0.25")
    used(key, "1", ago=timedelta(days=70))
    ApiKey(owner=stranger, name="Not yours").issue()
    html = page(owners)
    for words in (
        "My script",
        f"{key.prefix}…",
        "Active",
        "replayed",
        "$5.00 a month",
        "60 requests a minute",
    ):
        assert words in html
    for words in ("$0.25", "$1.25", "192.0.2.0/24"):
        assert words in html
    assert "Not yours" not in html


def test_a_key_without_anything_set_says_so(owners, key):
    html = page(owners)
    for words in ("All that you may use", "None of its own", "Never", "$0.00"):
        assert words in html


def test_a_price_that_is_unknown_is_not_nothing(owners, key):
    used(key, None)
    assert ">unknown<" in page(owners)
    used(key, "0.25")
    assert "$0.25, and requests of unknown price" in page(owners)


def test_what_runs_or_was_refused_has_no_unknown_price(owners, key):
    used(key, None, status="running", finished_at=None, prompt_tokens=None, completion_tokens=None)
    used(key, None, status="refused", prompt_tokens=None, completion_tokens=None)
    assert "unknown" not in page(owners)


def test_those_that_are_over_stand_apart(owners, owner, key):
    ApiKey(owner=owner, name="Old", expires_at=timezone.now() - timedelta(days=1)).issue()
    key.revoke()
    html = page(owners)
    assert "Revoked and expired (2)" in html
    assert "You have no key that opens anything" in html
    assert "/revoke" not in html


def test_without_a_key_it_offers_to_create_one(owners):
    html = page(owners)
    assert "You have no key yet" in html
    assert "/keys/new" in html


def test_where_administrators_issue_them_it_says_so(owners, settings, key):
    settings.USER_KEYS = False
    html = page(owners)
    assert "An administrator issues keys on this site" in html
    assert "/keys/new" not in html
    assert f"/keys/{key.pk}/revoke" in html


def test_a_key_whose_models_are_gone_says_so(owners, key, model):
    key.allowed_models.add(model)
    model.delete()
    assert "those that it was for are gone" in page(owners)


def test_markup_in_a_name_is_shown(owners, owner):
    ApiKey(owner=owner, name="<script>alert(1)</script>").issue()
    assert "<script>alert(1)</script>" not in page(owners)


def test_it_asks_as_often_for_many_as_for_one(owners, owner, key, model, django_assert_max_num_queries):
    for number in range(20):
        another = ApiKey(owner=owner, name=f"Key {number}")
        another.issue()
        another.allowed_models.add(model)
        Allowance.objects.create(key=another, requests_per_minute=60)
        used(another, "0.25")
    with django_assert_max_num_queries(6):
        page(owners)


def test_it_is_found_in_the_menu(owners, model):
    assert 'href="/keys"' in owners.get("/").content.decode()
    assert 'href="/keys"' in owners.get("/api").content.decode()


def test_who_is_signed_out_signs_in_first(client, db):
    assert client.get("/keys").url.startswith("/accounts/login/")
