import re

import pytest
from django.contrib.auth.models import Permission

from chat.models import ApiKey, LanguageModel

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
