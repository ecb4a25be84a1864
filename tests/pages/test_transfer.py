import json

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from chat.models import Conversation, Intake
from chat.transfer import importing
from tests.files import upload
from tests.pages.conftest import begun
from tests.transfer.exports import branched_chatgpt

HTMX = {"HX-Request": "true"}
EXPORT = "/transfer/export"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def intake(owner) -> Intake:
    return importing.take_in(owner, upload("chats.json", json.dumps([branched_chatgpt()]).encode()))


@async_to_sync
async def body(response) -> bytes:
    return b"".join([piece async for piece in response])


def test_the_page_offers_both(owners, conversation):
    html = owners.get("/transfer").content.decode()
    assert "Import and export" in html
    assert f'value="{conversation.public_id}"' in html


def test_what_is_in_the_trash_is_neither_offered_nor_exported(owners, owner, model, conversation):
    begun(owner, model, "Rolls", "How?", "So.")
    Conversation.objects.filter(pk=conversation.pk).trash()
    html = owners.get("/transfer").content.decode()
    assert "Rolls" in html
    assert conversation.public_id not in html
    exported = json.loads(body(owners.get(EXPORT, {"form": "json"})))
    assert [each["title"] for each in exported["conversations"]] == ["Rolls"]
    one = {"form": "json", "conversation": conversation.public_id}
    assert owners.get(EXPORT, one).status_code == 404


def test_a_file_is_kept_and_its_progress_shown(owners, owner, django_capture_on_commit_callbacks):
    file = upload("chats.json", json.dumps([branched_chatgpt()]).encode())
    assert owners.post("/transfer/import", {"file": file}).url == "/transfer"
    intake = Intake.objects.get(owner=owner)
    assert intake.state == "waiting"
    assert f'hx-get="/transfer/imports/{intake.pk}"' in owners.get("/transfer").content.decode()


def test_what_is_done_is_polled_no_more_and_told(owners, intake):
    importing.read(intake)
    html = owners.get(f"/transfer/imports/{intake.pk}", headers=HTMX).content.decode()
    assert "Done: 1 conversation taken" in html
    assert "hx-get" not in html
    assert "Bread" in owners.get("/").content.decode()


def test_the_end_of_an_import_is_told_to_the_page_that_had_nothing_to_export(owners, intake):
    assert 'hx-trigger="imported from:document"' in owners.get("/transfer").content.decode()
    address = f"/transfer/imports/{intake.pk}"
    assert "HX-Trigger" not in owners.get(address)
    importing.read(intake)
    assert owners.get(address)["HX-Trigger"] == '{"imported": {}}'


def test_an_import_that_ends_while_the_page_is_made_is_still_asked_after(owners, intake):
    def ends_behind(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if 'FROM "chat_conversation"' in sql and Intake.objects.unfinished().exists():
            importing.read(intake)
        return answer

    with connection.execute_wrapper(ends_behind):
        html = owners.get("/transfer").content.decode()
    assert not Intake.objects.unfinished().exists()
    assert f'hx-get="/transfer/imports/{intake.pk}"' in html
    assert "can be exported when the import has ended" in html
    assert "You have no conversations yet" not in html


def test_what_could_not_be_taken_is_listed_as_text(owners, intake):
    intake.note("A file that is not in the archive", "<b>a</b>.pdf")
    importing.read(intake)
    html = owners.get(f"/transfer/imports/{intake.pk}").content.decode()
    assert "&lt;b&gt;a&lt;/b&gt;.pdf" in html


@pytest.mark.parametrize("sent", [{}, {"file": ""}, {"file": "text"}])
def test_no_file_is_answered_in_words(owners, sent):
    response = owners.post("/transfer/import", sent)
    assert response.status_code == 422
    assert "Choose a file first." in response.content.decode()


def test_a_file_that_is_too_large_is_answered_in_words(owners, settings):
    settings.IMPORT_MAX_SIZE = 10
    response = owners.post("/transfer/import", {"file": upload("a.json", b"x" * 11)})
    assert response.status_code == 422
    assert "larger than" in response.content.decode()
    assert not Intake.objects.exists()


def test_the_menu_of_a_conversation_asks_for_the_form(owners, conversation):
    html = owners.get(f"/c/{conversation.public_id}/export", headers=HTMX).content.decode()
    assert "Export “Bread”" in html
    assert f'name="conversation" value="{conversation.public_id}"' in html


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse")
@pytest.mark.parametrize(
    ("form", "name", "media_type"),
    [
        ("markdown", "bread.md", "text/markdown; charset=utf-8"),
        ("html", "bread.html", "text/html; charset=utf-8"),
        ("json", "bread.json", "application/json"),
    ],
)
def test_one_is_downloaded(owners, conversation, form, name, media_type):
    response = owners.get(EXPORT, {"form": form, "conversation": conversation.public_id})
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert b"flour" in body(response)


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse")
def test_all_are_only_the_askers_own(owners, strangers, conversation):
    assert b"flour" in body(owners.get(EXPORT, {"form": "json"}))
    assert json.loads(body(strangers.get(EXPORT, {"form": "json"})))["conversations"] == []


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse")
def test_what_is_in_the_trash_is_not_taken_along(owners, conversation):
    Conversation.objects.filter(pk=conversation.pk).trash()
    assert "You have no conversations yet" in owners.get("/transfer").content.decode()
    assert owners.get(EXPORT, {"form": "json", "conversation": conversation.public_id}).status_code == 404
    assert json.loads(body(owners.get(EXPORT, {"form": "json"})))["conversations"] == []


@pytest.mark.parametrize("form", ["", "pdf", "../json", "own"])
def test_another_form_does_not_exist(owners, form):
    assert owners.get(EXPORT, {"form": form}).status_code == 404


@pytest.mark.parametrize("public_id", ["", "x", "\0", "../../x", "A" * 22])
def test_an_id_of_nothing_is_404(owners, conversation, public_id):
    query = {"form": "json", "conversation": [conversation.public_id, public_id]}
    assert owners.get(EXPORT, query).status_code == 404


def test_a_stranger_gets_404(strangers, conversation, intake):
    query = {"form": "json", "conversation": conversation.public_id}
    assert strangers.get(EXPORT, query).status_code == 404
    assert strangers.get(f"/c/{conversation.public_id}/export").status_code == 404
    assert strangers.get(f"/transfer/imports/{intake.pk}").status_code == 404
    assert "chats.json" not in strangers.get("/transfer").content.decode()


def test_whoever_is_signed_out_is_sent_to_sign_in(client, conversation, intake):
    addresses = ("/transfer", EXPORT, f"/transfer/imports/{intake.pk}", f"/c/{conversation.public_id}/export")
    assert {client.get(address).status_code for address in addresses} == {302}
    assert client.post("/transfer/import", {"file": upload("a.json", b"[]")}).status_code == 302
    assert Intake.objects.count() == 1
    assert Conversation.objects.count() == 1


def test_nothing_changes_by_looking(owners):
    assert owners.get("/transfer/import").status_code == 405


def test_the_page_asks_as_much_of_many_conversations(owners, owner, django_assert_max_num_queries):
    Conversation.objects.bulk_create(Conversation(owner=owner, title=f"Number {n}") for n in range(300))
    with django_assert_max_num_queries(5):
        owners.get("/transfer")
