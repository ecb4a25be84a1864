"""The log of requests: who asked what of whom, how that went and what it cost, and nothing of what was said."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from chat.models import ApiKey, LanguageModel, Price, RequestBody, Upstream, UsageDay
from tests.traffic import asked, month

LOG = "/admin/chat/modelrequest/"
SECRET = "the text that nobody else reads"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def staff(client, owner):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    client.force_login(owner)
    return client


def allow(user, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def shown(page) -> list[str]:
    return [request.public_id for request in page.context["cl"].result_list]


def test_a_request_is_listed_with_who_what_and_how_it_went(admin, owner):
    key = ApiKey(owner=owner, name="Script")
    key.issue()
    asked(owner, key=key, model_name="some-model", upstream_name="Some upstream", status="stopped")
    page = admin.get(LOG).content.decode()
    for words in ("olga", "Script", "some-model", "Some upstream", "Stopped by the asker", "API"):
        assert words in page
    for words in ("1,200", "$0.01", "0.35 s", "2.00 s"):
        assert words in page


def test_an_unknown_price_is_unknown_and_never_nothing(admin, owner):
    request = asked(owner, cost=None)
    for page in (admin.get(LOG), admin.get(f"{LOG}{request.pk}/change/")):
        assert "unknown" in page.content.decode()
        assert "$0.00" not in page.content.decode()


def test_what_was_refused_has_no_price(admin, owner):
    asked(owner, cost=None, status="refused", prompt_tokens=None, completion_tokens=None)
    assert "unknown" not in admin.get(LOG).content.decode()


def test_estimated_tokens_are_said_to_be_so(admin, owner):
    request = asked(owner, measure="estimated")
    assert "about 1,200" in admin.get(LOG).content.decode()
    assert "estimated from the text" in admin.get(f"{LOG}{request.pk}/change/").content.decode()


def test_a_request_tells_what_was_tried_before_and_what_went_wrong(admin, owner):
    attempts = [{"upstream": "First", "code": "rate_limited", "message": "Too much.", "seconds": 1.5}]
    request = asked(
        owner, status="failed", error="<b>It fell over.</b>", error_code="down", attempts=attempts
    )
    page = admin.get(f"{LOG}{request.pk}/change/").content.decode()
    assert "First after 1.50 s: Too much. (rate_limited)" in page
    assert "&lt;b&gt;It fell over.&lt;/b&gt; (down)" in page


@pytest.mark.parametrize("attempts", [[{}], ["words"], [{"seconds": "x", "message": None}]])
def test_odd_attempts_do_no_harm(admin, owner, attempts):
    assert admin.get(f"{LOG}{asked(owner, attempts=attempts).pk}/change/").status_code == 200


def test_the_price_is_taken_apart(admin, owner):
    upstream = Upstream.objects.create(name="Known", family="openai")
    Price.objects.create(
        family="openai",
        model_id="replayed",
        effective_from=timezone.localdate() - timedelta(days=9),
        input=Decimal(3),
        cached_input=Decimal("0.3"),
        output=Decimal(15),
    )
    cost = (600 * Decimal(3) + 400 * Decimal("0.3") + 200 * Decimal(15)) / 1_000_000
    page = admin.get(f"{LOG}{asked(owner, upstream=upstream, cost=cost).pk}/change/").content.decode()
    assert "600 tokens read at $3.00 a million: $0.0018" in page
    assert "400 tokens read from a cache at $0.30 a million" in page
    assert "200 tokens written at $15.00 a million" in page
    changed = admin.get(
        f"{LOG}{asked(owner, upstream=upstream, cost=Decimal(1)).pk}/change/"
    ).content.decode()
    assert "says otherwise by now" in changed


def test_a_model_without_a_price_and_an_upstream_that_costs_nothing_say_so(admin, owner):
    assert "has no price" in admin.get(f"{LOG}{asked(owner, cost=None).pk}/change/").content.decode()
    free = Upstream.objects.create(name="Own", family="compatible", is_free=True)
    page = admin.get(f"{LOG}{asked(owner, upstream=free, cost=Decimal(0)).pk}/change/").content.decode()
    assert "costs nothing" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=failed", ["req-failed"]),
        ("face__exact=api", ["req-key"]),
        ("model=other", ["req-other"]),
        ("upstream=Elsewhere", ["req-other"]),
        ("q=req-old", ["req-old"]),
        ("q=stani", ["req-failed"]),
        ("q=sk-abc", ["req-key"]),
        ("q=nobody", []),
    ],
)
def test_requests_are_found(admin, owner, stranger, query, found):
    Upstream.objects.create(name="Elsewhere", family="openai")
    key = ApiKey.objects.create(owner=owner, prefix="sk-abcdef", digest="0")
    asked(stranger, public_id="req-failed", status="failed")
    asked(owner, public_id="req-key", key=key)
    asked(owner, public_id="req-other", model_name="other", upstream_name="Elsewhere")
    asked(owner, public_id="req-old", created_at=timezone.now() - timedelta(days=3))
    assert shown(admin.get(f"{LOG}?{query}")) == found


def test_a_day_is_looked_at_alone(admin, owner):
    asked(owner, public_id="req-today")
    asked(owner, public_id="req-before", created_at=timezone.now() - timedelta(days=3))
    before = timezone.localdate() - timedelta(days=3)
    assert shown(admin.get(f"{LOG}?day={before}")) == ["req-before"]


def test_the_models_to_choose_from_are_those_that_were_asked(admin, owner):
    asked(owner, model_name="asked-before", created_at=timezone.now() - timedelta(days=5))
    asked(owner, model_name="asked-today")
    LanguageModel.objects.create(model_id="never-asked")
    UsageDay.objects.close_past()
    page = admin.get(LOG).content.decode()
    assert "?model=asked-before" in page
    assert "?model=asked-today" in page
    assert "never-asked" not in page


@pytest.mark.parametrize(
    "query",
    [
        "day=x",
        "day=9999-12-31",
        "day=0001-01-01",
        "model=%00",
        "upstream=x",
        "q=%00",
        "q=" + "x" * 5000,
        "p=99999",
    ],
)
def test_bad_queries_do_no_harm(admin, owner, query):
    asked(owner)
    assert admin.get(f"{LOG}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize("pk", ["0", "999999999999999999999999", "x"])
def test_a_request_that_is_not_there_leads_back(admin, pk):
    assert admin.get(f"{LOG}{pk}/change/", follow=True).status_code == 200


def test_nobody_adds_changes_or_deletes_one(admin, owner):
    request = asked(owner)
    assert admin.get(f"{LOG}add/").status_code == 403
    assert admin.post(f"{LOG}{request.pk}/change/", {"status": "complete"}).status_code == 403
    assert admin.post(f"{LOG}{request.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_look_only_with_the_right(staff, owner):
    request = asked(owner)
    for page in (LOG, f"{LOG}{request.pk}/change/"):
        assert staff.get(page).status_code == 403
    allow(owner, "view_modelrequest")
    for page in (LOG, f"{LOG}{request.pk}/change/"):
        assert staff.get(page).status_code == 200


def test_bodies_are_shown_side_by_side_to_whoever_may_see_them(staff, owner):
    request = asked(owner)
    RequestBody.keep(request, {"model": "x", "messages": [SECRET]}, {"model": "x", "max_tokens": 7})
    allow(owner, "view_modelrequest")
    assert SECRET not in staff.get(f"{LOG}{request.pk}/change/").content.decode()
    allow(owner, "view_requestbody")
    page = staff.get(f"{LOG}{request.pk}/change/").content.decode()
    assert SECRET in page
    assert "&quot;max_tokens&quot;: 7" in page
    assert SECRET not in staff.get(LOG).content.decode()


def test_markup_in_a_body_is_shown(admin, owner):
    request = asked(owner)
    RequestBody.keep(request, {"a": "<script>alert(1)</script>"}, None)
    assert "<script>alert(1)" not in admin.get(f"{LOG}{request.pk}/change/").content.decode()


def test_more_requests_ask_no_more_of_the_database(admin, django_assert_max_num_queries):
    month(300, people=5)
    for query in ("", "?q=person", "?status__exact=failed"):
        with django_assert_max_num_queries(10):
            assert admin.get(f"{LOG}{query}").status_code == 200
