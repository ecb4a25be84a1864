"""What is asked for every request is asked in SQL that is built once, and always answered from the database."""

import pytest

from chat.models import ApiKey, LanguageModel, Route, Upstream, User

pytestmark = pytest.mark.django_db


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
