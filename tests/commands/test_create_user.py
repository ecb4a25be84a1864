import re

import pytest
from django.core.management import CommandError, call_command

from chat.models import User


def test_it_prints_a_link_that_signs_in_once(client, db, capsys):
    call_command("create_user", "nina")
    path = re.fullmatch(r"http://\S+?(/sign-in/\S+)\n", capsys.readouterr().out)[1]
    assert client.get(path).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(username="nina").pk)


def test_with_a_password_it_prints_no_link(client, db, capsys):
    call_command("create_user", "nina", "--password", "correct horse battery")
    assert "/sign-in/" not in capsys.readouterr().out
    assert client.login(username="nina", password="correct horse battery")


def test_an_administrator_is_one_only_if_asked_for(db):
    call_command("create_user", "nina")
    call_command("create_user", "ada", "--admin")
    assert list(User.objects.filter(is_staff=True, is_superuser=True)) == [User.objects.get(username="ada")]


@pytest.mark.parametrize("name", ["olga", "OLGA", "with space", "", "x" * 151])
def test_a_name_that_cannot_be_is_refused(owner, name):
    with pytest.raises(CommandError):
        call_command("create_user", name)
    assert User.objects.count() == 1


def test_a_name_that_is_taken_leads_to_a_new_password_for_it(owner):
    with pytest.raises(CommandError, match=r"olga is taken\..*changepassword olga"):
        call_command("create_user", "olga", "--admin")
    assert not User.objects.filter(is_staff=True).exists()


@pytest.mark.parametrize("password", ["short", "password", "", "nina-nina"])
def test_a_weak_password_is_refused(db, password):
    with pytest.raises(CommandError):
        call_command("create_user", "nina-nina", "--password", password)
    assert not User.objects.exists()
