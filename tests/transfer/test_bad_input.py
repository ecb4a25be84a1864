"""Files that are damaged, hostile or of another kind: each is refused in words, and nothing else suffers."""

import io
import json
import zipfile

import pytest
from django.core.exceptions import ValidationError

from chat.models import Attachment, Conversation, Intake
from chat.transfer import archive as archives
from chat.transfer import draft, importing, incremental, reading
from tests.files import HTML, PNG, upload

from .conftest import lines, shown, tree
from .exports import archive, branched_chatgpt, chatgpt, chatgpt_node, claude, claude_message


@pytest.mark.parametrize(
    "content", [b"[", b"{", b"[]", b"{}", b"null", b"\xff\xfe", b"Hello", b"[1, 2", b"<html>", b'{"a": [}']
)
def test_what_is_no_export_fails_in_words(bring, content):
    intake = bring(content)
    assert intake.state == "failed"
    assert intake.problem in {
        importing.NOTHING,
        "The file is damaged, or not what it seems: its JSON breaks off or is wrong.",
    }
    assert not Conversation.objects.exists()


def test_entries_of_no_known_format_are_counted(bring):
    intake = bring([{"a": 1}, 2, None, "three", [], branched_chatgpt()])
    assert intake.taken == 1
    assert (lines(intake), intake.report[0]["count"]) == (["An entry that is of no format known here"], 5)


def test_what_came_before_a_break_is_kept(bring):
    raw = json.dumps([branched_chatgpt(), chatgpt(conversation_id="2")]).encode()
    intake = bring(raw[:-40])
    assert (intake.state, intake.taken) == ("failed", 1)
    assert "breaks off" in intake.problem


def test_a_byte_order_mark_is_no_obstacle(bring):
    assert bring(b"\xef\xbb\xbf" + json.dumps([branched_chatgpt()]).encode()).taken == 1


def test_fields_of_another_type_are_as_if_they_were_missing(bring):
    wrong = chatgpt(
        chatgpt_node("1", "root", "user", "Hello"),
        chatgpt_node("2", "1", "assistant", "Hi", create_time="yesterday", metadata=[], recipient=3),
        title=["Bread"],
        create_time={},
        update_time=1e300,
        conversation_id=7,
        current_node=[],
        default_model_slug=None,
    )
    wrong["mapping"] |= {"x": None, "y": {"message": 5}, "z": {"parent": 4, "message": {"content": "text"}}}
    assert bring([wrong]).taken == 1
    conversation = Conversation.objects.get()
    assert conversation.title == "Hello"
    assert shown(conversation) == ["Hello", "Hi"]


@pytest.mark.parametrize("moment", [-1, 0, 1e18, 1e300, "9999-12-31T00:00:00Z", "1970-01-01", True])
def test_absurd_dates_are_not_believed(bring, moment):
    bring([chatgpt(chatgpt_node("1", "root", "user", "Hello", create_time=moment), update_time=moment)])
    conversation = Conversation.objects.get()
    assert conversation.created_at.year == conversation.updated_at.year == 2023
    assert conversation.head.created_at == conversation.created_at


def test_nul_and_lone_surrogates_are_replaced(bring):
    raw = json.dumps([chatgpt(chatgpt_node("1", "root", "user", "a\0b\ud800c"), title="T\0\udfff")]).encode()
    assert bring(raw).taken == 1
    conversation = Conversation.objects.get()
    assert "\0" not in conversation.title + conversation.head.text
    assert conversation.head.text.startswith("a\ufffdb")


def test_cycles_are_cut_open_and_reported(bring):
    intake = bring([chatgpt(chatgpt_node("1", "2", "user", "A"), chatgpt_node("2", "1", "assistant", "B"))])
    assert lines(intake) == ["The place of messages that come before themselves"]
    assert {text for _, text, _ in tree(Conversation.objects.get())} >= {"A", "B"}


def test_a_message_that_is_its_own_parent_is_taken(bring):
    assert bring([chatgpt(chatgpt_node("1", "1", "user", "A"))]).taken == 1
    assert shown(Conversation.objects.get()) == ["A"]


