import re

import pytest
from django.contrib.auth.models import Group, Permission

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
    return admin.post(f"{LIST}{route.model_id}/change/", {"enabled": "on", "position": 100, **rows, **fields})


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


FORM = {
    "model_id": "small",
    "position": "100",
    "capabilities": "{}",
    "enabled": "on",
    "routes-TOTAL_FORMS": 0,
    "routes-INITIAL_FORMS": 0,
}


def change(client, model, **fields):
    return client.post(f"{LIST}{model.pk}/change/", FORM | fields)


def act(client, action: str, *models: LanguageModel) -> str:
    sent = {"action": action, "_selected_action": [model.pk for model in models]}
    return client.post(LIST, sent, follow=True).content.decode()


def test_everything_about_it_is_set_on_its_page(admin, model):
    group = Group.objects.create(name="Physicists")
    change(
        admin,
        model,
        display_name="Small",
        description="Quick",
        groups=[group.pk],
        is_hidden="on",
        is_default="on",
        position="3",
        system_preamble="Be kind.",
        context_window="8192",
        capabilities='{"inputs": ["image"]}',
    )
    model.refresh_from_db()
    assert (model.name, model.description, model.position, model.context_window) == (
        "Small",
        "Quick",
        3,
        8192,
    )
    assert (model.is_hidden, model.is_default, model.is_restricted) == (True, True, True)
    assert (model.system_preamble, model.capabilities) == ("Be kind.", {"inputs": ["image"]})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"capabilities": "{"}, "Enter a valid JSON"),
        ({"capabilities": "[1]"}, "Write an object"),
        ({"capabilities": '{"colour": "red"}'}, "Not known: colour"),
        ({"capabilities": '{"inputs": ["smell"]}'}, "smell is none of"),
        ({"position": "-1"}, "greater than or equal to 0"),
        ({"position": ""}, "required"),
        ({"context_window": "-5"}, "greater than or equal to 0"),
        ({"system_preamble": "x" * 20_001}, "at most 20000"),
        ({"description": "x" * 501}, "at most 500"),
        ({"groups": ["x"]}, "not a valid value"),
    ],
)
def test_what_is_wrong_is_said_and_not_saved(admin, model, wrong, words):
    page = change(admin, model, **{"display_name": "Other"} | wrong).content.decode()
    assert words in page
    model.refresh_from_db()
    assert model.name == "small"


def test_no_capabilities_are_none_said(admin, model):
    change(admin, model, capabilities="")
    model.refresh_from_db()
    assert model.capabilities == {}


def test_a_new_default_takes_over_from_the_one_before(admin, model):
    before = LanguageModel.objects.create(model_id="before", is_default=True)
    change(admin, model, is_default="on")
    assert list(LanguageModel.objects.filter(is_default=True)) == [model]
    act(admin, "make_default", before)
    assert list(LanguageModel.objects.filter(is_default=True)) == [before]
    assert "only one default" in act(admin, "make_default", before, model)


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("disable", "enabled", False),
        ("enable", "enabled", True),
        ("hide", "is_hidden", True),
        ("show", "is_hidden", False),
    ],
)
def test_many_are_switched_at_once(admin, model, action, field, value):
    LanguageModel.objects.update(**{field: not value})
    another = LanguageModel.objects.create(model_id="large", **{field: not value})
    assert "2 models are" in act(admin, action, model, another)
    assert set(LanguageModel.objects.values_list(field, flat=True)) == {value}


def test_one_whose_group_is_gone_is_opened_to_everyone(admin, model, owner):
    group = Group.objects.create(name="Physicists")
    model.groups.add(group)
    group.delete()
    assert not LanguageModel.objects.usable_by(owner).exists()
    act(admin, "open_to_everyone", model)
    assert list(LanguageModel.objects.usable_by(owner)) == [model]


def test_they_are_found_by_group(admin, model):
    group = Group.objects.create(name="Physicists")
    LanguageModel.objects.create(model_id="large").groups.add(group)
    found = admin.get(LIST, {"groups__id__exact": group.pk}).context["cl"].queryset
    assert [each.model_id for each in found] == ["large"]


def test_staff_do_not_decide_whom_a_model_is_for(client, owner, model):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    owner.user_permissions.set(
        Permission.objects.filter(codename__in=["view_languagemodel", "change_languagemodel", "view_route"])
    )
    own = Group.objects.create(name="Mine")
    owner.groups.add(own)
    model.groups.add(Group.objects.create(name="Physicists"))
    client.force_login(owner)
    change(client, model, groups=[own.pk], display_name="Seen")
    act(client, "open_to_everyone", model)
    model.refresh_from_db()
    assert model.name == "Seen"
    assert [group.name for group in model.groups.all()] == ["Physicists"]
    assert not LanguageModel.objects.usable_by(owner).exists()
