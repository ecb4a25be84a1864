import re
from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from chat.models import Allowance, ModelRequest, User
from tests.cookies import said_by_cookies

LIST = "/admin/chat/user/"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def test_a_sign_in_link_is_issued_shown_and_works_once(admin, owner):
    chosen = {"action": "issue_sign_in_link", "_selected_action": [owner.pk]}
    response = admin.post(LIST, chosen)
    link = re.search(r"http://testserver(/sign-in/[^\"]+)", response.content.decode())[1]
    assert "/sign-in/" not in said_by_cookies(response)
    assert [Client().get(link).status_code for _ in range(2)] == [302, 404]
    assert "Issued a sign-in link" in admin.get(f"{LIST}{owner.pk}/history/").content.decode()


def test_none_is_issued_for_who_is_switched_off(admin, owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    chosen = {"action": "issue_sign_in_link", "_selected_action": [owner.pk]}
    assert "No link is issued" in admin.post(LIST, chosen, follow=True).content.decode()


def test_only_a_superuser_issues_one(client, owner, stranger):
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    client.force_login(owner)
    chosen = {"action": "issue_sign_in_link", "_selected_action": [stranger.pk]}
    assert "/sign-in/" not in client.post(LIST, chosen, follow=True).content.decode()


def test_an_account_is_made_without_a_password(admin):
    admin.post(f"{LIST}add/", {"username": "nina", "usable_password": "false"})
    assert not User.objects.get(username="nina").has_usable_password()


@pytest.fixture
def staff(client, owner):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    rights = "view_user change_user add_allowance change_allowance view_allowance delete_allowance".split()
    owner.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(owner)
    return client


def change(client, user, **fields):
    form = {"username": user.username, "is_active": "on", "allowance-TOTAL_FORMS": 1}
    return client.post(f"{LIST}{user.pk}/change/", form | {"allowance-INITIAL_FORMS": 0} | fields)


def test_a_person_has_groups_and_limits(admin, owner):
    group = Group.objects.create(name="Physicists")
    change(admin, owner, groups=[group.pk], **{"allowance-0-monthly_budget": "20"})
    assert list(owner.groups.all()) == [group]
    assert Allowance.objects.get(user=owner).monthly_budget == 20


def test_staff_limit_others_and_not_themselves(staff, owner, stranger):
    change(staff, stranger, **{"allowance-0-monthly_budget": "20"})
    change(staff, owner, **{"allowance-0-monthly_budget": "2000"})
    assert [each.user for each in Allowance.objects.all()] == [stranger]


def test_staff_put_nobody_into_a_group(staff, owner, stranger):
    group = Group.objects.create(name="Physicists")
    for person in (owner, stranger):
        change(staff, person, groups=[group.pk])
    assert not group.user_set.exists()


def test_what_somebody_spent_this_month_is_shown(admin, owner):
    now = timezone.now()
    for number, (cost, moment) in enumerate([("0.25", now), ("7", now - timedelta(days=70))]):
        ModelRequest.objects.create(
            public_id=f"req_{number}",
            face="chat",
            user=owner,
            model_name="small",
            status="complete",
            created_at=moment,
            cost=Decimal(cost),
        )
    for page in (LIST, f"{LIST}{owner.pk}/change/"):
        html = admin.get(page).content.decode()
        assert "$0.25" in html
        assert "$7" not in html


def test_the_list_asks_as_often_for_many_as_for_one(admin, owner, django_assert_max_num_queries):
    group = Group.objects.create(name="Physicists")
    for number in range(30):
        User.objects.create(username=f"u{number}").groups.add(group)
    with django_assert_max_num_queries(9):
        admin.get(LIST)


def test_a_changed_address_ends_the_one_before(admin, owner):
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True)
    limits = {"allowance-TOTAL_FORMS": 1, "allowance-INITIAL_FORMS": 0}
    fields = {"username": "olga", "email": "new@example.org", "is_active": "on", **limits}
    admin.post(f"{LIST}{owner.pk}/change/", fields)
    assert User.objects.get(pk=owner.pk).email == "new@example.org"
    assert not EmailAddress.objects.filter(email="olga@example.org").exists()
