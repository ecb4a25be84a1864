"""The dialog in which a link is made and updated."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from chat.models import Attachment, Audience, Conversation, Share, Shown, Terms, User
from chat.pages.shared_page import draw
from tests import files
from tests.files import upload
from tests.pages.conftest import add_turn

HTMX = {"HX-Request": "true"}
FILLED_IN = {"audience": "link", "life": "longest"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def address(conversation: Conversation, rest: str = "") -> str:
    return f"/c/{conversation.public_id}/share{rest}"


def make(client, conversation, **fields):
    return client.post(address(conversation), FILLED_IN | fields, headers=HTMX)


def form_of(client, conversation, **query) -> str:
    return client.get(address(conversation), query, headers=HTMX).content.decode()


def test_it_shows_what_the_page_will_show(owners, conversation):
    html = form_of(owners, conversation)
    assert "data-shown" in html
    assert 'class="shared-message"' in html
    assert "With <em>flour</em>." in html
    assert not Share.objects.exists()


def test_it_makes_a_link_and_shows_it_to_be_copied(owners, conversation):
    html = make(owners, conversation).content.decode()
    share = Share.objects.get()
    assert f'value="http://testserver/s/{share.token}"' in html
    assert "data-copy-address" in html
    assert "Anyone with the link" in html
    assert share.owner == conversation.owner


def test_the_links_there_are_come_first_and_another_can_be_made(owners, conversation):
    make(owners, conversation)
    html = form_of(owners, conversation)
    assert f"/s/{Share.objects.get().token}" in html
    assert f'hx-get="{address(conversation)}?another"' in html
    assert "share-form" in form_of(owners, conversation, another="")


def test_only_what_there_is_can_be_ticked(owners, conversation, owner):
    html = form_of(owners, conversation)
    for name in ("branches", "reasoning", "system_prompt", "attachments"):
        assert f'name="{name}"' not in html
    picture = Attachment.take(owner, upload("loaf.png", files.PNG))
    prompt = conversation.messages.create(role="system", content=[{"type": "text", "text": "Be brief."}])
    first = conversation.messages.filter(role="user").first()
    first.parent, first.content = prompt, [picture.as_content()]
    first.save(update_fields=["parent", "content"])
    conversation.messages.filter(role="assistant").update(reasoning="Hm.")
    conversation.messages.create(role="assistant", parent=first)
    html = form_of(owners, conversation)
    for name in ("branches", "reasoning", "system_prompt", "attachments"):
        assert f'name="{name}"' in html


def test_the_preview_shows_what_is_ticked(owners, conversation, owner):
    picture = Attachment.take(owner, upload("loaf.png", files.PNG))
    first = conversation.messages.first()
    first.content = [picture.as_content()]
    first.save(update_fields=["content"])
    conversation.messages.filter(role="assistant").update(reasoning="Think of *rye*.")
    plain = owners.get(address(conversation, "/preview"), headers=HTMX).content.decode()
    assert "rye" not in plain
    assert "1 file that is not shared" in plain
    ticked = owners.get(
        address(conversation, "/preview"), {"reasoning": "on", "attachments": "on"}, headers=HTMX
    ).content.decode()
    assert "Think of <em>rye</em>." in ticked
    assert f'src="/a/{picture.public_id}"' in ticked


def test_it_points_out_what_looks_like_a_secret_or_an_address(owners, conversation, owner):
    notes = Attachment.take(owner, upload("notes.txt", b"password: hunter2hunter2"))
    add_turn(conversation, "My key is sk-abcdefghijklmnopqrstuvwx", "Write to olga@example.org.")
    first = conversation.messages.first()
    first.content = [notes.as_content()]
    first.save(update_fields=["content"])
    html = form_of(owners, conversation)
    assert "API key in <a href="  # m3">message 3</a>: <code>sk-abcdefghijklmnopqrstuvwx</code>" in html
    assert "E-mail address in <a href="  # m4">message 4</a>: <code>olga@example.org</code>" in html
    assert "hunter2" not in html
    ticked = owners.get(address(conversation, "/preview"), {"attachments": "on"}).content.decode()
    assert "Password in notes.txt" in ticked


def test_of_many_warnings_some_are_shown_and_the_others_counted(owners, conversation):
    add_turn(conversation, " ".join(f"person{number}@example.org" for number in range(20)), "Yes.")
    assert "and 8 more" in form_of(owners, conversation)


def test_the_branch_that_the_page_shows_is_shared(owners, conversation):
    question = conversation.messages.first()
    rye = conversation.messages.create(
        role="assistant", parent=question, content=[{"type": "text", "text": "With rye."}]
    )
    assert "With rye." in form_of(owners, conversation, leaf=rye.public_id)
    make(owners, conversation, leaf=rye.public_id)
    assert Share.objects.get().snapshot["branches"][0]["messages"][1]["text"] == "With rye."


@pytest.mark.parametrize("leaf", ["x", "x" * 22, "\0", "🥖"])
def test_a_message_of_another_conversation_is_a_404(owners, conversation, owner, leaf):
    for given in (leaf, _foreign_message(owner).public_id):
        assert owners.get(address(conversation), {"leaf": given}).status_code == 404
        assert owners.get(address(conversation, "/preview"), {"leaf": given}).status_code == 404
        assert make(owners, conversation, leaf=given).status_code == 404
    assert not Share.objects.exists()


def _foreign_message(owner: User):
    other = Conversation.objects.create(owner=owner, title="Other")
    return other.messages.create(role="user", content=[{"type": "text", "text": "Q"}])


def test_the_terms_are_kept(owners, conversation, stranger, owner):
    group = Group.objects.create(name="Bakers")
    owner.groups.add(group)
    make(
        owners,
        conversation,
        audience="named",
        people="stanislav, OLGA@example.org",
        groups=[group.pk],
        life="day",
        passphrase=" open sesame ",
        max_views="3",
        is_listed="on",
    )
    share = Share.objects.get()
    assert share.audience == Audience.NAMED
    assert set(share.people.all()) == {stranger, owner}
    assert share.groups.get() == group
    assert abs(share.expires_at - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)
    assert share.unlocks(" open sesame ")
    assert (share.max_views, share.is_listed) == (3, True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("audience", "everybody", "Choose who may open the link"),
        ("life", "century", "Choose when the link ends"),
        ("max_views", "0", "opened once at least"),
        ("max_views", "-1", "opened once at least"),
        ("max_views", "many", "are a number"),
        ("max_views", "9" * 30, "Leave the most views empty"),
        ("passphrase", "x" * 201, "at most 200 characters"),
    ],
)
def test_an_impossible_value_is_refused_with_words(owners, conversation, field, value, words):
    response = make(owners, conversation, **{field: value})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Share.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Name at least one person or group"),
        ({"people": "nobody"}, "There is nobody called nobody here"),
        ({"people": "\0"}, "Null characters are not allowed"),
        ({"people": "<b>"}, "There is nobody called &lt;b&gt; here"),
        ({"groups": ["999"]}, "You are not in this group"),
        ({"groups": ["x"]}, "There is no such group"),
    ],
)
def test_for_some_is_for_people_and_groups_that_there_are(owners, conversation, fields, words):
    response = make(owners, conversation, audience="named", **fields)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_person_is_named_in_any_case_as_at_the_sign_in(owners, conversation, stranger):
    assert make(owners, conversation, audience="named", people="Stanislav").status_code == 200
    assert list(Share.objects.get().people.all()) == [stranger]


def test_who_is_spelled_just_so_is_meant(owners, conversation, stranger):
    namesake = User.objects.create_user("Stanislav")
    assert make(owners, conversation, audience="named", people="Stanislav").status_code == 200
    assert list(Share.objects.get().people.all()) == [namesake]


def test_a_group_that_one_is_not_in_cannot_be_named(owners, conversation):
    group = Group.objects.create(name="Bakers")
    assert "Bakers" not in form_of(owners, conversation)
    assert make(owners, conversation, audience="named", groups=[group.pk]).status_code == 422


def test_where_nothing_may_be_public_it_is_not_offered(owners, conversation, settings):
    settings.SHARE_PUBLIC = False
    assert 'value="link"' not in form_of(owners, conversation)
    assert make(owners, conversation).status_code == 422
    assert make(owners, conversation, audience="signed-in").status_code == 200


def test_no_longer_life_than_the_site_allows_is_offered(owners, conversation, settings):
    settings.SHARE_LONGEST_DAYS = 7
    html = form_of(owners, conversation)
    assert "7 days, the longest here" in html
    assert "30 days" not in html
    assert "Never" not in html
    assert make(owners, conversation, life="month").status_code == 422
    make(owners, conversation)
    assert Share.objects.get().ends_at is not None


def test_what_is_being_written_is_not_shared_and_the_dialog_says_so(owners, owner, model):
    conversation = Conversation.begin(owner, "How?", model, uuid4()).answer.conversation
    assert "An answer is still being written" in form_of(owners, conversation)
    response = make(owners, conversation)
    assert response.status_code == 422
    assert "An answer is still being written" in response.content.decode()


def test_an_update_begins_with_what_was_agreed(owners, conversation, stranger):
    share = conversation.share(
        draw,
        shown=Shown(reasoning=True),
        terms=Terms(
            audience=Audience.NAMED,
            people=[stranger],
            expires_at=timezone.now() + timedelta(days=3),
            passphrase="open sesame",
            max_views=7,
        ),
    )
    html = owners.get(f"/links/{share.public_id}/update").content.decode()
    assert 'name="reasoning" checked' in html
    assert 'value="named" checked' in html
    assert 'value="stanislav"' in html
    assert '<option value="kept" selected>' in html
    assert 'value="7"' in html
    assert "sesame" not in html


def test_an_update_keeps_address_views_and_passphrase(owners, conversation):
    share = conversation.share(draw, terms=Terms(passphrase="open sesame"))
    share.count_view()
    add_turn(conversation, "And now?", "Bake it.")
    html = owners.post(f"/links/{share.public_id}/update", FILLED_IN, headers=HTMX).content.decode()
    assert f"/s/{share.token}" in html
    again = Share.objects.get()
    assert again.views == 1
    assert again.revision == 2
    assert again.unlocks("open sesame")
    assert "Bake it." in str(again.snapshot)
    owners.post(f"/links/{share.public_id}/update", FILLED_IN | {"is_open_again": "on"}, headers=HTMX)
    assert not Share.objects.get().passphrase


def test_a_stranger_gets_404_everywhere(strangers, conversation, administrator, client):
    share = conversation.share(draw)
    client.force_login(administrator)
    for visitor in (strangers, client):
        for path in (address(conversation), f"/links/{share.public_id}/update"):
            assert visitor.get(path).status_code == 404
            assert visitor.post(path, FILLED_IN).status_code == 404
        assert visitor.get(address(conversation, "/preview")).status_code == 404
        assert visitor.post(f"/links/{share.public_id}/revoke").status_code == 404
    share.refresh_from_db()
    assert (share.revision, share.revoked_at) == (1, None)
    assert Share.objects.count() == 1


def test_whoever_is_signed_out_shares_nothing(client, conversation):
    assert client.post(address(conversation), FILLED_IN).status_code == 302
    assert not Share.objects.exists()


def test_an_update_of_a_link_that_has_ended_opens_it_again(owners, conversation, client):
    share = conversation.share(draw, terms=Terms(expires_at=timezone.now() - timedelta(hours=1)))
    html = owners.get(f"/links/{share.public_id}/update").content.decode()
    assert 'value="kept"' not in html
    assert owners.post(f"/links/{share.public_id}/update", FILLED_IN | {"life": "kept"}).status_code == 422
    owners.post(f"/links/{share.public_id}/update", FILLED_IN | {"life": "day"})
    assert client.get(f"/s/{share.token}").status_code == 200
