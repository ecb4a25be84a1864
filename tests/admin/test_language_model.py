import re

import pytest

from chat.completions import UpstreamUnreachable
from chat.gateway.health import health
from chat.models import LanguageModel, Route, Upstream

LIST = "/admin/chat/languagemodel/"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def model(db) -> LanguageModel:
    model = LanguageModel.objects.create(model_id="small")
    Route.objects.create(model=model, upstream=Upstream.objects.create(name="Mine", family="compatible"))
    return model


def test_it_is_switched_off_in_the_list(admin, model):
    row = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": model.pk, "_save": "Save"}
    admin.post(LIST, row)
    model.refresh_from_db()
    assert not model.enabled


def test_its_page_shows_its_routes(admin, model):
    assert "small at Mine" in admin.get(f"{LIST}{model.pk}/change/").content.decode()


def health_shown(admin, model) -> str:
    page = admin.get(f"{LIST}{model.pk}/change/").content.decode()
    return re.search(r'<td class="field-health">\s*<p>(.*?)</p>', page, re.DOTALL)[1]


def order(admin, route: Route, **changes: object):
    rows = {"routes-TOTAL_FORMS": 1, "routes-INITIAL_FORMS": 1, "routes-0-id": route.pk}
    row = {"upstream": route.upstream_id, "enabled": "on", "priority": 0, "weight": 1} | changes
    fields = {f"routes-0-{name}": value for name, value in row.items()}
    return admin.post(f"{LIST}{route.model_id}/change/", {"enabled": "on", **rows, **fields})


def test_its_routes_are_put_in_order(admin, model):
    order(admin, model.routes.get(), priority=5, weight=3)
    route = model.routes.get()
    assert (route.priority, route.weight) == (5, 3)


@pytest.mark.parametrize("field", ["priority", "weight"])
@pytest.mark.parametrize("value", ["-1", "1000000", "x", ""])
def test_an_order_that_is_none_is_refused(admin, model, field, value):
    assert order(admin, model.routes.get(), **{field: value}).context["errors"]
    route = model.routes.get()
    assert (route.priority, route.weight) == (0, 1)


def test_a_weight_of_nothing_is_refused(admin, model):
    assert "greater than or equal to 1" in order(admin, model.routes.get(), weight=0).content.decode()


def test_a_route_without_failures_says_so(admin, model):
    assert health_shown(admin, model) == "No failure since the start."


def test_a_route_that_cools_down_says_for_how_long_and_why(admin, model):
    route = model.routes.get()
    words = "Nothing answers. An administrator can check the base URL in the admin, under Upstreams."
    health.fail(route, UpstreamUnreachable(words), health.ask(route))
    assert health_shown(admin, model) == "Cools down for another 5 s: Nothing answers."


def test_a_route_that_has_recovered_still_tells_what_was_wrong(admin, model):
    route = model.routes.get()
    health.fail(route, UpstreamUnreachable("Nothing answers."), health.ask(route))
    health.answer(route)
    assert health_shown(admin, model) == "Answers again; failed 0\xa0minutes ago: Nothing answers."


def test_a_route_that_may_be_asked_again_says_that_it_failed(admin, model, monkeypatch):
    route = model.routes.get()
    health.fail(route, UpstreamUnreachable("Nothing answers."), health.ask(route))
    now = health.clock()
    monkeypatch.setattr(health, "clock", lambda: now + 120)
    assert health_shown(admin, model) == "Failed 2\xa0minutes ago: Nothing answers."
    health.ask(route)
    assert health_shown(admin, model) == "Failed, and is being tried again: Nothing answers."


def test_a_route_that_is_not_asked_says_why(admin, model):
    upstream = Upstream.objects.get()
    upstream.refuse_key("No.")
    assert health_shown(admin, model).startswith("Key refused on ")
    Upstream.objects.update(enabled=False)
    assert health_shown(admin, model) == "Its upstream is off."


def test_many_routes_cost_as_many_queries_as_one(admin, model, django_assert_max_num_queries):
    for number in range(20):
        Route.objects.create(
            model=model, upstream=Upstream.objects.create(name=f"U{number}", family="compatible")
        )
    with django_assert_max_num_queries(12):
        admin.get(f"{LIST}{model.pk}/change/")


def test_one_is_found_by_its_upstream(admin, model):
    assert admin.get(LIST, {"q": "mine"}).context["cl"].result_count == 1


def test_the_list_asks_as_often_for_many_as_for_one(admin, model, django_assert_max_num_queries):
    upstream = Upstream.objects.get()
    many = LanguageModel.objects.bulk_create(LanguageModel(model_id=f"m{n}") for n in range(40))
    Route.objects.bulk_create(Route(model=each, upstream=upstream) for each in many)
    with django_assert_max_num_queries(14):
        admin.get(LIST)