def test_orphans_stand_at_the_beginning_and_are_reported(bring):
    messages = claude_message("m-1", "human", "A", "nowhere"), claude_message("m-2", "assistant", "B", "lost")
    intake = bring([claude(*messages)])
    assert intake.report[0] == {
        "what": "The place of a message: the one before it is not in the file",
        "count": 2,
        "examples": [],
    }
    assert tree(Conversation.objects.get()) == [
        ("user", "A", None),
        ("user", "(The question is not in the file.)", None),
        ("assistant", "B", "(The question is not in the file.)"),
    ]


def test_a_second_message_with_the_same_id_is_left_out(bring):
    messages = claude_message("m-1", "human", "A"), claude_message("m-1", "human", "B")
    assert lines(bring([claude(*messages)])) == ["A message whose id another has already"]
    assert shown(Conversation.objects.get()) == ["A"]


def test_two_conversations_with_the_same_id_are_one(bring):
    intake = bring([branched_chatgpt(), branched_chatgpt()])
    assert (intake.taken, intake.already_here) == (1, 1)


def test_a_deep_chain_of_messages_is_no_deep_recursion(bring):
    nodes = [
        chatgpt_node(str(n), str(n - 1) if n > 1 else "root", "user" if n % 2 else "assistant", f"{n}")
        for n in range(1, 3001)
    ]
    assert bring([chatgpt(*reversed(nodes))]).taken == 1
    assert Conversation.objects.get().messages.count() == 3000


def test_a_conversation_that_nests_too_deep_is_passed_over(bring):
    deep = b"[" * 50_000 + b"]" * 50_000
    intake = bring(b'[{"mapping": ' + deep + b"}," + json.dumps(branched_chatgpt()).encode() + b"]")
    assert (lines(intake), intake.taken) == (["A conversation that is too large"], 1)


def test_a_conversation_of_too_many_pieces_is_passed_over(bring, monkeypatch):
    monkeypatch.setattr(incremental, "MOST_EVENTS", 200)
    large = chatgpt(*[chatgpt_node(str(n), "root", "user", "x") for n in range(1, 40)], conversation_id="2")
    intake = bring([large, chatgpt(chatgpt_node("1", "root", "user", "Hello"))])
    assert (lines(intake), intake.taken) == (["A conversation that is too large"], 1)


def test_a_message_of_a_hundred_megabytes_is_refused_and_the_rest_taken(bring):
    large = chatgpt(chatgpt_node("1", "root", "user", "LARGE"), chatgpt_node("2", "1", "assistant", "Fine."))
    before, after = (
        json.dumps([large, branched_chatgpt() | {"conversation_id": "2"}]).encode().split(b"LARGE")
    )
    intake = bring(before + b"flour \\u00e9\\\\ " * 7_000_000 + after)
    assert (intake.state, intake.taken) == ("done", 2)
    assert intake.report == [{"what": "A message that is too long", "count": 1, "examples": ["Bread"]}]
    assert shown(Conversation.objects.first()) == [draft.TOO_LONG, "Fine."]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_long_string_is_cut_whatever_the_pieces_it_is_read_in(size):
    said = 'a \\"quoted\\" \\\\ ' * 40 + "plain words to cut at " * 20
    raw = json.dumps({"a": said, "b": 'short "x" \\'}).encode()
    file = reading.Shortened(io.BytesIO(raw), longest=100)
    pieces = b"".join(iter(lambda: file.read(size), b""))
    found = json.loads(pieces)
    assert found["b"] == 'short "x" \\'
    assert said.startswith(found["a"])


def test_a_zip_bomb_is_refused_before_it_is_unpacked(bring, monkeypatch):
    intake = bring(archive([], {"bomb.txt": b"\0" * 5_000_000}), "bomb.zip")
    assert intake.problem == "A file in the archive is packed so tightly that it cannot be what it seems."
    monkeypatch.setattr(archives, "TIMES_UNPACKED", 0)
    assert "too large when unpacked" in bring(archive([branched_chatgpt()]), "large.zip").problem


