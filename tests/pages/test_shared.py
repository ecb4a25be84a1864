"""A shared conversation as those see it who have its link, and as those do who should not."""

import gzip
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from PIL import Image

from chat.models import Attachment, Audience, Conversation, Share, Shown, Terms, User
from chat.models.continuation import path_to
from chat.pages import assets
from chat.pages.shared_page import draw
from tests import files
from tests.files import upload
from tests.pages.conftest import add_turn, begun, signed_in

EVERYTHING = Shown(branches=True, reasoning=True, system_prompt=True, attachments=True)
NONCE = re.compile(r'nonce="[^"]*"')


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def conversation(conversation: Conversation, owner: User) -> Conversation:
    picture = Attachment.take(owner, upload("loaf.png", files.PNG))
    page = Attachment.take(owner, upload("page.html", files.HTML))
    asked = conversation.messages.first()
    Attachment.objects.update(message=asked)
    asked.content = [picture.as_content(), page.as_content(), *asked.content]
    asked.save(update_fields=["content"])
    conversation.head.reasoning = "Bread has *flour*."
    conversation.head.save(update_fields=["reasoning"])
    return conversation


def shared(conversation: Conversation, shown: Shown | None = None, **terms) -> Share:
    return conversation.share(draw, shown=shown, terms=Terms(**terms))


def path(share: Share, rest: str = "") -> str:
    return f"/s/{share.token}{rest}"


def see(share: Share, client: Client | None = None, rest: str = "", **headers):
    return (client or Client()).get(path(share, rest), headers=headers)


def nowhere() -> str:
    """What a link shows that never was."""
    response = Client().get("/s/nothing")
    assert response.status_code == 404
    return NONCE.sub("", response.content.decode())


def is_nowhere(response) -> bool:
    headers = response["Referrer-Policy"], response["X-Robots-Tag"], response["Cache-Control"]
    return (
        response.status_code == 404
        and headers == ("no-referrer", "noindex, nofollow", "private, no-store")
        and NONCE.sub("", response.content.decode()) == nowhere()
    )


# What it shows


def test_a_link_that_opens_nothing_says_what_may_be_and_whom_to_ask(db):
    html = nowhere()
    assert "This link opens nothing" in html
    assert "Ask whoever sent it to you." in html


def test_it_is_shown_to_whoever_has_the_link(conversation):
    html = see(shared(conversation)).content.decode()
    assert '<h1 dir="auto">Bread</h1>' in html
    assert "How is bread made?" in html
    assert "With <em>flour</em>." in html
    assert "Bread has" not in html
    assert "2 files that are not shared" in html


def test_reasoning_stands_in_details_and_files_have_addresses_of_the_link(conversation):
    share = shared(conversation, EVERYTHING)
    html = see(share).content.decode()
    assert "<summary>Reasoning</summary>" in html
    assert "Bread has <em>flour</em>." in html
    assert f'<img src="{path(share, "/f/1")}" alt="loaf.png"' in html
    assert f'href="{path(share, "/f/2")}" download="page.html"' in html


def test_it_needs_no_script_and_asks_nobody_else(conversation):
    add_turn(conversation, "Show", "![cat](http://example.org/cat.png)\n\n```python\nx = 1\n```\n\n$x^2$")
    response = see(shared(conversation, EVERYTHING))
    html = response.content.decode()
    assert "<script" not in html
    assert "<button" not in html.replace('<button class="button', ""), "nothing that only a script answers to"
    assert "<math" in html
    assert '<span class="m">1</span>' in html
    assert '<a href="http://example.org/cat.png"' in html
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', html)
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


def test_its_policy_is_strict(conversation):
    policy = see(shared(conversation))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "http" not in policy
    assert "img-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_it_is_neither_kept_nor_told_of(conversation):
    response = see(shared(conversation))
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"


def test_search_engines_may_list_it_if_the_owner_says_so(conversation):
    assert "X-Robots-Tag" not in see(shared(conversation, is_listed=True))
    for guard in ({"passphrase": "open sesame"}, {"max_views": 3}, {"audience": Audience.SIGNED_IN}):
        assert "X-Robots-Tag" in see(shared(conversation, is_listed=True, **guard))


def test_a_usual_page_is_under_30_kilobytes_with_its_style_sheet(conversation):
    for number in range(12):
        add_turn(conversation, f"Question {number}?", "A paragraph of an answer. " * 12)
    share = shared(conversation)
    page = see(share).content
    css = Client().get(assets.shared_stylesheet_url()).content
    assert len(gzip.compress(page)) + len(gzip.compress(css)) < 12_000
    assert len(css) < 18_000
    assert (
        len(see(shared(begun(conversation.owner, conversation.model, "A", "B", "C"))).content) + len(css)
        < 30_000
    )


