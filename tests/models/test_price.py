from datetime import date, timedelta
from decimal import Decimal

import pytest

from chat.completions import Usage
from chat.models import LanguageModel, Price, Prices, Route, Upstream
from chat.models.price import Media

DAY = date(2026, 11, 25)
Origin = Price.Origin


def kept(model_id: str = "gpt-6", family: str = "openai", **fields: object) -> Price:
    given = {"effective_from": date(2026, 1, 1), "input": 2, "output": 10, "origin": Origin.CATALOGUE}
    return Price.objects.create(model_id=model_id, family=family, **{**given, **fields})


def of(model_id: str, family: str = "openai", on: date = DAY) -> Price | None:
    return Price.objects.of(family, model_id, on).base


def usage(prompt: int, completion: int, **details: int) -> Usage:
    return Usage(prompt, completion, prompt + completion, **details)


def cost(price: Price, used: Usage) -> Decimal | None:
    return Prices([price]).cost(used)


# Which price a model has


@pytest.mark.parametrize(
    "model_id",
    [
        "gpt-6",
        "GPT-6",
        "gpt-6-2026-11-05",
        "gpt-6-20261105",
        "gpt-6@20261105",
        "gpt-6-1105",
        "gpt-6-001",
        "gpt-6-latest",
        "gpt-6-preview",
        "gpt-6-preview-11-05",
        "models/gpt-6",
        "openai/gpt-6-2026-11-05",
    ],
)
def test_a_dated_snapshot_costs_what_its_model_does(db, model_id):
    price = kept()
    assert of(model_id) == price


@pytest.mark.parametrize(
    "model_id", ["gpt-6-mini", "gpt-60", "gpt-6.1", "gpt-6-16k", "gpt-6:free", "gpt", "", "-"]
)
def test_another_model_does_not(db, model_id):
    kept()
    assert of(model_id) is None


def test_a_snapshot_may_have_a_price_of_its_own(db):
    general, own = kept(), kept("gpt-6-2026-11-05")
    assert (of("gpt-6-2026-11-05"), of("gpt-6-2026-12-05")) == (own, general)


def test_a_model_that_was_fine_tuned_has_the_price_of_those(db):
    kept()
    tuned = kept("ft:gpt-6")
    assert of("ft:gpt-6-2026-11-05:acme:name:9Xy") == tuned
    assert of("ft:gpt-5-2026-11-05:acme:name:9Xy") is None


def test_a_price_of_another_family_does_not_count(db):
    kept(family="openai")
    assert of("gpt-6", family="compatible") is None


def test_that_of_the_family_is_preferred_to_that_of_any(db):
    everywhere, here = kept(family=""), kept(family="openai")
    assert of("gpt-6") == here
    assert of("gpt-6", family="compatible") == everywhere


def test_what_the_admin_entered_is_preferred_even_if_it_is_older_or_for_any_family(db):
    kept()
    entered = kept(family="", effective_from=date(2025, 1, 1), origin=Origin.ADMIN)
    assert of("gpt-6-2026-11-05") == entered


def test_the_latest_that_has_begun_holds(db):
    first, second = kept(), kept(effective_from=DAY)
    assert of("gpt-6", on=DAY - timedelta(days=1)) == first
    assert of("gpt-6", on=DAY) == second
    assert of("gpt-6", on=date(2025, 12, 31)) is None


def test_several_are_found_by_one_query(db, django_assert_num_queries):
    kept()
    wanted = [("openai", "gpt-6"), ("compatible", "gpt-6"), *(("openai", f"m{n}") for n in range(50))]
    with django_assert_num_queries(1):
        found = Price.objects.of_each(wanted, DAY)
    assert [where for where, prices in found.items() if prices] == [("openai", "gpt-6")]


def test_what_an_upstream_gives_away_costs_nothing(db):
    kept()
    model = LanguageModel.objects.create(model_id="gpt-6")
    free = Upstream.objects.create(name="Free", family="openai", is_free=True)
    paid = Upstream.objects.create(name="Paid", family="openai")
    routes = [Route.objects.create(model=model, upstream=each) for each in (free, paid)]
    prices = Price.objects.of_routes(routes, DAY)
    assert [prices[route.pk].cost(usage(1_000_000, 0)) for route in routes] == [0, 2]


