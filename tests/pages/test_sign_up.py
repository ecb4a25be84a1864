from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.models.signals import post_save
from django.test import Client
from django.utils import timezone

from chat.models import Invitation, User

FORM = {"username": "nina", "password1": "correct horse battery", "password2": "correct horse battery"}


@pytest.fixture(autouse=True)
def _no_attempts_yet(db):
    cache.clear()


@pytest.fixture
def token(administrator) -> str:
    return Invitation(invited_by=administrator, note="Nina").issue()


def sign_up(client, **fields):
    return client.post("/accounts/signup/", FORM | fields)


def test_an_invitation_lets_one_person_in(client, token):
    assert client.get(f"/invite/{token}").url == "/accounts/signup/"
    assert "Create your account" in client.get("/accounts/signup/").content.decode()
    assert sign_up(client).url == "/"
    nina = User.objects.get(username="nina")
    assert client.session["_auth_user_id"] == str(nina.pk)
    assert Invitation.objects.get().accepted_by == nina
    assert not nina.is_staff


def test_without_an_invitation_the_form_is_closed(client):
    assert "By invitation only" in client.get("/accounts/signup/").content.decode()
    assert "By invitation only" in sign_up(client).content.decode()
    assert not User.objects.exists()


def test_looking_at_an_invitation_does_not_use_it_up(client, token):
    for _ in range(2):
        assert client.get(f"/invite/{token}").status_code == 302


def test_whoever_is_signed_in_is_told_so_and_keeps_the_invitation(client, token, stranger):
    client.force_login(stranger)
    html = client.get(f"/invite/{token}").content.decode()
    assert "You are signed in already" in html
    assert "stanislav" in html
    assert Client().get(f"/invite/{token}").url == "/accounts/signup/"


def test_an_unknown_invitation_is_refused(client):
    response = client.get("/invite/nonsense")
    assert response.status_code == 404
    assert "not valid any more" in response.content.decode()


def test_an_expired_invitation_is_refused(client, token):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/invite/{token}").status_code == 404


def test_a_used_invitation_is_refused(client, token):
    client.get(f"/invite/{token}")
    sign_up(client)
    assert Client().get(f"/invite/{token}").status_code == 404


def test_who_opened_it_and_comes_second_is_told_so(client, token):
    second = Client()
    for each in (client, second):
        each.get(f"/invite/{token}")
    sign_up(client)
    response = sign_up(second, username="nora")
    assert response.status_code == 404
    assert "has been used" in response.content.decode()
    assert not User.objects.filter(username="nora").exists()


def test_of_two_people_at_the_same_moment_only_one_gets_in(client, token, stranger):
    """The other one is accepted after the form was checked, just before this account is complete."""

    def overtake(**_):
        Invitation.objects.get().accept(stranger)

    client.get(f"/invite/{token}")
    post_save.connect(overtake, sender=User)
    try:
        response = sign_up(client)
    finally:
        post_save.disconnect(overtake, sender=User)
    assert response.status_code == 404
    assert not User.objects.filter(username="nina").exists()
    assert "_auth_user_id" not in client.session


def test_open_sign_up_needs_no_invitation(client, settings):
    settings.SIGN_UP = "open"
    assert sign_up(client).url == "/"
    assert User.objects.filter(username="nina").exists()


def test_closed_sign_up_is_closed_even_with_an_invitation(client, settings, token):
    settings.SIGN_UP = "closed"
    client.get(f"/invite/{token}")
    assert "Sign-up is closed" in sign_up(client).content.decode()
    assert not User.objects.filter(username="nina").exists()


def test_the_form_does_not_tell_whose_address_is_known(client, settings, owner):
    settings.SIGN_UP = "open"
    assert sign_up(client, email=owner.email).url == "/"


@pytest.mark.parametrize("name", ["olga", "OLGA"])
def test_a_name_is_given_once(client, settings, owner, name):
    settings.SIGN_UP = "open"
    assert "already exists" in sign_up(client, username=name).content.decode()


def test_a_weak_password_is_explained(client, settings):
    settings.SIGN_UP = "open"
    response = sign_up(client, password1="password", password2="password")
    assert "too common" in response.content.decode()
    assert not User.objects.exists()
