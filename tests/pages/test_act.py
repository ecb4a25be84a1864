"""What is done with conversations that were chosen."""

import pytest
from django.utils import timezone

from chat.models import Conversation, Folder, Message, Tag
from chat.models.shelf import MOST_PINNED
from chat.pages.acts import ACTS, MOST_AT_ONCE

HTMX = {"HX-Request": "true"}


@pytest.fixture
def theirs(stranger) -> Conversation:
    return Conversation.objects.create(owner=stranger, title="Somebody else's")


def act(client, verb, *conversations, **fields):
    fields["conversations"] = [getattr(each, "public_id", each) for each in conversations]
    headers = fields.pop("headers", HTMX)
    return client.post(f"/library/{verb}", fields, headers=headers)


def fresh(conversation):
    return Conversation.objects.get(pk=conversation.pk)


def test_it_is_pinned_and_stands_first(owners, owner, conversation):
    Conversation.objects.create(owner=owner, title="Later one")
    html = act(owners, "pin", conversation).content.decode()
    assert html.index("Pinned") < html.index("Bread") < html.index("Later one")
    assert html.count("Bread</a>") == 1
    act(owners, "unpin", conversation)
    assert fresh(conversation).pinned_at is None


def test_more_pins_than_stay_in_sight_are_refused(owners, owner, conversation):
    Conversation.objects.bulk_create(
        Conversation(owner=owner, title=str(number), pinned_at=timezone.now())
        for number in range(MOST_PINNED)
    )
    assert act(owners, "pin", conversation).status_code == 422
    assert fresh(conversation).pinned_at is None


def test_what_is_archived_leaves_the_sidebar_and_can_be_undone(owners, conversation):
    html = act(owners, "archive", conversation).content.decode()
    assert "Bread</a>" not in html
    assert 'hx-post="/library/unarchive"' in html
    assert "Bread" in owners.get("/library?archived=yes").content.decode()
    act(owners, "unarchive", conversation)
    assert "Bread</a>" in owners.get("/").content.decode()


def test_several_are_moved_into_a_folder_and_out_of_it(owners, owner, conversation):
    other = Conversation.objects.create(owner=owner, title="Other")
    folder = Folder.named(owner, "Baking")
    act(owners, "move", conversation, other, folder=folder.public_id)
    assert folder.conversations.count() == 2
    act(owners, "move", other, folder="")
    assert list(folder.conversations.all()) == [conversation]


def test_a_new_folder_is_made_on_the_way(owners, conversation):
    act(owners, "move", conversation, new_folder="  Baking  ")
    assert fresh(conversation).folder.name == "Baking"


def test_tags_are_given_and_taken_by_their_names(owners, owner, conversation):
    act(owners, "tag", conversation, tag="yeast")
    act(owners, "tag", conversation, tag="yeast")
    assert [tag.name for tag in conversation.tags.all()] == ["yeast"]
    act(owners, "untag", conversation, tag="yeast")
    assert not conversation.tags.exists()


def test_what_is_deleted_is_in_the_trash_and_nowhere_else(owners, conversation):
    html = act(owners, "trash", conversation).content.decode()
    assert 'hx-post="/library/restore"' in html
    answer = conversation.head.public_id
    gone = [
        f"/c/{conversation.public_id}",
        f"/c/{conversation.public_id}/earlier",
        f"/c/{conversation.public_id}/rename",
        f"/c/{conversation.public_id}/menu",
        f"/c/{conversation.public_id}/where",
        f"/m/{answer}.md",
        f"/m/{answer}/details",
        f"/attachments?message={answer}",
    ]
    assert {owners.get(path).status_code for path in gone} == {404}
    for path in ("/", "/library", "/conversations", "/search?q=bread"):
        assert "Bread" not in owners.get(path).content.decode()
    assert "Bread" in owners.get("/trash").content.decode()


def test_deleting_is_undone(owners, conversation):
    act(owners, "trash", conversation)
    assert "Bread</a>" in act(owners, "restore", conversation).content.decode()
    assert owners.get(f"/c/{conversation.public_id}").status_code == 200


def test_its_own_page_is_left_and_says_how_to_undo(owners, conversation):
    page = {"HX-Current-URL": f"http://testserver/c/{conversation.public_id}"}
    assert act(owners, "trash", conversation, headers=HTMX | page)["HX-Redirect"] == "/"
    html = owners.get("/").content.decode()
    assert '<div class="banner banner--quiet" role="status">Moved to the trash.' in html
    assert 'action="/library/restore"' in html
    assert conversation.public_id in html