def test_an_archive_whose_directory_is_too_large_is_refused_unread(bring, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_DIRECTORY", 10)
    assert "too many files" in bring(archive([branched_chatgpt()]), "many.zip").problem


@pytest.mark.parametrize("raw", [b"PK", b"PK\x03\x04" + b"\0" * 100, archive([branched_chatgpt()])[:-30]])
def test_a_damaged_archive_fails_in_words(bring, raw):
    assert (
        bring(raw, "damaged.zip").problem
        == "The archive is damaged. Download it once more, and import it again."
    )


def test_an_archive_whose_content_is_damaged_fails_in_words(bring):
    raw = bytearray(archive([branched_chatgpt()]))
    raw[80:120] = bytes(40)
    assert (
        bring(bytes(raw), "damaged.zip").problem
        == "The archive is damaged. Download it once more, and import it again."
    )


def test_an_archive_without_conversations_fails_in_words(bring):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("photo.png", PNG)
    assert "no conversations.json" in bring(packed.getvalue(), "photos.zip").problem


def test_names_in_an_archive_lead_nowhere(bring, tmp_path):
    attachments = [
        {"id": "file-abc", "name": "../../../../etc/passwd"},
        {"id": "file-def", "name": "/etc/hosts"},
    ]
    question = chatgpt_node("1", "root", "user", "Read", metadata={"attachments": attachments})
    bring(
        archive([chatgpt(question)], {"../../file-abc-evil.txt": b"Mine", "..\\file-def.txt": b"Too"}),
        "x.zip",
    )
    kept = {each.name: each for each in Attachment.objects.all()}
    assert [each.read() for each in kept.values()] == [b"Mine", b"Too"]
    assert all(each.file.path.startswith(f"{tmp_path}/attachments/") for each in kept.values())


def test_a_file_that_no_model_takes_is_named(bring):
    attachments = [{"id": "file-abc", "name": "a.png"}, {"id": "file-def", "name": "b.txt"}]
    question = chatgpt_node("1", "root", "user", "Read", metadata={"attachments": attachments})
    intake = bring(archive([chatgpt(question)], {"file-abc.png": b"\0\1\2", "file-def.txt": HTML}), "x.zip")
    assert intake.report[0]["examples"] == ["a.png"]
    assert [each.media_type for each in Attachment.objects.all()] == ["text/plain"]


def test_a_file_that_is_too_large_is_named(bring, settings):
    settings.ATTACHMENT_MAX_SIZE = 10
    question = chatgpt_node(
        "1", "root", "user", "Read", metadata={"attachments": [{"id": "file-a", "name": "a.txt"}]}
    )
    intake = bring(archive([chatgpt(question)], {"file-a.txt": b"x" * 100}), "x.zip")
    assert intake.report[0]["what"].startswith("A file: it is larger than")


def test_a_file_that_is_too_large_to_import_is_refused(owner, settings):
    settings.IMPORT_MAX_SIZE = 10
    with pytest.raises(ValidationError, match="larger than 10"):
        importing.take_in(owner, upload("a.json", b"x" * 11))
    with pytest.raises(ValidationError, match="empty"):
        importing.take_in(owner, upload("a.json", b""))
    assert not Intake.objects.exists()


def test_a_report_does_not_grow_without_bound(bring):
    attachments = [{"id": f"file-{n}", "name": f"{n}.pdf" * 50} for n in range(1000)]
    intake = bring(
        [chatgpt(chatgpt_node("1", "root", "user", "Read", metadata={"attachments": attachments}))]
    )
    assert intake.report[0]["count"] == 1000
    assert len(json.dumps(intake.report)) < 500


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
def test_surrogates_that_stand_alone_are_replaced_whatever_the_pieces(size):
    raw = rb'["\ud83c\udf5e \ud83c x \udf5e \\ud83c \\\udf5e\\\\ \\\\\ud800", "\u00e9\\"]'
    file = reading.Paired(io.BytesIO(raw))
    found = json.loads(b"".join(iter(lambda: file.read(size), b"")))
    assert found == ["\U0001f35e \ufffd x \ufffd \\ud83c \\\ufffd\\\\ \\\\\ufffd", "\u00e9\\"]
