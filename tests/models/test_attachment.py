"""What is taken as an attachment, and what becomes of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone

from chat.live.keeper import tidy
from chat.models import Attachment, Conversation, LanguageModel
from tests import files
from tests.files import upload


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def model(db) -> LanguageModel:
    return LanguageModel.objects.create(model_id="small")


def take(owner, name="picture.png", content=files.PNG) -> Attachment:
    return Attachment.take(owner, upload(name, content))


def refusal(owner, name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as raised:
        take(owner, name, content)
    assert not Attachment.objects.exists()
    return " ".join(raised.value.messages)


@pytest.mark.parametrize(
    ("name", "content", "kind", "media_type"),
    [
        ("a.png", files.PNG, "image", "image/png"),
        ("a.txt", files.PNG, "image", "image/png"),
        ("a.jpg", files.JPEG, "image", "image/jpeg"),
        ("a.gif", files.GIF, "image", "image/gif"),
        ("a.webp", files.WEBP, "image", "image/webp"),
        ("a.pdf", files.PDF, "file", "application/pdf"),
        ("a.wav", files.WAV, "audio", "audio/wav"),
        ("a.mp3", files.MP3, "audio", "audio/mpeg"),
        ("a.mp3", files.MP3_WITH_TAG, "audio", "audio/mpeg"),
        ("a.mp4", files.MP4, "video", "video/mp4"),
        ("a.webm", files.WEBM, "video", "video/webm"),
        ("a.py", b"print('hello')\n", "text", "text/plain"),
        ("a.csv", "Größe;Preis\n1;2\n".encode(), "text", "text/plain"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "text", "text/plain"),
        ("a.png", files.HTML, "text", "text/plain"),
        ("id3.txt", b"ID3 tags stand before the first frame.", "text", "text/plain"),
        ("gif.txt", b"GIF89a is a version of GIF.", "text", "text/plain"),
        ("bm.txt", b"BM is how a bitmap begins.", "text", "text/plain"),
    ],
)
def test_its_content_says_what_it_is(owner, name, content, kind, media_type):
    attachment = take(owner, name, content)
    assert (attachment.kind, attachment.media_type) == (kind, media_type)
    assert (attachment.name, attachment.size) == (name, len(content))
    assert attachment.read() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("archive.zip", files.ZIP),
        ("archive.png", files.ZIP),
        ("nul.txt", b"some\0text"),
        ("latin.txt", "Größe".encode("latin-1")),
        ("utf-16.txt", "text".encode("utf-16")),
        ("bitmap.bmp", b"BM\x1a\x00\x00\x00\x00\x00\x00\x00\x1a\x00\x00\x00"),
        ("film.mov", b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  "),
    ],
)
def test_a_file_that_no_model_takes_is_refused_by_name_with_what_can_be_sent(owner, name, content):
    words = refusal(owner, name, content)
    assert words.startswith(f"{name} is of a type that cannot be sent.")
    assert "PDF" in words


def test_an_empty_file_is_refused(owner):
    assert refusal(owner, "nothing.txt", b"") == "nothing.txt is empty."


@override_settings(ATTACHMENT_MAX_SIZE=1024)
def test_a_file_that_is_too_large_is_refused_with_how_large_it_may_be(owner):
    take(owner, "fits.txt", b"a" * 1024).delete()
    assert (
        refusal(owner, "large.txt", b"a" * 1025)
        .replace("\xa0", " ")
        .startswith("large.txt is larger than 1.0 KB")
    )


def test_nobody_guesses_where_it_lies(owner):
    one, two = take(owner), take(owner)
    assert one.file.name != two.file.name
    assert "picture" not in one.file.name
    assert one.public_id not in one.file.name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("two\nlines.txt", "two lines.txt"),
        ("\u202egnp.txt", "gnp.txt"),
        ("über größe.txt", "über größe.txt"),
        ("\x01", "file"),
    ],
)
def test_its_name_is_one_line_that_reads_as_it_is(owner, given, kept):
    file = upload("a.txt", b"text")
    file._name = given
    assert Attachment.take(owner, file).name == kept


def test_drafts_of_yesterday_go_with_the_next_upload_and_their_files_too(
    owner, stranger, tmp_path, django_capture_on_commit_callbacks
):
    old, recent, others = take(owner), take(owner), take(stranger)
    before = timezone.now() - timedelta(days=1, minutes=1)
    Attachment.objects.filter(pk__in=[old.pk, others.pk]).update(created_at=before)
    with django_capture_on_commit_callbacks(execute=True):
        newest = take(owner)
    assert set(Attachment.objects.all()) == {recent, others, newest}
    assert not (tmp_path / old.file.name).exists()
    assert (tmp_path / recent.file.name).exists()


def test_a_draft_of_somebody_who_does_not_come_back_goes_too(owner):
    old, recent = take(owner), take(owner)
    Attachment.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    tidy()
    assert Attachment.objects.get() == recent


def test_what_was_sent_is_kept(owner, model):
    sent = take(owner)
    Conversation.begin(owner, "What is it?", model, uuid4(), [sent.public_id])
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=30))
    take(owner)
    assert Attachment.objects.filter(pk=sent.pk).exists()


@pytest.mark.parametrize("what", ["conversation", "owner"])
def test_its_file_goes_with_its_conversation_and_with_its_owner(
    owner, model, tmp_path, django_capture_on_commit_callbacks, what
):
    sent = take(owner)
    turn = Conversation.begin(owner, "What is it?", model, uuid4(), [sent.public_id])
    with django_capture_on_commit_callbacks(execute=True):
        {"conversation": turn.question.conversation, "owner": owner}[what].delete()
        assert (tmp_path / sent.file.name).exists(), "until it is certain"
    assert not Attachment.objects.exists()
    assert not (tmp_path / sent.file.name).exists()
