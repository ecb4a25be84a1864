"""What people write is theirs: who runs the site sees that there are messages, and can delete them."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from chat.models import Attachment, Conversation, LanguageModel, Message

SECRET = "the text that nobody else reads"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def conversation(owner) -> Conversation:
    model = LanguageModel.objects.create(model_id="small")
    turn = Conversation.begin(owner, f"About bread\n\n{SECRET}", model, uuid4())
    turn.answer.content = [{"type": "text", "text": SECRET}]
    turn.answer.reasoning = SECRET
    turn.answer.status = "failed"
    turn.answer.error = {"message": "The key was refused.", "code": "upstream_auth_error"}
    turn.answer.save(update_fields=["content", "reasoning", "status", "error"])
    return turn.question.conversation


def test_the_lists_show_who_and_when(admin, conversation):
    assert "About bread" in admin.get("/admin/chat/conversation/").content.decode()
    page = admin.get("/admin/chat/message/").content.decode()
    assert "The key was refused." in page
    assert SECRET not in page


def test_no_page_shows_what_was_written(admin, conversation):
    pages = [f"conversation/{conversation.pk}/{view}/" for view in ("change", "delete", "history")]
    pages += [f"message/{message.pk}/change/" for message in Message.objects.all()]
    pages += [f"user/{conversation.owner_id}/delete/"]
    for page in pages:
        response = admin.get(f"/admin/chat/{page}")
        assert response.status_code == 200
        assert SECRET not in response.content.decode()


def test_files_are_listed_and_not_opened(admin, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    attachment = Attachment.take(owner, SimpleUploadedFile("diary.txt", SECRET.encode()))
    page = admin.get("/admin/chat/attachment/").content.decode()
    assert "diary.txt" in page
    assert owner.username in page
    change = admin.get(f"/admin/chat/attachment/{attachment.pk}/change/").content.decode()
    assert attachment.file.name not in change
    assert admin.get(f"/a/{attachment.public_id}").status_code == 404


def test_the_text_cannot_be_searched(admin, conversation):
    page = admin.get("/admin/chat/message/", {"q": "nobody"})
    assert page.context["cl"].result_count == 0


def test_nothing_is_edited(admin, conversation):
    admin.post(f"/admin/chat/conversation/{conversation.pk}/change/", {"title": "Mine"})
    conversation.refresh_from_db()
    assert conversation.title == "About bread"
    assert admin.post(f"/admin/chat/message/{conversation.head_id}/delete/").status_code == 403


def test_a_conversation_is_deleted_with_its_messages(admin, conversation):
    confirm = admin.get(f"/admin/chat/conversation/{conversation.pk}/delete/").content.decode()
    assert "2 messages" in confirm
    admin.post(f"/admin/chat/conversation/{conversation.pk}/delete/", {"post": "yes"})
    assert not Message.objects.exists()


def test_what_is_not_shown_is_not_loaded(admin, conversation, django_assert_max_num_queries):
    pages = (
        "message/",
        f"conversation/{conversation.pk}/delete/",
        f"user/{conversation.owner_id}/delete/",
    )
    for page in pages:
        with django_assert_max_num_queries(40) as queries:
            assert admin.get(f"/admin/chat/{page}").status_code == 200
        texts = [query["sql"] for query in queries if '"chat_message"."reasoning"' in query["sql"]]
        assert not texts, page


def test_a_person_is_deleted_with_all_that_is_theirs(admin, conversation):
    confirm = admin.get(f"/admin/chat/user/{conversation.owner_id}/delete/").content.decode()
    for count in ("1 users", "1 conversations", "2 messages"):
        assert count in confirm
    admin.post(f"/admin/chat/user/{conversation.owner_id}/delete/", {"post": "yes"})
    assert not Conversation.objects.exists()
