from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import User
from chat.models.sign_in_link import redeem, sign_in_path


@pytest.fixture
def path(owner) -> str:
    return sign_in_path(owner)


def test_it_signs_in(client, owner, path):
    assert client.get(path).url == "/"
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_it_works_once(client, path):
    client.get(path)
    again = Client().get(path)
    assert again.status_code == 404
    assert "not valid any more" in again.content.decode()


def test_any_sign_in_uses_it_up(client, owner, path):
    client.login(username="olga", password="correct horse battery")
    assert Client().get(path).status_code == 404


def test_one_issued_in_the_second_of_a_sign_in_works_once(client, owner):
    User.objects.update(last_login=timezone.now())
    path = sign_in_path(User.objects.get())
    assert client.get(path).status_code == 302
    assert Client().get(path).status_code == 404


def test_of_two_at_the_same_moment_one_gets_in(owner, path):
    uid, token = path.split("/")[2:]
    assert [redeem(uid, token), redeem(uid, token)] == [owner, None]


def test_it_ends_after_a_day(client, owner, path, settings, monkeypatch):
    tomorrow = timezone.localtime().replace(tzinfo=None) + timedelta(days=1, seconds=2)
    monkeypatch.setattr("chat.models.sign_in_link.tokens._now", lambda: tomorrow)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("change", [{"password": "x"}, {"email": "new@example.org"}, {"is_active": False}])
def test_a_change_of_the_account_ends_it(client, owner, path, change):
    User.objects.update(**change)
    assert client.get(path).status_code == 404


def test_it_is_not_for_somebody_else(client, owner, stranger, path):
    foreign = sign_in_path(stranger).split("/")[2]
    assert client.get(f"/sign-in/{foreign}/{path.split('/')[3]}").status_code == 404


@pytest.mark.parametrize("uid", ["!", "MQ==", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "_w"])
@pytest.mark.django_db
def test_nonsense_is_refused(client, uid):
    assert client.get(f"/sign-in/{uid}/abc-def").status_code == 404


def test_asking_whether_it_exists_does_not_use_it_up(client, path):
    assert client.head(path).status_code == 405
    assert client.get(path).status_code == 302