def test_it_works_without_script_and_comes_back_to_the_list(owners, conversation):
    response = act(owners, "archive", conversation, headers={}, next="/library?archived=yes")
    assert response.url == "/library?archived=yes"
    assert "Moved to the archive." in owners.get(response.url).content.decode()


@pytest.mark.parametrize(
    "back", ["https://example.org/", "//example.org", "javascript:alert(1)", "\\\\example.org"]
)
def test_it_leads_nowhere_else(owners, conversation, back):
    assert act(owners, "archive", conversation, headers={}, next=back).url == "/library"


def test_deleting_for_ever_asks_back_first(owners, conversation):
    act(owners, "trash", conversation)
    assert "1 conversation with all messages" in act(owners, "erase", conversation).content.decode()
    assert Message.objects.exists()
    act(owners, "erase", conversation, sure="yes")
    assert not Message.objects.exists()


def test_what_is_not_in_the_trash_is_not_deleted_for_ever(owners, conversation):
    assert act(owners, "erase", conversation, sure="yes").status_code == 404
    assert act(owners, "restore", conversation).status_code == 404
    assert Message.objects.exists()


@pytest.mark.parametrize("verb", ACTS)
def test_a_strangers_conversation_does_not_exist_for_any_of_it(owners, conversation, theirs, verb):
    if verb in {"restore", "erase"}:
        Conversation.objects.update(deleted_at=timezone.now())
    before = list(Conversation.objects.order_by("pk").values())
    fields = {"tag": "new", "new_folder": "new", "sure": "yes"}
    assert act(owners, verb, conversation, theirs, **fields).status_code == 404
    assert list(Conversation.objects.order_by("pk").values()) == before
    assert not Tag.objects.exists()
    assert not Folder.objects.exists()


def test_a_strangers_folder_and_tag_do_not_exist(owners, stranger, conversation):
    folder, tag = Folder.named(stranger, "Theirs"), Tag.named(stranger, "theirs")
    assert act(owners, "move", conversation, folder=folder.public_id).status_code == 404
    assert act(owners, "untag", conversation, tag=tag.name).status_code == 422
    for path in (f"/library?folder={folder.public_id}", f"/library?tag={tag.public_id}"):
        assert owners.get(path).status_code == 404
    assert owners.get(f"/conversations?folder={folder.public_id}").status_code == 404
    assert fresh(conversation).folder is None


@pytest.mark.parametrize("public_id", ["", "x", "\0", "../../etc/passwd", "é" * 22, "-" * 22])
def test_what_is_no_id_is_404(owners, conversation, public_id):
    assert act(owners, "archive", conversation, public_id).status_code == 404
    assert fresh(conversation).archived_at is None


def test_without_any_chosen_it_says_so(owners):
    response = act(owners, "archive")
    assert (response.status_code, "Choose a conversation first" in response.content.decode()) == (422, True)


def test_too_many_at_once_are_refused(owners, conversation):
    others = [f"{number:022d}" for number in range(MOST_AT_ONCE)]
    assert act(owners, "archive", conversation, *others).status_code == 422


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_tag_needs_a_name_of_some_length(owners, conversation, name):
    assert act(owners, "tag", conversation, tag=name).status_code == 422
    assert not Tag.objects.exists()


@pytest.mark.parametrize("name", ["\0", "\ud800", "<img src=x onerror=alert(1)>", "a\nb"])
def test_names_are_kept_as_text(owners, conversation, name):
    assert act(owners, "tag", conversation, tag=name.encode("utf-8", "replace").decode()).status_code == 200
    html = owners.get("/library").content.decode()
    assert "<img" not in html


def test_there_is_no_other_verb(owners, conversation):
    assert act(owners, "explode", conversation).status_code == 404


@pytest.mark.parametrize("verb", ACTS)
def test_nothing_changes_by_looking(owners, conversation, verb):
    assert owners.get(f"/library/{verb}").status_code == 405


def test_whoever_is_signed_out_changes_nothing(client, conversation):
    assert act(client, "trash", conversation, headers={}).status_code == 302
    assert fresh(conversation).deleted_at is None


def test_it_costs_the_same_queries_however_many(owners, owner, conversation, django_assert_num_queries):
    others = [Conversation.objects.create(owner=owner, title=str(number)) for number in range(30)]
    owners.get("/")
    with django_assert_num_queries(7):
        act(owners, "archive", conversation)
    with django_assert_num_queries(7):
        act(owners, "archive", *others)
