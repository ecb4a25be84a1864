"""What the chosen model cannot take is said before it is sent."""

import pytest

from chat.models import Attachment
from tests import files
from tests.files import upload
from tests.models.test_document import docx, pdf
from tests.models.test_picture import photograph
from tests.pages.test_settings import of_model


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def draft(owner, name="picture.png", content=files.PNG) -> Attachment:
    return Attachment.take(owner, upload(name, content))


def note(client, model: str, *attachments: Attachment) -> str:
    query = {"model": model, "attachments": [each.public_id for each in attachments]}
    return client.get("/attachments/note", query).content.decode().strip()


def test_what_the_model_cannot_take_is_named(owners, owner):
    of_model("openai", "gpt-3.5-turbo")
    html = note(
        owners,
        "gpt-3.5-turbo",
        draft(owner, "<a>.png"),
        draft(owner, "b.mp3", files.MP3),
        draft(owner, "c.txt", b"C"),
    )
    assert "gpt-3.5-turbo cannot take &lt;a&gt;.png, b.mp3. Remove them" in html


def test_what_goes_as_text_is_named(owners, owner):
    of_model("openai", "gpt-3.5-turbo")
    html = note(owners, "gpt-3.5-turbo", draft(owner, "a.docx", docx()), draft(owner, "b.pdf", pdf("Flour")))
    assert "gets the text of a.docx, b.pdf" in html
    assert "cannot take" not in html


def test_nothing_is_said_where_there_is_nothing_to_say(owners, owner, model):
    assert note(owners, "replayed", draft(owner), draft(owner, "b.pdf", pdf("Flour"))) == ""
    assert note(owners, "none", draft(owner)) == ""
    assert note(owners, "replayed") == ""


def test_nothing_is_said_about_the_files_of_others(strangers, owner, model):
    of_model("openai", "gpt-3.5-turbo")
    assert note(strangers, "gpt-3.5-turbo", draft(owner)) == ""


def test_whoever_is_signed_out_is_sent_to_sign_in(client, db):
    assert client.get("/attachments/note").url.startswith("/accounts/login/")


def test_ids_that_cannot_be_are_none(owners, model):
    assert owners.get("/attachments/note", {"model": "\0", "attachments": ["\0", "x"]}).status_code == 200


def test_a_thumbnail_is_small_and_its_owner_s(owners, strangers, client, owner):
    large = draft(owner, "a.jpg", photograph())
    address = f"/a/{large.public_id}/thumbnail"
    response = owners.get(address)
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in response["Cache-Control"]
    assert len(response.content) < 10_000
    assert strangers.get(address).status_code == 404
    assert client.get(address).url.startswith("/accounts/login/")


def test_a_small_picture_is_its_own_thumbnail(owners, owner):
    small = draft(owner)
    assert owners.get(f"/a/{small.public_id}/thumbnail").url == f"/a/{small.public_id}"


def test_a_thumbnail_whose_file_is_lost_does_not_exist(owners, owner):
    large = draft(owner, "a.jpg", photograph())
    large.thumbnail.storage.delete(large.thumbnail.name)
    assert owners.get(f"/a/{large.public_id}/thumbnail").status_code == 404
