"""The list of all conversations, the trash, folders and tags."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.live.keeper import tidy
from chat.models import Conversation, Folder, Tag


def many(owner, count, **fields):
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(
            owner=owner,
            title=f"Title {number}.",
            updated_at=now - timedelta(hours=1, minutes=number),
            **fields,
        )
        for number in range(count)
    )


def text(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_all_are_listed_in_pages(owners, owner):
    many(owner, 70)
    first = text(owners, "/library")
    assert ("Title 49." in first, "Title 50." in first) == (True, False)
    last = Conversation.objects.get(title="Title 49.")
    second = text(owners, f"/library?after={last.public_id}")
    assert ("Title 50." in second, "Title 69." in second, "Older ones" in second) == (True, True, False)


def test_a_folder_and_a_tag_are_lists_of_their_own(owners, owner, conversation):
    many(owner, 1)
    folder, tag = Folder.named(owner, "Baking"), Tag.named(owner, "yeast")
    conversation.sort(folder, [tag])
    for query in (f"folder={folder.public_id}", f"tag={tag.public_id}"):
        html = text(owners, f"/library?{query}")
        assert (">Bread</a>" in html, "Title 0." in html) == (True, False)


@pytest.mark.parametrize("query", ["folder=x", "tag=%00", "after=x", "after=%ff", "folder=" + "A" * 22])
def test_what_does_not_exist_is_404(owners, query):
    assert owners.get(f"/library?{query}").status_code == 404


def test_others_see_none_of_it(strangers, owner, conversation):
    Folder.named(owner, "Baking")
    Tag.named(owner, "yeast")
    for path in ("/library", "/trash", "/labels", "/search?q=bread", "/"):
        html = text(strangers, path)
        assert not any(word in html for word in ("Bread", "Baking", "yeast"))
    assert strangers.get(f"/library?after={conversation.public_id}").status_code == 404
    conversation.messages.first()


@pytest.mark.parametrize("path", ["/library", "/trash", "/labels", "/search"])
def test_whoever_is_signed_out_is_sent_to_sign_in(client, path, db):
    assert client.get(path).status_code == 302


def test_the_list_costs_the_same_queries_however_long(owners, owner, django_assert_num_queries):
    many(owner, 2)
    text(owners, "/library")
    with django_assert_num_queries(6):
        text(owners, "/library")
    many(owner, 60, folder=Folder.named(owner, "Baking"))
    with django_assert_num_queries(6):
        text(owners, "/library")


def test_the_trash_is_emptied_after_asking_back(owners, owner, stranger):
    many(owner, 3, deleted_at=timezone.now())
    many(stranger, 1, deleted_at=timezone.now())
    assert "3 conversations" in owners.post("/trash/empty").content.decode()
    assert owner.conversations.count() == 3
    owners.post("/trash/empty", {"sure": "yes"})
    assert (owner.conversations.count(), stranger.conversations.count()) == (0, 1)


def test_what_is_in_the_trash_for_a_month_is_gone(owner):
    many(owner, 1, deleted_at=timezone.now() - timedelta(days=29))
    many(owner, 2, deleted_at=timezone.now() - timedelta(days=31))
    many(owner, 1)
    tidy()
    assert owner.conversations.count() == 2


def test_a_folder_is_made_renamed_and_deleted_and_its_conversations_stay(owners, owner, conversation):
    owners.post("/folders", {"name": "Baking"})
    folder = Folder.objects.get()
    conversation.sort(folder, [])
    owners.post(f"/folders/{folder.public_id}/rename", {"name": "Bakery"})
    assert "Bakery" in text(owners, "/labels")
    owners.post(f"/folders/{folder.public_id}/delete")
    assert Conversation.objects.get().folder is None


def test_a_tag_is_made_renamed_and_deleted(owners, owner, conversation):
    owners.post("/tags", {"name": "yeast"})
    tag = Tag.objects.get()
    owners.post(f"/tags/{tag.public_id}/rename", {"name": "dough"})
    assert Tag.objects.get().name == "dough"
    owners.post(f"/tags/{tag.public_id}/delete")
    assert not Tag.objects.exists()


def test_it_is_asked_before_a_folder_or_a_tag_is_deleted(owners, owner, conversation):
    folder, tag = Folder.named(owner, "Baking"), Tag.named(owner, "yeast")
    conversation.sort(folder, [tag])
    for address in (f"/folders/{folder.public_id}/delete", f"/tags/{tag.public_id}/delete"):
        assert address in text(owners, "/labels")
        assert "1 conversation" in text(owners, address)
    assert Folder.objects.exists()
    assert Tag.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
@pytest.mark.parametrize("kind", ["folders", "tags"])
def test_a_name_that_cannot_be_is_refused_in_words(owners, owner, kind, name):
    label = (Folder if kind == "folders" else Tag).named(owner, "First")
    owners.post(f"/{kind}", {"name": name})
    assert "name" in text(owners, "/labels")
    owners.post(f"/{kind}/{label.public_id}/rename", {"name": name})
    label.refresh_from_db()
    assert label.name == "First"
    assert type(label).objects.count() == 1


def test_two_folders_have_different_names(owners, owner):
    Folder.named(owner, "One")
    two = Folder.named(owner, "Two")
    owners.post(f"/folders/{two.public_id}/rename", {"name": "One"})
    assert "Another folder has this name." in text(owners, "/labels")
    assert Folder.objects.filter(name="Two").exists()


def test_there_are_not_folders_without_end(owners, owner):
    Folder.objects.bulk_create(Folder(owner=owner, name=str(number)) for number in range(200))
    owners.post("/folders", {"name": "One more"})
    assert "Delete one first" in text(owners, "/labels")
    assert Folder.objects.count() == 200


@pytest.mark.parametrize("verb", ["rename", "delete"])
def test_a_strangers_folders_and_tags_do_not_exist(strangers, owner, verb):
    folder, tag = Folder.named(owner, "Baking"), Tag.named(owner, "yeast")
    for path in (f"/folders/{folder.public_id}/{verb}", f"/tags/{tag.public_id}/{verb}"):
        assert strangers.post(path, {"name": "Mine"}).status_code == 404
        assert verb == "rename" or strangers.get(path).status_code == 404
    assert (Folder.objects.get().name, Tag.objects.get().name) == ("Baking", "yeast")


HTMX = {"HX-Request": "true"}


def test_a_conversation_is_sorted_in_its_dialog(owners, owner, conversation):
    folder, tag, other = Folder.named(owner, "Baking"), Tag.named(owner, "yeast"), Tag.named(owner, "other")
    conversation.sort(None, [other])
    address = f"/c/{conversation.public_id}/where"
    assert "Baking" in text(owners, address)
    fields = {"folder": folder.public_id, "tags": [tag.public_id], "new_tag": "rye"}
    assert "Baking" in owners.post(address, fields, headers=HTMX).content.decode()
    found = Conversation.objects.get()
    assert (found.folder, {each.name for each in found.tags.all()}) == (folder, {"yeast", "rye"})


def test_nothing_is_sorted_by_what_is_wrong(owners, owner, stranger, strangers, conversation):
    address = f"/c/{conversation.public_id}/where"
    theirs = Folder.named(stranger, "Theirs"), Tag.named(stranger, "theirs")
    wrong = [
        {"folder": theirs[0].public_id, "new_tag": "made"},
        {"tags": [theirs[1].public_id], "new_folder": "made"},
        {"folder": "\0"},
    ]
    assert {owners.post(address, fields, headers=HTMX).status_code for fields in wrong} == {404}
    assert owners.post(address, {"new_tag": "x" * 61, "new_folder": "made"}, headers=HTMX).status_code == 422
    assert strangers.post(address, {}, headers=HTMX).status_code == 404
    assert not Folder.objects.filter(owner=owner).exists()


def test_a_folder_is_loaded_when_it_is_opened(owners, owner, conversation):
    folder = Folder.named(owner, "Baking")
    conversation.sort(folder, [])
    html = text(owners, "/")
    assert ("Baking" in html, ">Bread</a>" in html) == (True, False)
    assert ">Bread</a>" in text(owners, f"/conversations?folder={folder.public_id}")
    assert ">Bread</a>" in text(owners, f"/c/{conversation.public_id}")


def test_a_folder_is_loaded_in_pages(owners, owner):
    folder = Folder.named(owner, "Baking")
    many(owner, 50, folder=folder)
    first = text(owners, f"/conversations?folder={folder.public_id}")
    place = first.split("/conversations?")[1].split('"')[0].replace("&amp;", "&")
    assert first.count(">Title ") == 40
    assert text(owners, f"/conversations?{place}").count(">Title ") == 10
