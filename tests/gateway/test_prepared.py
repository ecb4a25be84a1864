"""What is asked for every request is asked in SQL that is built once; an event loop is told what is still known."""

import asyncio

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection

from chat.models import ApiKey, LanguageModel, Route, Upstream, User, api_key, prepared
from chat.models.prepared import Prepared

pytestmark = pytest.mark.django_db
only_sqlite_tells = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="Only SQLite tells that nobody has written to it."
)


@pytest.fixture
def route() -> Route:
    upstream = Upstream.objects.create(name="Mine", family="compatible", api_key="secret")
    model = LanguageModel.objects.create(model_id="small")
    return Route.objects.create(model=model, upstream=upstream)


def test_a_key_is_found_with_its_owner_in_one_query(owner: User, django_assert_num_queries) -> None:
    secret = ApiKey(owner=owner, name="A program").issue()
    with django_assert_num_queries(1):
        key = ApiKey.objects.find(secret)
        assert key
        assert key.owner == owner
    plain = ApiKey.objects.select_related("owner").get()
    for field in (*ApiKey._meta.concrete_fields, *User._meta.concrete_fields):
        here, there = (key, plain) if field.model is ApiKey else (key.owner, plain.owner)
        assert getattr(here, field.attname) == getattr(there, field.attname)


def test_a_key_that_was_found_can_be_saved(owner: User) -> None:
    key = ApiKey.objects.find(ApiKey(owner=owner).issue())
    assert key
    key.name = "Another"
    key.save(update_fields=["name"])
    assert ApiKey.objects.get().name == "Another"


def test_each_run_is_given_values_of_its_own(owner: User) -> None:
    secrets = [ApiKey(owner=owner, name=name).issue() for name in "ab"]
    assert [ApiKey.objects.find(secret).name for secret in secrets] == ["a", "b"]  # type: ignore[union-attr]
    assert ApiKey.objects.find("sk-wrong") is None


def test_a_route_comes_with_its_upstream_in_one_query(route: Route, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        (found,) = Route.objects.to("small")
        assert (found, found.upstream, found.upstream.api_key) == (route, route.upstream, "secret")


@pytest.mark.parametrize("off", ["route", "model", "upstream"])
def test_what_was_switched_off_is_no_way_from_the_next_request_on(route: Route, off: str) -> None:
    assert Route.objects.to("small") == [route]
    row = route if off == "route" else getattr(route, off)
    row.enabled = False
    row.save(update_fields=["enabled"])
    assert Route.objects.to("small") == []


def test_the_first_of_several_routes_comes_first(route: Route) -> None:
    other = Upstream.objects.create(name="Another", family="compatible")
    second = Route.objects.create(model=route.model, upstream=other)
    assert Route.objects.to("small") == [route, second]


def test_a_key_is_for_the_models_that_were_chosen_for_it(route: Route, owner: User) -> None:
    key = ApiKey(owner=owner)
    key.issue()
    assert key.allows(route.model)
    key.allowed_models.add(LanguageModel.objects.create(model_id="large"))
    assert not key.allows(route.model)
    key.allowed_models.add(route.model)
    assert key.allows(route.model)


@pytest.fixture
def known(monkeypatch) -> dict:
    """What is known of keys; nothing at first."""
    known: dict = {}
    monkeypatch.setattr(api_key._of_secret, "_known", known)
    return known


async def found_on_event_loop(secret: str) -> ApiKey | None:
    return ApiKey.objects.find(secret)


@only_sqlite_tells
def test_what_is_written_while_it_is_asked_is_asked_again(transactional_db, owner: User, monkeypatch) -> None:
    secret = ApiKey(owner=owner).issue()
    found = Prepared._found

    def found_just_before_a_write(*arguments):
        rows = found(*arguments)
        ApiKey.objects.get().revoke()
        return rows

    monkeypatch.setattr(Prepared, "_found", found_just_before_a_write)
    ApiKey.objects.find(secret)
    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(found_on_event_loop(secret))


@only_sqlite_tells
def test_what_strangers_ask_for_is_not_remembered(transactional_db, owner: User, known) -> None:
    ApiKey(owner=owner).issue()
    assert ApiKey.objects.find("sk-wrong") is None
    assert not known


@only_sqlite_tells
def test_only_so_much_is_remembered(transactional_db, owner: User, known, monkeypatch) -> None:
    monkeypatch.setattr(prepared, "MOST_KNOWN", 2)
    secrets = [ApiKey(owner=owner).issue() for _ in range(3)]
    for secret in secrets:
        ApiKey.objects.find(secret)
        assert asyncio.run(found_on_event_loop(secret))
        assert len(known) <= 2


def test_within_a_transaction_nothing_is_remembered(owner: User, known) -> None:
    assert ApiKey.objects.find(ApiKey(owner=owner).issue())
    assert not known
