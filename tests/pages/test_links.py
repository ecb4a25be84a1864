"""The list of a person's links."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Share, Terms
from chat.pages.shared_page import draw
from tests.pages.conftest import begun

HTMX = {"HX-Request": "true"}


def test_it_lists_every_link_with_what_became_of_it(owners, conversation):
    share = conversation.share(draw, terms=Terms(max_views=5, passphrase="open sesame"))
    share.count_view()
    html = owners.get("/links").content.decode()
    assert f'value="http://testserver/s/{share.token}"' in html
    assert f'href="/c/{conversation.public_id}">Bread</a>' in html
    assert "1 of 5 views, last" in html
    assert "passphrase" in html
    assert "no end" in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expires_at": timezone.now() - timedelta(days=1)}, "<strong>Expired</strong>"),
        ({"max_views": 1, "views": 1}, "<strong>Used up</strong>"),
        ({"token": ""}, "cannot be read any more"),
    ],
)
def test_it_says_what_a_link_does_not_open_any_more(owners, conversation, fields, words):
    conversation.share(draw)
    Share.objects.update(**fields)
    html = owners.get("/links").content.decode()
    assert words in html
    assert "Open</a>" not in html


def test_it_says_how_to_share_where_there_is_nothing(owners):
    assert "You share nothing at the moment" in owners.get("/links").content.decode()


def test_it_is_found_in_the_menu(owners):
    assert 'href="/links"' in owners.get("/").content.decode()


def test_a_link_is_revoked_at_once(owners, conversation, client):
    share = conversation.share(draw)
    response = owners.post(f"/links/{share.public_id}/revoke", headers=HTMX)
    assert f'hx-target="#link-{share.public_id}"' in response.content.decode()
    assert client.get(f"/s/{share.token}").status_code == 404
    assert "You share nothing" in owners.get("/links").content.decode()
    assert owners.get(f"/links/{share.public_id}/update").status_code == 404


def test_revoking_works_without_script_and_takes_a_post(owners, conversation):
    share = conversation.share(draw)
    assert owners.get(f"/links/{share.public_id}/revoke").status_code == 405
    assert owners.post(f"/links/{share.public_id}/revoke").url == "/links"
    assert Share.objects.get().revoked_at


def test_after_an_update_the_list_comes_anew(owners, conversation):
    share = conversation.share(draw)
    fields = {"audience": "signed-in", "life": "day"}
    headers = HTMX | {"HX-Current-URL": "http://testserver/links"}
    assert owners.post(f"/links/{share.public_id}/update", fields, headers=headers)["HX-Refresh"] == "true"
    assert "Anyone who is signed in here" in owners.get("/links").content.decode()


def test_nobody_sees_those_of_others(strangers, client, conversation):
    share = conversation.share(draw)
    assert share.token not in strangers.get("/links").content.decode()
    assert client.get("/links").url == "/accounts/login/?next=/links"


def test_many_are_listed_in_pages_with_no_more_queries(
    owners, owner, model, conversation, stranger, django_assert_max_num_queries
):
    for number in range(55):
        begun(owner, model, f"Title {number}", "Q", "A").share(
            draw, terms=Terms(audience="named", people=[stranger])
        )
    with django_assert_max_num_queries(8):
        html = owners.get("/links").content.decode()
    assert html.count('class="share-link"') == 50
    assert owners.get("/links?page=2").content.decode().count('class="share-link"') == 5
    assert owners.get("/links?page=x").status_code == 200
