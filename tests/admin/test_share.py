"""Who runs the site sees that there are links, and can end them; not where they lead to, nor what they show."""

import pytest
from django.contrib.auth.models import Permission

from chat.models import Conversation, Share, Terms
from chat.pages.shared_page import draw

LIST = "/admin/chat/share/"


@pytest.fixture
def share(owner) -> Share:
    conversation = Conversation.objects.create(owner=owner, title="The secret title")
    conversation.head = conversation.messages.create(
        role="user", content=[{"type": "text", "text": "the secret text"}]
    )
    conversation.save(update_fields=["head"])
    return conversation.share(draw, terms=Terms(passphrase="open sesame"))


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def test_it_is_listed_and_not_shown(admin, share):
    assert "olga" in admin.get(LIST).content.decode()
    for page in (LIST, f"{LIST}{share.pk}/change/", f"{LIST}{share.pk}/delete/"):
        html = admin.get(page).content.decode()
        for secret in ("secret", share.token, share.token_hash, share.passphrase):
            assert secret not in html


def test_a_public_one_is_for_those_signed_in_where_nothing_may_be_public(admin, share, settings):
    rows = (f"{LIST}{share.pk}/change/", f"{LIST}?q=olga")
    assert all("Anyone with the link" in admin.get(page).content.decode() for page in rows)
    settings.SHARE_PUBLIC = False
    for page in rows:
        html = admin.get(page).content.decode().split('id="changelist-filter"')[0]
        assert "Anyone who is signed in here" in html
        assert "Anyone with the link" not in html


def test_what_is_not_shown_is_not_loaded(admin, share, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as queries:
        admin.get(LIST)
    assert not [query["sql"] for query in queries if '"chat_share"."snapshot"' in query["sql"]]


def test_it_is_revoked(admin, share, client):
    admin.post(LIST, {"action": "revoke", "_selected_action": [share.pk]})
    share.refresh_from_db()
    assert share.state == "Revoked"
    assert share.snapshot == {}
    assert client.get(f"/s/{share.token}").status_code == 404


def test_it_is_not_edited(admin, share):
    admin.post(f"{LIST}{share.pk}/change/", {"audience": "named", "max_views": "1"})
    share.refresh_from_db()
    assert (share.audience, share.max_views) == ("link", None)


def test_whoever_may_only_look_revokes_nothing(client, stranger, share):
    stranger.is_staff = True
    stranger.save(update_fields=["is_staff"])
    stranger.user_permissions.set(Permission.objects.filter(codename="view_share"))
    client.force_login(stranger)
    assert client.get(LIST).status_code == 200
    client.post(LIST, {"action": "revoke", "_selected_action": [share.pk]})
    share.refresh_from_db()
    assert share.state == "Open"