# What a request costs


def test_an_unknown_price_is_not_zero(db):
    assert Price.objects.of("openai", "gpt-7", DAY).cost(usage(1, 1)) is None
    assert not Prices()


def test_tokens_cost_what_is_said_of_their_kind():
    price = Price(
        input=Decimal(2),
        cached_input=Decimal("0.2"),
        cache_write=Decimal("2.5"),
        output=Decimal(10),
        reasoning=Decimal(20),
    )
    used = usage(1000, 100, cached_tokens=600, cache_write_tokens=300, reasoning_tokens=40)
    assert cost(price, used) == Decimal("0.00247")  # 200 + 120 + 750 + 600 + 800 millionths


def test_what_is_not_said_costs_as_input_and_output():
    used = usage(1000, 100, cached_tokens=600, cache_write_tokens=300, reasoning_tokens=40)
    assert cost(Price(input=Decimal(2), output=Decimal(10)), used) == Decimal("0.003")


def test_what_is_said_to_be_free_costs_nothing():
    price = Price(input=Decimal(2), cached_input=Decimal(0), output=Decimal(10))
    assert cost(price, usage(1000, 0, cached_tokens=1000)) == 0


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (usage(10, 10, cached_tokens=50, cache_write_tokens=50, reasoning_tokens=50), "0.00031"),
        (usage(10, 10, cached_tokens=-5, cache_write_tokens=-5, reasoning_tokens=-5), "0.00012"),
        (usage(10, 10, cached_tokens=4, cache_write_tokens=10), "0.000122"),
    ],
)
def test_a_report_that_does_not_add_up_costs_each_token_once(used, expected):
    kinds = {"input": 2, "cached_input": 1, "cache_write": 3, "output": 10, "reasoning": 30}
    price = Price(**{kind: Decimal(dollars) for kind, dollars in kinds.items()})
    assert cost(price, used) == Decimal(expected)


def test_a_report_of_less_than_nothing_costs_nothing():
    assert cost(Price(input=Decimal(2), output=Decimal(10)), usage(-5, -5)) == 0


def test_a_long_prompt_costs_what_is_said_of_it_and_so_does_its_answer(db):
    kept()
    kept(above=200_000, input=4, output=20)
    prices = Price.objects.of("openai", "gpt-6", DAY)
    assert prices.cost(usage(200_000, 1000)) == Decimal("0.41")
    assert prices.cost(usage(200_001, 1000)) == Decimal("0.820004")
    assert [price.above for price in prices] == [0, 200_000]


def test_a_new_price_without_long_prompts_ends_the_old_one_for_them(db):
    kept()
    kept(above=200_000, input=4, output=20)
    kept(effective_from=DAY, input=1, output=1)
    assert Price.objects.of("openai", "gpt-6", DAY).cost(usage(300_000, 0)) == Decimal("0.3")


def test_one_for_long_prompts_alone_does_not_hold(db):
    """Or short ones would cost as much."""
    kept()
    kept(above=200_000, input=4, output=20, origin=Origin.ADMIN)
    assert Price.objects.of("openai", "gpt-6", DAY).cost(usage(1_000_000, 0)) == 2


def test_images_and_seconds_cost_besides():
    price = Price(
        input=Decimal(2), output=Decimal(10), per_image=Decimal("0.01"), per_second=Decimal("0.001")
    )
    assert Prices([price]).cost(usage(0, 0), Media(3, Decimal("2.5"))) == Decimal("0.0325")
    assert cost(price, usage(0, 0)) == 0
    assert Prices([Price(input=Decimal(2), output=Decimal(10))]).cost(usage(0, 0), Media(3, Decimal(9))) == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [("2", "$2.00"), ("0.075", "$0.075"), ("0.0028", "$0.0028"), ("0", "$0.00"), ("1500", "$1,500.00")],
)
def test_a_price_is_written_with_all_its_digits(value, words):
    assert Price(input=Decimal(value), output=Decimal(10)).in_words == f"{words} in, $10.00 out"
