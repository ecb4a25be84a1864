import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache

from chat.models import User

PAGES = [
    f"/admin/chat/{noun}/"
    for noun in (
        "upstream",
        "languagemodel",
        "price",
        "user",
        "invitation",
        "apikey",
        "conversation",
        "message",
        "attachment",
        "modelrequest",
        "recording",
        "share",
    )
]
PAGES.append("/admin/auth/group/")


@pytest.mark.parametrize("page", ["/admin/", *PAGES])
def test_an_administrator_gets_in(client, administrator, page):
    client.force_login(administrator)
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", ["/admin/", *PAGES])
def test_somebody_else_is_sent_away(client, owner, page):
    client.force_login(owner)
    assert client.get(page, follow=True).status_code == 403


@pytest.mark.parametrize("page", ["/admin/", *PAGES])
def test_who_is_signed_out_signs_in_on_the_page_of_the_site(client, db, page):
    assert client.get(page, follow=True).redirect_chain[-1][0].startswith("/accounts/login/?next=%2Fadmin")


def test_the_sign_in_of_django_cannot_be_guessed_at(client, administrator):
    cache.clear()
    response = client.post("/admin/login/", {"username": "ada", "password": "correct horse battery"})
    assert response.url.startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_the_nouns_are_in_the_order_of_a_set_up(client, administrator):
    client.force_login(administrator)
    (app,) = client.get("/admin/").context["app_list"]
    names = [model["object_name"] for model in app["models"]]
    assert names == [
        "Upstream",
        "LanguageModel",
        "Price",
        "User",
        "Group",
        "Invitation",
        "ApiKey",
        "Conversation",
        "Message",
        "Attachment",
        "Share",
        "ModelRequest",
        "Recording",
        "usage",
        "routes",
    ]


def test_its_scripts_are_files_of_the_site(client, administrator):
    client.force_login(administrator)
    response = client.get("/admin/chat/invitation/add/")
    assert "script-src 'self';" in response["Content-Security-Policy"]
    assert "script-src 'self';" not in client.get("/accounts/password/change/")["Content-Security-Policy"]


def test_staff_cannot_make_themselves_superusers(client, owner, administrator):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    owner.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client.force_login(owner)
    client.post(
        f"/admin/chat/user/{owner.pk}/change/", {"username": "olga", "is_active": "on", "is_superuser": "on"}
    )
    assert not User.objects.get(username="olga").is_superuser
    refused = client.post(f"/admin/chat/user/{administrator.pk}/password/", {"password1": "x"})
    assert refused.status_code == 403
