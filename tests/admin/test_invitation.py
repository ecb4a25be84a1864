import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Invitation
from tests.cookies import said_by_cookies

LIST = "/admin/chat/invitation/"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def issue(admin) -> str:
    return re.search(r"http://testserver(/invite/[^\"]+)", add(admin).content.decode())[1]


def add(admin):
    later = timezone.localtime() + timedelta(days=3)
    fields = {"note": "Nina", "expires_at_0": f"{later:%Y-%m-%d}", "expires_at_1": f"{later:%H:%M:%S}"}
    return admin.post(f"{LIST}add/", fields)


def test_its_link_is_shown_once_and_works(admin, administrator):
    link = issue(admin)
    assert Client().get(link).url == "/accounts/signup/"
    assert Invitation.objects.get().invited_by == administrator
    for page in (LIST, f"{LIST}{Invitation.objects.get().pk}/change/"):
        assert "/invite/" not in admin.get(page).content.decode()


def test_no_cookie_carries_its_link(admin):
    response = add(admin)
    assert "/invite/" in response.content.decode()
    assert "/invite/" not in said_by_cookies(response)


def test_changing_its_note_does_not_change_its_link(admin):
    link = issue(admin)
    invitation = Invitation.objects.get()
    fields = {"note": "Nora", "expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"}
    admin.post(f"{LIST}{invitation.pk}/change/", fields)
    invitation.refresh_from_db()
    assert invitation.note == "Nora"
    assert Client().get(link).status_code == 302


def test_deleting_it_revokes_its_link(admin):
    link = issue(admin)
    admin.post(f"{LIST}{Invitation.objects.get().pk}/delete/", {"post": "yes"})
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("state", ["open", "accepted", "expired"])
def test_they_are_told_apart_by_state(admin, owner, state):
    past = timezone.now() - timedelta(days=1)
    for note, fields in {
        "open": {},
        "accepted": {"accepted_at": past},
        "expired": {"expires_at": past},
    }.items():
        Invitation(note=note, **fields).issue()
    shown = admin.get(LIST, {"state": state}).context["cl"].queryset
    assert [invitation.note for invitation in shown] == [state]
