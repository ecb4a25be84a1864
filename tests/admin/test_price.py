from datetime import date, timedelta

import pytest

from chat.models import LanguageModel, Price, Route, Upstream
from chat.models.price import today

LIST = "/admin/chat/price/"
ADD = f"{LIST}add/"
FORM = {
    "family": "openai",
    "model_id": "gpt-6",
    "effective_from": "2026-11-25",
    "above": "0",
    "input": "2.5",
    "output": "10",
}


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def price(origin: str = Price.Origin.ADMIN, **fields: object) -> Price:
    given = {
        "family": "openai",
        "model_id": "gpt-6",
        "effective_from": date(2026, 1, 1),
        "input": 2,
        "output": 8,
    }
    return Price.objects.create(origin=origin, **{**given, **fields})


@pytest.fixture
def catalogued(db) -> Price:
    return price(Price.Origin.CATALOGUE, cached_input="0.0028")


def page(price: Price) -> str:
    return f"{LIST}{price.pk}/change/"


def test_a_price_is_entered(admin):
    assert admin.post(ADD, FORM | {"model_id": " GPT-6 "}).status_code == 302
    entered = Price.objects.get()
    assert (entered.model_id, entered.input, entered.cached_input) == ("gpt-6", 2.5, None)
    assert entered.origin == Price.Origin.ADMIN


@pytest.mark.parametrize("field", ["input", "cached_input", "cache_write", "output", "reasoning"])
@pytest.mark.parametrize("value", ["-1", "1e9", "100000.01", "two", "NaN", "Infinity", "0.0000001", "1 2"])
def test_a_price_that_makes_no_sense_is_refused(admin, field, value):
    response = admin.post(ADD, FORM | {field: value})
    assert response.context["adminform"].form.errors.keys() == {field}
    assert not Price.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("per_image", "-1"),
        ("per_second", "1e9"),
        ("input", ""),
        ("output", ""),
        ("above", "-1"),
        ("above", "1.5"),
        ("above", "many"),
        ("above", "100000001"),
        ("above", "9" * 30),
        ("effective_from", "2026-13-01"),
        ("effective_from", "soon"),
        ("effective_from", ""),
        ("family", "oepnai"),
        ("model_id", ""),
        ("model_id", "x" * 201),
        ("model_id", "a\0b"),
        ("model_id", "a\u200bb"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(admin, field, value):
    response = admin.post(ADD, FORM | {field: value})
    assert response.context["adminform"].form.errors.keys() == {field}
    assert not Price.objects.exists()


def test_a_second_price_for_the_same_day_is_refused(admin):
    admin.post(ADD, FORM)
    response = admin.post(ADD, FORM | {"input": "3"})
    assert "is entered already" in response.content.decode()
    assert Price.objects.get().input == 2.5


def test_it_may_be_for_the_same_day_as_one_of_the_catalogue(admin, catalogued):
    admin.post(ADD, FORM | {"effective_from": "2026-01-01"})
    assert Price.objects.of("openai", "gpt-6", today()).base.input == 2.5


def test_one_for_long_prompts_needs_one_for_short_prompts(admin, catalogued):
    long = FORM | {"above": "200000"}
    assert "Enter the price for prompts above 0" in admin.post(ADD, long).content.decode()
    admin.post(ADD, FORM)
    assert admin.post(ADD, long).status_code == 302


def test_what_was_entered_is_changed_and_deleted(admin):
    entered = price()
    admin.post(page(entered), FORM | {"effective_from": "2026-01-01", "input": "3"})
    entered.refresh_from_db()
    assert (entered.input, entered.output) == (3, 10)
    admin.post(f"{LIST}{entered.pk}/delete/", {"post": "yes"})
    assert not Price.objects.exists()


def test_the_catalogue_is_read_only(admin, catalogued):
    assert admin.get(page(catalogued)).context["has_change_permission"] is False
    assert admin.post(page(catalogued), FORM).status_code == 403
    assert admin.post(f"{LIST}{catalogued.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [catalogued.pk], "post": "yes"}
    admin.post(LIST, chosen)
    catalogued.refresh_from_db()
    assert catalogued.input == 2


def test_another_price_begins_with_what_the_catalogue_says(admin, catalogued):
    another = admin.get(page(catalogued)).context["another"]
    assert another in admin.get(page(catalogued)).content.decode().replace("&amp;", "&")
    form = admin.get(another).context["adminform"].form
    assert form.initial == {
        "family": "openai",
        "model_id": "gpt-6",
        "above": "0",
        "effective_from": today().isoformat(),
        "input": "2",
        "cached_input": "0.0028",
        "output": "8",
    }


def test_prices_are_found_by_model_family_and_origin(admin, catalogued):
    price(family="anthropic", model_id="claude-6")
    for query, found in [
        ({"q": "claude"}, 1),
        ({"family": "openai"}, 1),
        ({"origin": "admin"}, 1),
        ({}, 2),
    ]:
        assert admin.get(LIST, query).context["cl"].result_count == found


def test_the_list_shows_all_digits_of_a_price(admin, catalogued):
    shown = admin.get(LIST).content.decode()
    assert "$0.0028" in shown
    assert "$2.00" in shown


def test_the_list_asks_as_often_for_many_as_for_one(admin, django_assert_max_num_queries):
    Price.objects.bulk_create(Price(model_id=f"m{n}", input=1, output=1) for n in range(60))
    with django_assert_max_num_queries(8):
        admin.get(LIST)


# On the page of a model


@pytest.fixture
def model(db) -> LanguageModel:
    model = LanguageModel.objects.create(model_id="gpt-6")
    for name, fields in {"Mine": {"is_free": True}, "OpenAI": {}, "Relay": {"family": "compatible"}}.items():
        upstream = Upstream.objects.create(**{"name": name, "family": "openai", **fields})
        Route.objects.create(model=model, upstream=upstream)
    return model


def test_the_page_of_a_model_says_what_it_costs_at_each_upstream(admin, model, catalogued):
    price(Price.Origin.CATALOGUE, above=200_000, input=4)
    price(effective_from=today() + timedelta(days=1), input=99)
    shown = admin.get(f"/admin/chat/languagemodel/{model.pk}/change/").content.decode()
    assert "Mine: costs nothing" in shown
    assert f'OpenAI: <a href="{page(catalogued)}">$2.00 in, $8.00 out</a>; ' in shown
    assert "$4.00 in, $8.00 out above 200,000 tokens</a>" in shown
    assert 'Relay: unknown. <a href="/admin/chat/price/add/?family=compatible&amp;model_id=gpt-6">' in shown
    assert "$99" not in shown


def test_a_name_that_is_markup_is_shown_as_text(admin, model):
    Upstream.objects.filter(name="Relay").update(name="<b>Relay</b>")
    shown = admin.get(f"/admin/chat/languagemodel/{model.pk}/change/").content.decode()
    assert "&lt;b&gt;Relay&lt;/b&gt;: unknown" in shown
