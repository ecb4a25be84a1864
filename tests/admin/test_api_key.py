import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from chat.models import Allowance, ApiKey, LanguageModel
from tests.cookies import said_by_cookies

LIST = "/admin/chat/apikey/"
FORM = {
    "name": "Script",
    "expires_at_0": "",
    "expires_at_1": "",
    "allowance-TOTAL_FORMS": 1,
    "allowance-INITIAL_FORMS": 0,
}


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def issue(admin, owner, **fields) -> str:
    sent = {"owner": owner.pk, **FORM, **fields}
    page = admin.post(f"{LIST}add/", sent, follow=True).content.decode()
    found = re.search(r"sk-[\w-]{30,}", page)
    return found.group() if found else page


def test_it_is_shown_once_and_opens(admin, owner):
    secret = issue(admin, owner)
    key = ApiKey.objects.find(secret)
    assert (key.owner, key.name) == (owner, "Script")
    for page in (LIST, f"{LIST}{key.pk}/change/"):
        assert secret not in admin.get(page).content.decode()


def test_neither_a_cookie_nor_the_session_carries_it(admin, owner):
    issued = admin.post(f"{LIST}add/", {"owner": owner.pk, **FORM})
    rotated = admin.post(LIST, {"action": "rotate", "_selected_action": [ApiKey.objects.get().pk]})
    for response in (issued, rotated):
        secret = re.search(r"sk-[\w-]{40,}", response.content.decode()).group()
        assert secret not in said_by_cookies(response)
        assert secret not in str(dict(admin.session))
        assert "no-store" in response["Cache-Control"]


def test_it_can_be_kept_to_some_models(admin, owner):
    model = LanguageModel.objects.create(model_id="small")
    issue(admin, owner, allowed_models=[model.pk])
    assert list(ApiKey.objects.get().allowed_models.all()) == [model]


def test_changing_it_keeps_its_secret_and_its_owner(admin, owner, stranger):
    secret = issue(admin, owner)
    key = ApiKey.objects.get()
    sent = {"owner": stranger.pk, **FORM, "name": "Renamed"}
    admin.post(f"{LIST}{key.pk}/change/", sent)
    key = ApiKey.objects.find(secret)
    assert (key.name, key.owner) == ("Renamed", owner)


def test_revoking_says_so_and_cannot_be_overlooked(admin, owner):
    secret = issue(admin, owner)
    key = ApiKey.objects.get()
    admin.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})
    assert ApiKey.objects.find(secret).is_revoked
    assert "Revoked" in admin.get(LIST).content.decode()


@pytest.mark.parametrize("state", ["active", "expired", "revoked"])
def test_they_are_told_apart_by_state(admin, owner, state):
    from django.utils import timezone

    past = timezone.now()
    for name, fields in {
        "active": {},
        "expired": {"expires_at": past},
        "revoked": {"revoked_at": past},
    }.items():
        ApiKey(owner=owner, name=name, **fields).issue()
    assert [key.name for key in admin.get(LIST, {"state": state}).context["cl"].queryset] == [state]


def test_staff_cannot_speak_in_the_name_of_a_superuser(client, owner, administrator):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    owner.user_permissions.set(
        Permission.objects.filter(codename__in=["add_apikey", "view_apikey", "view_user"])
    )
    client.force_login(owner)
    issue(client, administrator)
    assert not ApiKey.objects.exists()
    issue(client, owner)
    assert ApiKey.objects.count() == 1


def test_it_can_have_limits_and_addresses(admin, owner):
    issue(admin, owner, networks="192.0.2.0/24", **{"allowance-0-daily_budget": "0.5"})
    key = ApiKey.objects.get()
    assert (key.networks, key.allowance.daily_budget) == ("192.0.2.0/24", Decimal("0.5"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"networks": "everywhere"},
        {"name": "x" * 101},
        {"expires_at_0": "soon"},
        {"allowed_models": ["x"]},
        {"allowance-0-daily_budget": "-1"},
        {"allowance-0-tokens_per_minute": "0"},
    ],
)
def test_what_is_wrong_is_not_issued(admin, owner, wrong):
    issue(admin, owner, **wrong)
    assert not ApiKey.objects.exists()
    assert not Allowance.objects.exists()


def rotate(client, key: ApiKey) -> str:
    sent = {"action": "rotate", "_selected_action": [key.pk]}
    return client.post(LIST, sent, follow=True).content.decode()


def test_rotating_shows_a_new_secret_once_and_the_old_one_works_for_a_day(admin, owner):
    before = issue(admin, owner)
    key = ApiKey.objects.get()
    after = re.search(r"sk-[\w-]{40,}", rotate(admin, key)).group()
    assert ApiKey.objects.find(before) == ApiKey.objects.find(after) == key
    assert after not in admin.get(LIST).content.decode()
    assert "Rotated" in admin.get(f"{LIST}{key.pk}/history/").content.decode()


def test_what_is_over_is_not_rotated(admin, owner):
    issue(admin, owner)
    key = ApiKey.objects.get()
    key.revoke()
    assert "None is rotated" in rotate(admin, key)


@pytest.fixture
def staff(client, owner):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    rights = ["view_apikey", "change_apikey", "add_apikey", "delete_apikey"]
    owner.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(owner)
    return client


def test_staff_neither_change_nor_rotate_nor_revoke_what_is_a_superusers(staff, administrator):
    key = ApiKey(owner=administrator, networks="192.0.2.1")
    key.issue()
    assert staff.post(f"{LIST}{key.pk}/change/", FORM).status_code == 403
    assert staff.post(f"{LIST}{key.pk}/delete/", {"post": "yes"}).status_code == 403
    assert not re.search(r"sk-[\w-]{40,}", rotate(staff, key))
    staff.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})
    kept = ApiKey.objects.get()
    assert (kept.digest, kept.networks, kept.is_revoked) == (key.digest, "192.0.2.1", False)


def test_who_may_change_keys_but_not_add_them_does_not_rotate_them(staff, owner, stranger):
    owner.user_permissions.remove(Permission.objects.get(codename="add_apikey"))
    key = ApiKey(owner=stranger)
    key.issue()
    assert not re.search(r"sk-[\w-]{40,}", rotate(staff, key))


def test_the_list_asks_as_often_for_many_as_for_one(admin, owner, django_assert_max_num_queries):
    for number in range(30):
        ApiKey(owner=owner, name=str(number)).issue()
    with django_assert_max_num_queries(10):
        assert admin.get(LIST).status_code == 200
