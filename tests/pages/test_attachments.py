import re
import uuid

import pytest
from django.test import override_settings

from chat.models import Attachment, Conversation
from tests import files
from tests.files import upload

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def post(client, *uploads, **fields):
    return client.post("/attachments", {"files": uploads, **fields}, headers=HTMX)


def draft(owner, name="picture.png", content=files.PNG) -> Attachment:
    return Attachment.take(owner, upload(name, content))


def test_files_become_chips_of_the_box(owners, owner):
    response = post(owners, upload("picture.png", files.PNG), upload("notes <1>.txt", b"Flour"))
    html = response.content.decode()
    assert response.status_code == 200
    picture, notes = owner.attachments.order_by("pk")
    assert html.count('class="chip"') == 2
    assert f'name="attachments" value="{picture.public_id}" form="composer-form"' in html
    assert f'src="/a/{picture.public_id}/thumbnail"' in html
    assert "notes &lt;1&gt;.txt" in html
    assert f'hx-post="/attachments/{notes.public_id}/remove"' in html
    assert "composer-notice" not in html


def test_what_is_wrong_with_one_is_said_and_the_others_are_kept(owners, owner):
    html = post(owners, upload("a.zip", files.ZIP), upload("a.txt", b"Flour")).content.decode()
    assert html.count('class="chip"') == 1
    assert "a.zip is of a type that cannot be sent" in html
    assert 'hx-target="#composer-notice"' in html
    assert owner.attachments.get().name == "a.txt"


def test_nothing_taken_is_a_refusal(owners, owner):
    response = post(owners, upload("a.zip", files.ZIP))
    assert response.status_code == 422
    assert "a.zip is of a type" in response.content.decode()


@override_settings(ATTACHMENT_MAX_SIZE=10)
def test_one_that_is_too_large_is_refused(owners, owner):
    assert "larger than 10" in post(owners, upload("a.txt", b"a" * 11)).content.decode()
    assert not owner.attachments.exists()


def test_there_is_room_for_ten_with_those_that_are_there(owners, owner):
    html = post(owners, *(upload("a.txt", b"A") for _ in range(4)), attachments=["id"] * 8).content.decode()
    assert html.count('class="chip"') == 2
    assert "takes 10 files at most" in html
    assert post(owners, upload("a.txt", b"A"), attachments=["id"] * 12).status_code == 422


def test_whoever_is_signed_out_attaches_nothing(client, db):
    assert post(client, upload("a.txt", b"A"))["HX-Redirect"].startswith("/accounts/login/")
    assert not Attachment.objects.exists()


def test_a_draft_is_removed_with_its_file(owners, owner, tmp_path, django_capture_on_commit_callbacks):
    attachment = draft(owner)
    with django_capture_on_commit_callbacks(execute=True):
        assert owners.post(f"/attachments/{attachment.public_id}/remove").status_code == 200
    assert not Attachment.objects.exists()
    assert not (tmp_path / attachment.file.name).exists()


def test_a_stranger_removes_nothing(strangers, owner):
    attachment = draft(owner)
    assert strangers.post(f"/attachments/{attachment.public_id}/remove").status_code == 404
    assert Attachment.objects.exists()


def test_what_was_sent_is_not_removed(owners, owner, model):
    attachment = draft(owner)
    Conversation.begin(owner, "", model, uuid.uuid4(), [attachment.public_id])
    assert owners.post(f"/attachments/{attachment.public_id}/remove").status_code == 404
    assert Attachment.objects.exists()


def test_removing_takes_a_post(owners, owner):
    assert owners.get(f"/attachments/{draft(owner).public_id}/remove").status_code == 405


@pytest.mark.parametrize(
    ("content", "media_type", "disposition"),
    [
        (files.PNG, "image/png", 'inline; filename="a.png"'),
        (files.PDF, "application/pdf", 'attachment; filename="a.png"'),
        (files.MP4, "video/mp4", 'attachment; filename="a.png"'),
        (files.HTML, "text/plain; charset=utf-8", 'attachment; filename="a.png"'),
        (b"<svg/>", "text/plain; charset=utf-8", 'attachment; filename="a.png"'),
    ],
)
def test_the_owner_is_served_it_as_what_it_is_and_nothing_in_it_runs(
    owners, owner, content, media_type, disposition
):
    response = owners.get(f"/a/{draft(owner, 'a.png', content).public_id}")
    assert response.content == content
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == disposition
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    assert "public" not in response["Cache-Control"]


def test_a_name_in_any_script_comes_with_it(owners, owner):
    attachment = draft(owner, "größe.txt", b"A")
    response = owners.get(f"/a/{attachment.public_id}")
    assert "filename*=utf-8''gr%C3%B6%C3%9Fe.txt" in response["Content-Disposition"]


def test_to_anyone_else_it_does_not_exist(strangers, client, owner):
    address = f"/a/{draft(owner).public_id}"
    assert strangers.get(address).status_code == 404
    assert client.get(address).url.startswith("/accounts/login/")


def test_one_whose_file_is_lost_does_not_exist_any_more(owners, owner):
    attachment = draft(owner)
    attachment.file.storage.delete(attachment.file.name)
    assert owners.get(f"/a/{attachment.public_id}").status_code == 404


def test_a_chat_begins_with_files_and_no_text(owners, owner, model, monkeypatch):
    monkeypatch.setattr("chat.pages.conversations.async_to_sync", lambda begin: lambda turn: None)
    attachment = draft(owner)
    sent = {"text": "", "model": model.model_id, "turn_id": str(uuid.uuid4())}
    response = owners.post("/", sent | {"attachments": [attachment.public_id]})
    assert response.status_code == 302
    html = owners.get(response.url).content.decode()
    assert f'href="/a/{attachment.public_id}"' in html
    assert 'alt="picture.png"' in html
    assert "message__said" not in html


def test_what_cannot_be_sent_keeps_its_files_in_the_box(owners, owner, stranger, model):
    mine, theirs = draft(owner), draft(stranger)
    response = owners.post(
        "/",
        {
            "text": "Hello",
            "model": model.model_id,
            "turn_id": str(uuid.uuid4()),
            "attachments": [mine.public_id, theirs.public_id],
        },
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert "A file of this message is no longer there" in html
    assert re.findall(r'name="attachments" value="([^"]+)"', html) == [mine.public_id]


def test_a_page_that_is_loaded_anew_finds_its_drafts_again(owners, strangers, owner, model):
    one, two, sent = draft(owner), draft(owner), draft(owner)
    Conversation.begin(owner, "", model, uuid.uuid4(), [sent.public_id])
    query = {"attachments": [two.public_id, one.public_id, sent.public_id, "none"]}
    html = owners.get("/attachments", query).content.decode()
    assert re.findall(r'name="attachments" value="([^"]+)"', html) == [two.public_id, one.public_id]
    assert "chip" not in strangers.get("/attachments", query).content.decode()


def test_a_question_that_is_edited_brings_its_files_which_removing_does_not_delete(
    owners, strangers, owner, model
):
    sent = draft(owner)
    turn = Conversation.begin(owner, "", model, uuid.uuid4(), [sent.public_id])
    html = owners.get("/attachments", {"message": turn.question.public_id}).content.decode()
    assert f'value="{sent.public_id}"' in html
    assert "data-take-off" in html
    assert "hx-post" not in html
    assert strangers.get("/attachments", {"message": turn.question.public_id}).status_code == 404
