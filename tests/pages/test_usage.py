"""What a person asked and spent, for themselves; nobody else's."""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import AsyncClient
from django.utils import timezone

from chat.models import ApiKey, DailyUsage, ModelRequest, UsageDay
from tests.traffic import asked, month


def ago(**time):
    return timezone.now() - timedelta(**time)


def lines(response, what: str) -> dict[str, tuple[int, str]]:
    report = response.context["report"]
    return {line.name: (line.tally.requests, line.tally.spent) for line in getattr(report, what)}


def test_it_says_what_was_asked_by_day_model_and_key(owner, owners):
    key = ApiKey.objects.create(owner=owner, name="Script", prefix="sk-abc", digest="0")
    asked(owner, model_name="small", cost=Decimal("0.5"))
    asked(owner, model_name="small", cost=Decimal("0.25"), key=key)
    asked(owner, model_name="large", cost=Decimal(2), created_at=ago(days=3))
    response = owners.get("/usage")
    assert lines(response, "by_model") == {"large": (1, "$2.00"), "small": (2, "$0.75")}
    assert lines(response, "by_key") == {"Chat page": (2, "$2.50"), "Script (sk-abc…)": (1, "$0.25")}
    days = lines(response, "by_day")
    assert days[str(timezone.localdate())] == (2, "$0.75")
    assert days[str(timezone.localdate(ago(days=3)))] == (1, "$2.00")
    assert len(days) == 30
    assert response.context["report"].total.spent == "$2.75"


def test_nothing_of_anybody_else_is_in_it(owner, stranger, owners):
    ApiKey.objects.create(owner=stranger, name="Foreign script", prefix="sk-foreign", digest="0")
    asked(stranger, model_name="foreign-model", created_at=ago(days=4))
    asked(stranger, model_name="foreign-model")
    UsageDay.objects.close_past()
    page = owners.get("/usage").content.decode()
    assert "foreign" not in page.lower()
    assert "stanislav" not in page
    assert "Nothing was asked" in page


def test_a_price_that_is_unknown_is_never_nothing(owner, owners):
    asked(owner, cost=None)
    asked(owner, cost=None, created_at=ago(days=2))
    assert owners.get("/usage").context["report"].total.spent == "unknown (2 requests)"
    asked(owner, cost=Decimal(1))
    UsageDay.objects.close_past()
    assert owners.get("/usage").context["report"].total.spent == "$1.00 and unknown (2 requests)"


def test_a_plot_of_money_is_there_only_when_some_was_spent(owner, owners):
    asked(owner, cost=Decimal(0))
    page = owners.get("/usage").content.decode()
    assert "Spent, US dollars" not in page
    assert 'data-columns="read written"' in page
    asked(owner, cost=Decimal(1))
    assert owners.get("/usage").content.decode().count("Spent, US dollars") == 2


def test_each_table_is_one_landmark(owner, owners):
    asked(owner)
    page = owners.get("/usage").content.decode()
    for name in ("by-day", "by-model", "by-key"):
        assert page.count(f'aria-labelledby="{name}"') == 1


def test_what_runs_or_was_refused_is_no_unknown_price(owner, owners):
    nothing = {"prompt_tokens": None, "completion_tokens": None, "cost": None}
    asked(owner, status="running", **nothing)
    asked(owner, status="refused", **nothing)
    assert owners.get("/usage").context["report"].total.spent == "$0.00"


@pytest.mark.parametrize(("days", "shown"), [("7", 7), ("30", 30), ("90", 90)])
def test_the_days_are_chosen(owner, owners, days, shown):
    asked(owner, created_at=ago(days=20))
    response = owners.get(f"/usage?days={days}")
    assert len(response.context["report"].by_day) == shown
    assert response.context["report"].total.requests == (shown > 7)


@pytest.mark.parametrize("days", ["", "x", "-1", "0", "31", "9" * 50, "%00", "7&days=x"])
def test_any_other_days_are_the_usual_ones(owners, days):
    assert owners.get(f"/usage?days={days}").context["report"].days == 30


def test_days_that_are_added_up_say_the_same(owner, owners):
    month(400, people=1, days=28)
    ModelRequest.objects.update(user=owner)

    def told():
        report = owners.get("/usage").context["report"]
        return report.by_day, report.by_model, report.by_key, report.total

    before = told()
    assert before[-1].requests == 400
    UsageDay.objects.close_past()
    assert DailyUsage.objects.exists()
    assert told() == before


def test_days_begin_at_midnight_of_the_site(owner, owners, settings):
    settings.TIME_ZONE = "Asia/Kolkata"
    timezone.get_default_timezone.cache_clear()
    try:
        late = timezone.make_aware(
            datetime.combine(timezone.localdate() - timedelta(days=3), datetime.min.time())
        )
        asked(owner, created_at=late)
        asked(owner, created_at=late - timedelta(seconds=1))
        for _ in range(2):
            days = lines(owners.get("/usage"), "by_day")
            assert days[str(timezone.localdate(late))][0] == 1
            assert days[str(timezone.localdate(late) - timedelta(days=1))][0] == 1
            UsageDay.objects.close_past()
    finally:
        del settings.TIME_ZONE
        timezone.get_default_timezone.cache_clear()


def test_a_day_is_added_up_once_and_not_before_it_is_over(owner, owners):
    asked(owner, created_at=ago(days=2))
    asked(owner)
    UsageDay.objects.close_past()
    UsageDay.objects.close_past()
    assert UsageDay.objects.count() == 1
    assert owners.get("/usage").context["report"].total.requests == 2


async def rows(user, address: str) -> list[list[str]]:
    client = AsyncClient()
    await client.aforce_login(user)
    response = await client.get(address)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="usage-')
    text = b"".join([piece async for piece in response.streaming_content]).decode()
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.django_db(transaction=True)
async def test_it_is_exported_and_no_cell_is_a_formula(owner, stranger):
    from asgiref.sync import sync_to_async

    @sync_to_async
    def prepare():
        asked(stranger)
        asked(owner, model_name="=1+1", cost=Decimal("0.000000001"), created_at=ago(days=3))
        asked(owner, model_name="@sum", upstream_name="-2", cost=None)
        UsageDay.objects.close_past()

    await prepare()
    header, *found = await rows(owner, "/usage.csv")
    assert header[:5] == ["day", "user", "key", "model", "upstream"]
    assert [row[1:5] for row in found] == [["olga", "", "'=1+1", "Replay"], ["olga", "", "'@sum", "'-2"]]
    assert [row[-1] for row in found] == ["0.000000001", ""]


@pytest.mark.parametrize("path", ["/usage", "/usage.csv"])
def test_who_is_signed_out_signs_in_first(client, db, path):
    assert client.get(path).url.startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/usage", "/usage.csv"])
def test_it_is_only_to_be_looked_at(owners, path):
    assert owners.post(path).status_code == 405


def test_more_requests_ask_no_more_of_the_database(owner, owners, django_assert_max_num_queries):
    month(600, people=3)
    UsageDay.objects.close_past()
    with django_assert_max_num_queries(20):
        owners.get("/usage?days=90")


def test_its_plots_are_drawn_by_files_of_the_site_with_the_nonce_of_the_page(owner, owners):
    asked(owner)
    page = owners.get("/usage").content.decode()
    assert "/static/vendor/chart.js-4.6.1/chart.umd.min.js" in page
    assert "style=" not in page
    assert "chart.js" not in owners.get("/api").content.decode()
