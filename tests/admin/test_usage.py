"""What everybody spent, and how the routes do: for staff with the right to see the log."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from chat.completions import UpstreamUnreachable
from chat.gateway.health import health
from chat.models import LanguageModel, Route, Upstream, UsageDay, User
from tests.pages.test_usage import rows
from tests.traffic import asked, month

PAGES = ["/admin/usage/", "/admin/usage.csv", "/admin/routes/"]


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def ago(**time):
    return timezone.now() - timedelta(**time)


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_gets_in(admin, page):
    assert admin.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_somebody_else_does_not(client, owner, page):
    client.force_login(owner)
    assert client.get(page, follow=True).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_who_is_signed_out_signs_in_first(client, db, page):
    assert client.get(page, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_staff_need_the_right(client, owner, page):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    owner.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "view_message"]))
    client.force_login(owner)
    assert client.get(page).status_code == 403
    assert page not in client.get("/admin/").content.decode()
    owner.user_permissions.add(Permission.objects.get(codename="view_modelrequest"))
    assert client.get(page).status_code == 200
    assert "/admin/usage/" in client.get("/admin/").content.decode()


def test_the_top_spenders_come_first(admin, owner, stranger):
    asked(owner, cost=Decimal(1))
    asked(stranger, cost=Decimal(5), created_at=ago(days=2))
    asked(None, cost=Decimal(2))
    UsageDay.objects.close_past()
    report = admin.get("/admin/usage/").context["report"]
    names = [(line.name, line.tally.spent) for line in report.by_user]
    assert names == [
        ("stanislav", "$5.00"),
        ("Somebody who is not here any more", "$2.00"),
        ("olga", "$1.00"),
    ]


def test_whoever_is_deleted_stays_in_the_sums(admin, owner, stranger):
    asked(stranger, cost=Decimal(5), created_at=ago(days=2))
    UsageDay.objects.close_past()
    User.objects.filter(pk=stranger.pk).delete()
    assert admin.get("/admin/usage/").context["report"].total.spent == "$5.00"


def test_a_long_list_ends_with_the_others(admin):
    for number in range(30):
        asked(User.objects.create(username=f"person-{number}"), cost=Decimal(number))
    last = admin.get("/admin/usage/").context["report"].by_user[-1]
    assert last.name == "5 others"
    assert last.tally.cost == 10


def test_the_times_to_the_first_token_are_told_by_route(admin, owner):
    for number in range(100):
        asked(owner, first_token_seconds=0.45 if number < 90 else 6.0, created_at=ago(days=2 * (number % 2)))
    asked(owner, status="failed", first_token_seconds=None)
    asked(owner, status="refused", upstream_name="", first_token_seconds=None)
    UsageDay.objects.close_past()
    [line] = admin.get("/admin/usage/").context["report"].routes
    assert 0.4 <= line.first_tokens.middle <= 0.5
    assert 5.5 <= line.first_tokens.slow <= 7.5
    assert (line.tally.requests, line.tally.failed) == (101, 1)


def test_the_health_of_a_route_is_told(admin, owner):
    for number in range(8):
        asked(owner, status="failed" if number < 2 else "complete", error="It fell over." * (number < 2))
    asked(owner, status="running", first_token_seconds=None)
    asked(owner, upstream_name="Old", created_at=ago(days=2))
    response = admin.get("/admin/routes/")
    [(route, _)] = response.context["routes"]
    assert (route.success, route.running) == (0.75, 1)
    assert route.last_error.error == "It fell over."
    assert "75.0%" in response.content.decode()


def failed(route: Route, words: str = "Nothing answers.") -> Route:
    health.fail(route, UpstreamUnreachable(words), health.ask(route))
    return route


def routed(model: str, upstream: str) -> Route:
    place = Upstream.objects.create(name=upstream, family="compatible")
    return Route.objects.create(model=LanguageModel.objects.create(model_id=model), upstream=place)


def shown(admin) -> list[tuple[str, str]]:
    return [(route.upstream, words) for route, words in admin.get("/admin/routes/").context["routes"]]


def test_what_a_route_does_now_is_told_beside_what_it_did(admin, owner):
    route = failed(routed("replayed", "Replay"))
    asked(owner)
    assert shown(admin) == [("Replay", "Cools down for another 5 s: Nothing answers.")]
    health.forget(route.upstream_id)
    assert shown(admin) == [("Replay", "No failure since the start.")]
    route.delete()
    assert shown(admin) == [("Replay", "This route is gone.")]


def test_a_route_whose_requests_all_went_to_another_is_told_first(admin, owner):
    failed(routed("replayed", "Broken"))
    routed("unasked", "Quiet")
    asked(owner)
    [(first, words), (second, _)] = shown(admin)
    assert (first, second) == ("Broken", "Replay")
    assert words.startswith("Cools down")


def test_markup_in_what_failed_is_shown(admin):
    failed(routed("replayed", "Broken"), "<i>No.")
    assert "&lt;i&gt;No." in admin.get("/admin/routes/").content.decode()


def test_markup_in_names_and_errors_is_shown(admin, owner):
    for days in (0, 2):
        asked(
            owner,
            model_name="<script>",
            upstream_name="<b>",
            status="failed",
            error="<i>",
            created_at=ago(days=days),
        )
    UsageDay.objects.close_past()
    for page in ("/admin/usage/", "/admin/routes/"):
        text = admin.get(page).content.decode()
        assert "&lt;script&gt;" in text
        assert "<script>" not in text.replace("<script>\n", "")
        assert "<i>" not in text


@pytest.mark.parametrize("days", ["x", "-1", "1e9", "%00"])
def test_other_days_are_the_usual_ones(admin, days):
    assert admin.get(f"/admin/usage/?days={days}").context["report"].days == 30


@pytest.mark.django_db(transaction=True)
async def test_everybodys_is_exported(administrator, owner, stranger):
    from asgiref.sync import sync_to_async

    await sync_to_async(asked)(owner)
    await sync_to_async(asked)(stranger)
    _, *found = await rows(administrator, "/admin/usage.csv?days=7")
    assert sorted(row[1] for row in found) == ["olga", "stanislav"]


def test_more_requests_ask_no_more_of_the_database(admin, django_assert_max_num_queries):
    month(600, people=5)
    UsageDay.objects.close_past()
    for page in ("/admin/usage/?days=90", "/admin/routes/"):
        with django_assert_max_num_queries(20):
            admin.get(page)
