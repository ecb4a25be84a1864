import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from chat.models import Allowance, ApiKey, LanguageModel, Upstream
from chat.pages.key_forms import MOST_KEYS
from tests.cookies import said_by_cookies
from tests.pages.conftest import routed


def create(client, **fields):
    return client.post("/keys/new", {"name": "My script", "expires": ""} | fields, follow=True)


def test_it_is_shown_once_and_opens(owners, owner):
    secret = re.search(r"sk-[\w-]{40,}", create(owners).content.decode()).group()
    key = ApiKey.objects.find(secret)
    assert (key.owner, key.name, key.expires_at) == (owner, "My script", None)
    assert not Allowance.objects.exists()
    assert secret not in owners.get("/keys").content.decode()


def test_it_is_shown_with_a_button_that_copies_it_and_is_not_kept(owners):
    response = create(owners)
    assert re.search(r"<figure><code>sk-[\w-]+</code><button[^>]*data-copy", response.content.decode())
    assert "no-store" in response["Cache-Control"]


def test_neither_a_cookie_nor_the_session_carries_it(owners):
    response = owners.post("/keys/new", {"name": "My script"})
    secret = re.search(r"sk-[\w-]{40,}", response.content.decode()).group()
    assert secret not in said_by_cookies(response)
    assert secret not in str(dict(owners.session))


def test_it_has_what_was_chosen(owners, model):
    create(
        owners,
        allowed_models=[model.pk],
        expires="30",
        networks="192.0.2.0/24",
        daily_budget="0.5",
        weekly_budget="2",
        monthly_budget="5",
        total_budget="20",
        requests_per_minute="60",
        tokens_per_minute="1000",
        parallel_requests="2",
    )
    key = ApiKey.objects.get()
    assert list(key.allowed_models.all()) == [model]
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert key.networks == "192.0.2.0/24"
    limits = key.allowance
    assert list(limits.budgets.values()) == [Decimal("0.5"), Decimal(2), Decimal(5), Decimal(20)]
    assert (limits.requests_per_minute, limits.tokens_per_minute, limits.parallel_requests) == (60, 1000, 2)


def test_the_models_are_those_that_the_person_may_use(owners, owner, model):
    upstream = Upstream.objects.get()
    of_others = routed("of-others", upstream)
    of_others.groups.add(Group.objects.create(name="Physicists"))
    hidden = routed("not-listed", upstream, is_hidden=True)
    html = owners.get("/keys/new").content.decode()
    assert "replayed" in html
    for refused in (of_others, hidden, LanguageModel.objects.create(model_id="without-a-route")):
        assert refused.model_id not in html
        response = create(owners, allowed_models=[refused.pk])
        assert (response.status_code, ApiKey.objects.count()) == (422, 0)
        assert "not available any more" in response.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\0b"},
        {"expires": "1000000"},
        {"expires": "soon"},
        {"allowed_models": ["all"]},
        {"networks": "everywhere"},
        {"networks": "192.0.2.0/99"},
        {"daily_budget": "-1"},
        {"weekly_budget": "much"},
        {"monthly_budget": "1e9"},
        {"total_budget": "NaN"},
        {"total_budget": "0.0000000001"},
        {"requests_per_minute": "0"},
        {"requests_per_minute": "-5"},
        {"tokens_per_minute": "99999999999"},
        {"parallel_requests": "1.5"},
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_made(owners, model, wrong):
    response = create(owners, **wrong)
    assert response.status_code == 422
    assert 'class="errorlist"' in response.content.decode()
    assert not ApiKey.objects.exists()
    assert not Allowance.objects.exists()


def test_what_was_entered_is_kept_when_something_is_wrong(owners):
    html = create(owners, name="Kept", requests_per_minute="0").content.decode()
    assert 'value="Kept"' in html
    assert '<details class="key-form__more" open>' in html


def test_a_person_has_only_so_many(owners, owner):
    ApiKey.objects.bulk_create(ApiKey(owner=owner, digest=str(n)) for n in range(MOST_KEYS))
    assert f"You have {MOST_KEYS} keys already" in create(owners).content.decode()
    ApiKey.objects.first().revoke()
    assert create(owners).status_code == 200


def test_nobody_creates_one_where_administrators_issue_them(owners, settings):
    settings.USER_KEYS = False
    assert owners.get("/keys/new").url == "/keys"
    create(owners)
    assert not ApiKey.objects.exists()


def test_many_models_cost_no_query_each(owners, model, django_assert_max_num_queries):
    upstream = Upstream.objects.get()
    for number in range(30):
        routed(f"model-{number}", upstream)
    with django_assert_max_num_queries(4):
        owners.get("/keys/new")


def test_who_is_signed_out_creates_nothing(client, db):
    assert client.post("/keys/new", {"name": "Mine"}).url.startswith("/accounts/login/")
    assert not ApiKey.objects.exists()
