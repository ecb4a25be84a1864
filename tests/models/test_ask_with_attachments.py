"""Questions that files go along with, and what a model is sent of them."""

import base64
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from chat.completions import Audio, File, Image, InvalidRequest, Text, Video
from chat.models import Attachment, Conversation, LanguageModel
from tests import files
from tests.files import upload


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def model(db) -> LanguageModel:
    return LanguageModel.objects.create(model_id="small")


@pytest.fixture
def conversation(owner, model) -> Conversation:
    return Conversation.objects.create(owner=owner, title="Bread", model=model)


def take(owner, name="picture.png", content=files.PNG) -> str:
    return Attachment.take(owner, upload(name, content)).public_id


def ask(conversation, attachments=(), text="What is it?", **options):
    turn = conversation.ask(
        text, model=conversation.model, turn_id=uuid4(), attachments=attachments, **options
    )
    turn.answer.finish()
    return turn


def parts(conversation, turn):
    return conversation.request_for(turn.answer).messages[-1].parts


def data_url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def test_the_question_names_them_before_its_text(conversation, owner):
    public_id = take(owner)
    turn = ask(conversation, [public_id])
    assert turn.question.content == [
        {"type": "image", "attachment": public_id, "name": "picture.png", "size": len(files.PNG)},
        {"type": "text", "text": "What is it?"},
    ]
    assert turn.question.text == "What is it?"
    assert Attachment.objects.get().message == turn.question


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.png", files.PNG, Image(data_url("image/png", files.PNG))),
        ("a.pdf", files.PDF, File("a.pdf", data_url("application/pdf", files.PDF))),
        ("a.wav", files.WAV, Audio(base64.b64encode(files.WAV).decode(), "wav")),
        ("a.mp3", files.MP3, Audio(base64.b64encode(files.MP3).decode(), "mp3")),
        ("a.mp4", files.MP4, Video(data_url("video/mp4", files.MP4))),
        ("a.py", b"x = 1\n", Text("a.py\n\n```\nx = 1\n\n```\n\n")),
        ("a.md", b"````\nx\n````", Text("a.md\n\n`````\n````\nx\n````\n`````\n\n")),
        ("a.txt", b"\xef\xbb\xbfwith a mark", Text("a.txt\n\n```\nwith a mark\n```\n\n")),
    ],
)
def test_a_model_is_sent_each_kind_as_the_part_that_carries_it(conversation, owner, name, content, part):
    turn = ask(conversation, [take(owner, name, content)])
    assert parts(conversation, turn) == (part, Text("What is it?"))


def test_they_go_along_in_their_order_and_again_with_every_later_turn(conversation, owner):
    first = ask(conversation, [take(owner, "b.txt", b"B"), take(owner, "a.txt", b"A")])
    first.answer.content = [{"type": "text", "text": "Letters."}]
    first.answer.save(update_fields=["content"])
    later = ask(conversation, text="And now?")
    sent = conversation.request_for(later.answer).messages
    assert [part.text.split("\n")[0] for part in sent[0].parts] == ["b.txt", "a.txt", "What is it?"]
    assert len(sent) == 3


def test_a_question_can_be_files_and_no_text(conversation, owner):
    turn = ask(conversation, [take(owner, "a.txt", b"A")], text=" \n")
    assert len(parts(conversation, turn)) == 1
    assert turn.question.text == ""


def test_a_conversation_that_begins_with_a_file_is_called_after_it(owner, model):
    turn = Conversation.begin(owner, "", model, uuid4(), [take(owner, "Report 2026.pdf", files.PDF)])
    assert turn.question.conversation.title == "Report 2026.pdf"


def test_the_number_of_queries_does_not_grow_with_their_number(
    conversation, owner, django_assert_num_queries
):
    for count in (1, 5):
        turn = ask(conversation, [take(owner) for _ in range(count)])
        with django_assert_num_queries(4):
            conversation.request_for(turn.answer)


def refused(conversation, attachments, **options) -> str:
    with pytest.raises(ValidationError) as raised:
        ask(conversation, attachments, **options)
    return raised.value.code


def test_a_file_of_somebody_else_is_refused(conversation, stranger):
    theirs = take(stranger)
    assert refused(conversation, [theirs]) == "gone"
    assert Attachment.objects.get().is_draft
    assert not conversation.messages.exists()


def test_a_file_that_does_not_exist_is_refused_and_the_others_stay_drafts(conversation, owner):
    assert refused(conversation, [take(owner), "no-such-file"]) == "gone"
    assert Attachment.objects.get().is_draft
    assert not conversation.messages.exists()


def test_a_file_that_was_sent_before_is_refused(conversation, owner):
    public_id = take(owner)
    ask(conversation, [public_id])
    assert refused(conversation, [public_id]) == "gone"


def test_a_refused_file_begins_no_conversation(owner, stranger, model):
    with pytest.raises(ValidationError):
        Conversation.begin(owner, "", model, uuid4(), [take(stranger)])
    assert not Conversation.objects.exists()


def test_ten_files_go_with_a_message_and_eleven_do_not(conversation, owner):
    ids = [take(owner, "a.txt", b"A") for _ in range(11)]
    assert refused(conversation, ids) == "too_many"
    assert len(ask(conversation, ids[:10]).question.attached) == 10


def test_one_that_is_named_twice_is_sent_once(conversation, owner):
    public_id = take(owner)
    assert len(ask(conversation, [public_id, public_id]).question.attached) == 1


def test_the_same_turn_sent_again_is_the_same_turn(conversation, owner):
    turn_id, public_id = uuid4(), take(owner)
    sent = {"model": conversation.model, "turn_id": turn_id, "attachments": [public_id]}
    first = conversation.ask("What is it?", **sent)
    assert conversation.ask("What is it?", **sent).question == first.question


def test_a_question_that_is_asked_anew_keeps_its_files_or_leaves_some_out_or_has_more(conversation, owner):
    kept, left, added = take(owner), take(owner), take(owner, "a.txt", b"A")
    first = ask(conversation, [kept, left])
    anew = ask(conversation, [kept, added], instead_of=first.question)
    assert anew.question.attachment_ids == [kept, added]
    assert first.question.attachment_ids == [kept, left]
    assert len(parts(conversation, anew)) == 3
    assert len(parts(conversation, first)) == 3


def test_files_of_another_question_are_not_taken_over(conversation, owner):
    used = take(owner)
    ask(conversation, [used])
    second = ask(conversation, text="And now?")
    assert refused(conversation, [used], instead_of=second.question) == "gone"


def test_a_file_that_has_left_the_disk_is_named_in_words(conversation, owner):
    turn = ask(conversation, [take(owner)])
    attachment = Attachment.objects.get()
    attachment.file.storage.delete(attachment.file.name)
    with pytest.raises(InvalidRequest) as raised:
        conversation.request_for(turn.answer)
    assert "picture.png is no longer on this site" in raised.value.message
