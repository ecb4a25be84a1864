import re

import pytest
from django.core import mail
from django.core.cache import cache

from chat.models import User

NEW = "a staple of another kind"


@pytest.fixture(autouse=True)
def _no_attempts_yet(db):
    cache.clear()


def reset_link(client, address) -> str:
    client.post("/accounts/password/reset/", {"email": address})
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def test_changing_it_keeps_this_browser_signed_in(client, owner):
    client.force_login(owner)
    fields = {"oldpassword": "correct horse battery", "password1": NEW, "password2": NEW}
    page = client.post("/accounts/password/change/", fields, follow=True)
    assert "has been changed" in page.content.decode()
    assert User.objects.get().check_password(NEW)


def test_changing_it_takes_the_old_one(client, owner):
    client.force_login(owner)
    client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert not User.objects.get().check_password(NEW)


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get("/accounts/password/change/").url.startswith("/accounts/login/?next=")


def test_who_came_by_a_link_sets_a_first_one(client, owner):
    owner.set_unusable_password()
    owner.save(update_fields=["password"])
    client.force_login(owner)
    assert client.get("/accounts/password/change/").url == "/accounts/password/set/"
    response = client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})
    assert response.url == "/"
    assert "Your password is set." in client.get("/").content.decode()
    assert "Your password is set." not in client.get("/").content.decode()
    assert User.objects.get().check_password(NEW)
    assert client.get("/accounts/password/change/").status_code == 200


def test_a_link_by_mail_sets_a_new_one(client, owner):
    form = client.get(reset_link(client, "olga@example.org")).url
    done = client.post(form, {"password1": NEW, "password2": NEW}, follow=True)
    assert "new password is saved" in done.content.decode()
    assert User.objects.get().check_password(NEW)


def test_the_mail_is_in_the_name_of_the_site(client, owner, settings):
    reset_link(client, "olga@example.org")
    message = mail.outbox[-1]
    assert message.subject == f"[{settings.SITE_NAME}] Choose a new password"
    assert "olga" in message.body
    assert message.body.rstrip().endswith(settings.SITE_NAME)


def test_the_link_works_once(client, owner):
    link = reset_link(client, "olga@example.org")
    client.post(client.get(link).url, {"password1": NEW, "password2": NEW})
    assert "not valid any more" in client.get(link).content.decode()


def test_the_page_does_not_tell_who_has_an_account(client, owner):
    known = client.post("/accounts/password/reset/", {"email": "olga@example.org"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert known.url == unknown.url == "/accounts/password/reset/done/"
    assert "There is no account" in mail.outbox[-1].body


def test_where_no_mail_is_sent_the_page_promises_none(client, settings, owner):
    assert 'name="email"' in client.get("/accounts/password/reset/").content.decode()
    settings.SENDS_MAIL = False
    html = client.get("/accounts/password/reset/").content.decode()
    assert "This site sends no e-mail. Ask an administrator for a sign-in link." in html
    assert "<form" not in html
    sent = client.post("/accounts/password/reset/", {"email": "olga@example.org"}, follow=True)
    assert "on its way" not in sent.content.decode()


def test_one_mailbox_is_not_flooded(client, owner):
    answers = [client.post("/accounts/password/reset/", {"email": "olga@example.org"}) for _ in range(6)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()
