import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from chat.models import User

LIST = "/admin/chat/user/"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def test_a_sign_in_link_is_issued_shown_and_works_once(admin, owner):
    chosen = {"action": "issue_sign_in_link", "_selected_action": [owner.pk]}
    page = admin.post(LIST, chosen, follow=True).content.decode()
    link = re.search(r"http://testserver(/sign-in/[^\"]+)", page)[1]
    assert [Client().get(link).status_code for _ in range(2)] == [302, 404]
    assert "Issued a sign-in link" in admin.get(f"{LIST}{owner.pk}/history/").content.decode()


def test_only_a_superuser_issues_one(client, owner, stranger):
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    client.force_login(owner)
    chosen = {"action": "issue_sign_in_link", "_selected_action": [stranger.pk]}
    assert "/sign-in/" not in client.post(LIST, chosen, follow=True).content.decode()


def test_an_account_is_made_without_a_password(admin):
    admin.post(f"{LIST}add/", {"username": "nina", "usable_password": "false"})
    assert not User.objects.get(username="nina").has_usable_password()


def test_a_changed_address_ends_the_one_before(admin, owner):
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True)
    limits = {"allowance-TOTAL_FORMS": 1, "allowance-INITIAL_FORMS": 0}
    fields = {"username": "olga", "email": "new@example.org", "is_active": "on", **limits}
    admin.post(f"{LIST}{owner.pk}/change/", fields)
    assert User.objects.get(pk=owner.pk).email == "new@example.org"
    assert not EmailAddress.objects.filter(email="olga@example.org").exists()