def attributes_in(html: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda _, attributes: found.extend(attributes)  # type: ignore[method-assign]
    parser.feed(html)
    return found


HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def test_markup_in_every_field_is_shown_and_does_nothing(conversation, owner):
    Attachment.objects.update(name=HOSTILE)
    conversation.title = HOSTILE
    conversation.save(update_fields=["title"])
    conversation.messages.update(model_name=HOSTILE, reasoning=HOSTILE)
    add_turn(conversation, HOSTILE, f"{HOSTILE} [a](javascript:alert(1))\n\n```{HOSTILE}\n{HOSTILE}\n```")
    conversation.messages.update(model_name=HOSTILE)
    conversation.messages.create(role="user", content=[{"type": "text", "text": HOSTILE}])
    share = shared(conversation, EVERYTHING)
    for rest in ("", "/conversation.html"):
        html = see(share, rest=rest).content.decode()
        assert "<script" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;" in html
        attributes = attributes_in(html)
        assert not [name for name, _ in attributes if name.startswith("on")]
        assert not [value for name, value in attributes if name == "href" and "javascript" in value]
    assert see(share, rest="/preview.png").status_code == 200


def test_a_branch_is_found_from_the_message_that_it_is_another_version_of(conversation):
    conversation.messages.create(
        role="assistant",
        parent=conversation.messages.first(),
        content=[{"type": "text", "text": "With **rye** & <b>."}],
    )
    html = see(shared(conversation, Shown(branches=True))).content.decode()
    assert '<a href="#in-branch-1">' in html
    assert '<div id="in-branch-1">' in html
    assert "Branch 1: With rye &amp; &lt;b&gt;.</summary>" in html


# To whom


def test_whoever_is_signed_out_signs_in_for_what_is_not_for_all(conversation):
    for audience in (Audience.SIGNED_IN, Audience.NAMED):
        share = shared(conversation, audience=audience)
        response = see(share)
        assert response.status_code == 302
        assert response.url == f"/accounts/login/?next={path(share)}"
        assert "shared with you" in Client().get(response.url).content.decode()
        assert response["Referrer-Policy"] == "no-referrer"


def test_what_is_for_whoever_is_signed_in_is_shown_to_them(conversation, strangers):
    assert see(shared(conversation, audience=Audience.SIGNED_IN), strangers).status_code == 200


def test_what_is_for_some_is_shown_to_them_and_nobody_else(conversation, strangers, stranger, administrator):
    share = shared(conversation, audience=Audience.NAMED, people=[stranger])
    assert see(share, strangers).status_code == 200
    assert is_nowhere(see(share, signed_in(administrator)))


def test_what_is_for_a_group_is_shown_to_its_members_as_long_as_they_are(conversation, strangers, stranger):
    group = Group.objects.create(name="Bakers")
    share = shared(conversation, audience=Audience.NAMED, groups=[group])
    assert is_nowhere(see(share, strangers))
    group.user_set.add(stranger)
    assert see(share, strangers).status_code == 200
    group.user_set.remove(stranger)
    assert is_nowhere(see(share, strangers))


def test_where_nothing_may_be_public_a_link_that_was_is_for_whoever_signs_in(
    conversation, strangers, settings
):
    share = shared(conversation)
    settings.SHARE_PUBLIC = False
    assert see(share).url.startswith("/accounts/login/")
    assert see(share, strangers).status_code == 200
    assert see(share, rest="/preview.png").status_code == 302


@pytest.mark.parametrize("rest", ["", "/f/1", "/preview.png", "/conversation.html", "/continue/1"])
def test_a_link_that_has_ended_is_as_if_it_had_never_been(conversation, strangers, owner, rest):
    ends = {
        "expired": lambda share: Share.objects.filter(pk=share.pk).update(expires_at=timezone.now()),
        "revoked": lambda share: share.revoke(),
        "used up": lambda share: Share.objects.filter(pk=share.pk).update(max_views=1, views=1),
        "deleted": lambda share: share.conversation.delete(),
    }
    for name, end in ends.items():
        if name == "deleted":
            Attachment.objects.all().delete()
        share = shared(conversation, EVERYTHING if name != "deleted" else None)
        end(share)
        assert is_nowhere(see(share, rest=rest)), name
        assert is_nowhere(see(share, strangers, rest=rest)), name
        assert is_nowhere(Client().post(path(share), {"passphrase": "x"})) or name == "used up"


@pytest.mark.parametrize("token", ["x", "x" * 32, "%00", "%F0%9F%A5%96", "x" * 5000, "..", "a b"])
def test_no_impossible_token_is_more_than_a_404(db, token):
    for rest in ("", "/f/1", "/f/99999999999999999999", "/preview.png", "/conversation.md", "/continue/1"):
        assert Client().get(f"/s/{token}{rest}").status_code == 404


# How often


def test_a_view_is_counted_once_a_visit(conversation):
    share = shared(conversation)
    client = Client()
    for _ in range(3):
        assert see(share, client).status_code == 200
    assert see(share).status_code == 200
    share.refresh_from_db()
    assert share.views == 2
    assert timezone.now() - share.last_viewed_at < timedelta(minutes=1)


def test_neither_its_owner_nor_robots_nor_looking_at_the_headers_are_views(conversation, owners):
    share = shared(conversation)
    assert see(share, owners).status_code == 200
    assert Client().head(path(share)).status_code == 200
    for robot in ("Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "WhatsApp/2.2", "Googlebot/2.1"):
        assert see(share, **{"User-Agent": robot}).status_code == 200
    assert see(share, rest="/preview.png").status_code == 200
    share.refresh_from_db()
    assert share.views == 0


def test_the_last_view_is_the_last_and_its_reader_still_gets_the_files(conversation, owners):
    share = shared(conversation, EVERYTHING, max_views=1)
    client = Client()
    assert see(share, client).status_code == 200
    assert is_nowhere(see(share))
    assert Client().head(path(share)).status_code == 404
    assert see(share, client, "/f/1").status_code == 200
    assert see(share, client, "/conversation.md").status_code == 200
    assert see(share, owners).status_code == 200


def test_a_robot_neither_uses_up_nor_sees_what_can_be_seen_so_often_only(conversation):
    share = shared(conversation, max_views=1)
    assert is_nowhere(see(share, **{"User-Agent": "Slackbot 1.0"}))
    share.refresh_from_db()
    assert share.views == 0


# Its passphrase


def test_nothing_of_it_is_told_before_its_passphrase(conversation):
    share = shared(conversation, EVERYTHING, passphrase="open sesame")
    response = see(share)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Bread" not in html
    assert "og:" not in html
    assert '<form class="shared-gate__card" method="post">' in html
    assert "script-src" not in response["Content-Security-Policy"]
    for rest in ("/f/1", "/preview.png", "/conversation.json", "/continue/1"):
        assert is_nowhere(see(share, rest=rest))


def test_the_passphrase_opens_it_with_its_files_and_counts_as_a_view(conversation):
    share = shared(conversation, EVERYTHING, passphrase="open sesame")
    client = Client(enforce_csrf_checks=True)
    response = client.post(path(share), {"passphrase": "open sesame"}, headers={"Origin": "null"})
    assert response.url == path(share)
    cookie = response.cookies["visit"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (path(share), True, "Lax")
    assert "How is bread made?" in see(share, client).content.decode()
    assert see(share, client, "/f/1").status_code == 200
    share.refresh_from_db()
    assert share.views == 1


def test_a_wrong_passphrase_opens_nothing_and_says_so(conversation):
    share = shared(conversation, passphrase="open sesame")
    for wrong in ("", "Open sesame", "x" * 10_000, "\0", "🥖"):
        cache.clear()
        response = Client().post(path(share), {"passphrase": wrong})
        assert response.status_code == 403
        assert "That is not the passphrase" in response.content.decode()
        assert "visit" not in response.cookies


def test_guessing_the_passphrase_is_stopped_after_five_attempts_from_one_address(conversation):
    share, other = (
        shared(conversation, passphrase="open sesame"),
        shared(conversation, passphrase="open sesame"),
    )

    def attempt(share, passphrase="guess", address="192.0.2.1"):
        return Client(REMOTE_ADDR=address).post(path(share), {"passphrase": passphrase}).status_code

    assert [attempt(share) for _ in range(7)] == [403] * 5 + [429] * 2
    assert attempt(share, "open sesame") == 429
    assert attempt(share, "open sesame", address="192.0.2.2") == 302
    assert attempt(other, "open sesame") == 302


def test_another_passphrase_turns_out_whoever_was_in(conversation):
    share = shared(conversation, passphrase="open sesame")
    client = Client()
    client.post(path(share), {"passphrase": "open sesame"})
    share.update(None, Shown(), Terms(passphrase="close sesame"), draw)
    assert "How is bread made?" not in see(share, client).content.decode()


def test_a_visit_to_one_link_is_none_to_another(conversation):
    share, other = shared(conversation, max_views=2), shared(conversation, max_views=2)
    response = see(share)
    client = Client()
    client.cookies["visit"] = response.cookies["visit"].value
    see(other, client)
    other.refresh_from_db()
    assert other.views == 1


# Its files


def test_a_file_is_served_as_what_it_is_and_nothing_in_it_runs(conversation):
    share = shared(conversation, EVERYTHING)
    picture, page = see(share, rest="/f/1"), see(share, rest="/f/2")
    assert (picture["Content-Type"], picture.content) == ("image/png", files.PNG)
    assert page["Content-Type"] == "text/plain; charset=utf-8"
    assert page["Content-Disposition"].startswith("attachment")
    for response in (picture, page):
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"


def test_no_file_comes_through_a_link_that_does_not_show_it(conversation, owner, model, strangers):
    share = shared(conversation)
    other = begun(owner, model, "Other", "Q", "A")
    assert is_nowhere(see(share, rest="/f/1")), "it was not ticked"
    assert is_nowhere(see(shared(other, EVERYTHING), rest="/f/1")), "it is another conversation's"
    assert is_nowhere(see(shared(conversation, EVERYTHING), rest="/f/3"))
    assert strangers.get(f"/a/{Attachment.objects.first().public_id}").status_code == 404


def test_a_file_that_is_gone_is_a_404_and_left_out_of_the_download(conversation):
    share = shared(conversation, EVERYTHING)
    share.files.update(file="shares/gone")
    assert is_nowhere(see(share, rest="/f/1"))
    download = see(share, rest="/conversation.html")
    assert download.status_code == 200
    assert "loaf.png" in download.content.decode()
    assert "data:image/png" not in download.content.decode()


@pytest.mark.parametrize(
    "rest",
    ["/f/1", "/preview.png", "/continue/1", *(f"/conversation.{kind}" for kind in ("html", "md", "json"))],
)
def test_nothing_of_a_link_comes_to_whom_it_is_not_for(conversation, strangers, stranger, rest):
    for terms in ({"audience": Audience.NAMED}, {"passphrase": "rye"}, {"max_views": 1}):
        share = shared(conversation, EVERYTHING, **terms)
        assert is_nowhere(see(share, strangers, rest)), terms
    share = shared(conversation, EVERYTHING, audience=Audience.SIGNED_IN)
    assert see(share, rest=rest).url.startswith("/accounts/login/")
    strangers.post(path(shared(conversation, EVERYTHING, passphrase="rye"), "/continue/1"), {"revision": "1"})
    assert not stranger.conversations.exists()


# For programs that preview links


def test_it_has_a_title_a_description_and_a_picture_that_is_drawn_here(conversation):
    share = shared(conversation)
    html = see(share).content.decode()
    address = f"http://testserver{path(share)}"
    assert '<meta property="og:title" content="Bread">' in html
    assert '<meta property="og:description" content="How is bread made?">' in html
    assert f'<meta property="og:image" content="{address}/preview.png">' in html
    picture = see(share, rest="/preview.png")
    assert picture["Content-Type"] == "image/png"
    assert Image.open(BytesIO(picture.content)).size == (1200, 630)


@pytest.mark.parametrize("title", ["パンの作り方", "🥖", "x" * 200, " ".join("ab" * 50)])
def test_a_picture_is_drawn_for_every_title(conversation, title):
    conversation.title = title
    conversation.save(update_fields=["title"])
    assert see(shared(conversation), rest="/preview.png").status_code == 200


@pytest.mark.parametrize(
    "guard",
    [{"passphrase": "x"}, {"max_views": 3}, {"audience": Audience.SIGNED_IN}, {"audience": Audience.NAMED}],
)
def test_a_link_that_is_not_for_all_has_no_picture(conversation, owners, guard):
    share = shared(conversation, **guard)
    assert see(share, owners, "/preview.png").status_code == 404
    assert "og:" not in see(share, owners).content.decode()


# Its downloads


def test_as_a_page_it_holds_all_it_needs(conversation):
    share = shared(conversation, EVERYTHING)
    response = see(share, rest="/conversation.html")
    html = response.content.decode()
    assert response["Content-Disposition"] == 'attachment; filename="bread.html"'
    assert 'src="data:image/png;base64,' in html
    assert "With <em>flour</em>." in html
    assert share.token not in html
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)


def test_as_markdown_it_reads_as_it_was_written(conversation):
    text = see(shared(conversation, EVERYTHING), rest="/conversation.md").content.decode()
    assert text.startswith(
        "# Bread\n\n## You\n\n- loaf.png\n- page.html\n\nHow is bread made?\n\n## replayed\n\n"
    )
    assert "> Bread has *flour*.\n\nWith *flour*.\n" in text


def test_as_json_it_is_what_is_shown(conversation):
    share = shared(conversation, EVERYTHING)
    response = see(share, rest="/conversation.json")
    given = json.loads(response.content)
    assert given["branches"] == share.snapshot["branches"]
    assert set(given) == {"title", "branches", "revision", "published_at"}
    assert response["X-Robots-Tag"] == "noindex, nofollow"


# Going on with it


def test_a_reader_goes_on_in_a_conversation_of_their_own(conversation, strangers, stranger):
    share = shared(conversation, EVERYTHING)
    html = see(share, strangers).content.decode()
    assert f'href="{path(share, "/continue/2")}"' in html
    page = strangers.get(path(share, "/continue/2"))
    assert "2 messages" in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin", "or its form would come without an origin"
    response = strangers.post(path(share, "/continue/2"), {"revision": "1"})
    own = stranger.conversations.get()
    assert response.url == f"/c/{own.public_id}"
    assert "With <em>flour</em>." in strangers.get(response.url).content.decode()
    assert stranger.attachments.count() == 2
    assert strangers.get(f"/a/{stranger.attachments.first().public_id}").status_code == 200


def test_whoever_is_signed_out_signs_in_first_and_comes_back(conversation):
    share = shared(conversation)
    assert "Sign in to continue it" in see(share).content.decode()
    address = path(share, "/continue/1")
    for response in (Client().get(address), Client().post(address, {"revision": "1"})):
        assert response.url == f"/accounts/login/?next={address}"


def test_going_on_takes_a_form_of_this_site(conversation, stranger):
    share = shared(conversation)
    client = Client(enforce_csrf_checks=True)
    client.force_login(stranger)
    assert client.post(path(share, "/continue/1"), {"revision": "1"}).status_code == 403
    assert not stranger.conversations.exists()


def test_who_was_asked_about_an_earlier_state_is_asked_again(conversation, strangers, stranger):
    share = shared(conversation)
    share.update(None, Shown(), Terms(), draw)
    for revision in ("1", "", "x"):
        response = strangers.post(path(share, "/continue/2"), {"revision": revision})
        assert response.status_code == 409
        assert "has been updated" in response.content.decode()
    assert not stranger.conversations.exists()


def test_what_is_updated_while_it_is_copied_is_not_mixed(conversation, strangers, stranger, monkeypatch):
    share = shared(conversation, EVERYTHING)

    def updated_meanwhile(*given):
        share.update(None, Shown(), Terms(), draw)
        return path_to(*given)

    monkeypatch.setattr("chat.pages.shared.path_to", updated_meanwhile)
    response = strangers.post(path(share, "/continue/2"), {"revision": "1"})
    assert response.status_code == 409
    assert "has been updated" in response.content.decode()
    assert not stranger.conversations.exists()


def test_with_a_file_that_is_gone_nobody_goes_on_and_is_told_why(conversation, strangers, stranger):
    share = shared(conversation, EVERYTHING)
    share.files.update(file="shares/gone")
    response = strangers.post(path(share, "/continue/2"), {"revision": "1"})
    assert response.status_code == 409
    assert "The file loaf.png is no longer on this site." in response.content.decode()
    assert not stranger.conversations.exists()


@pytest.mark.parametrize("number", ["0", "3", "99999999999999999999"])
def test_nobody_goes_on_from_what_is_not_there(conversation, strangers, number):
    assert is_nowhere_for(strangers, shared(conversation), f"/continue/{number}")


def is_nowhere_for(client, share, rest):
    return client.get(path(share, rest)).status_code == client.post(path(share, rest)).status_code == 404


def test_a_long_conversation_costs_no_more_queries(conversation, strangers, django_assert_max_num_queries):
    for number in range(100):
        add_turn(conversation, str(number), "yes")
    share = shared(conversation, EVERYTHING)
    with django_assert_max_num_queries(8):
        assert see(share, strangers).status_code == 200
