import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Attachment, Conversation, Folder, LanguageModel, Tag
from chat.transfer import draft, exports
from tests.files import PDF, PNG, upload
from tests.pages.conftest import add_turn

from .exports import branched_chatgpt


def exported(owner, form: str) -> tuple[str, bytes]:
    found = exports.export(Conversation.objects.filter(owner=owner), form)
    return found.name, b"".join(found.pieces)


def unpacked(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def conversation(owner) -> Conversation:
    """With everything that a conversation can have."""
    model = LanguageModel.objects.create(model_id="gpt-4o", display_name="GPT-4o")
    conversation = Conversation.objects.create(owner=owner, title="Bread & <b>salt</b>", model=model)
    first = add_turn(conversation, "How is *bread* made?", "With **flour**.", reasoning="Flour, surely.")
    picture, paper = (
        Attachment.take(owner, upload("oven.png", PNG)),
        Attachment.take(owner, upload("a.pdf", PDF)),
    )
    question = conversation.messages.create(
        role="user",
        parent=first,
        content=[
            picture.as_content(),
            paper.as_content(),
            {"type": "text", "text": "<script>alert(1)</script>"},
        ],
    )
    Attachment.objects.update(message=question)
    anew = conversation.messages.create(role="user", parent=first, content=[picture.as_content()])
    now = timezone.now()
    for place, status in enumerate(("failed", "stopped", "streaming")):
        conversation.messages.create(
            role="assistant",
            parent=question if place else anew,
            status=status,
            is_edited=status == "stopped",
            content=[{"type": "text", "text": f"Answer {place} ![x](https://example.org/a.png)"}],
            refusal="No." if place else "",
            error={"message": "Overloaded", "code": "overloaded", "retry_after": 3} if not place else None,
            tool_calls=[{"id": "c1", "name": "oven", "arguments": '{"on": true}'}],
            finish_reason="length",
            model=model,
            model_name="GPT-4o then",
            prompt_tokens=12,
            reasoning_seconds=1.5,
            first_token_at=now - timedelta(seconds=3),
            finished_at=now,
        )
    conversation.head = conversation.messages.get(status="stopped")
    conversation.tune({"system_prompt": "Be brief.", "temperature": 0, "json_output": True})
    conversation.folder, conversation.pinned_at = Folder.named(owner, "Kitchen"), now
    conversation.save()
    conversation.tags.add(Tag.named(owner, "baking"), Tag.named(owner, "rye"))
    return conversation


def test_json_imports_back_identical_into_another_account(owner, stranger, conversation, bring):
    name, raw = exported(owner, "json")
    assert name == "bread-bsaltb.zip"
    intake = bring(raw, "export.zip", by=stranger)
    assert (intake.state, intake.source, intake.taken, intake.report) == ("done", "chatsite", 1, [])
    again = unpacked(exported(stranger, "json")[1])
    assert json.loads(again["conversations.json"]) == json.loads(unpacked(raw)["conversations.json"])
    assert again == unpacked(raw)
    assert len(again) == 3
    taken = Conversation.objects.get(owner=stranger)
    assert (taken.folder.owner, taken.system_prompt, taken.temperature) == (stranger, "Be brief.", 0)
    assert [tag.name for tag in taken.tags.all()] == ["baking", "rye"]


# What is of one site: whose a row is, which one, who writes it now, and what is in the trash.
OF_THE_SITE = {
    *("id", "public_id", "owner", "conversation", "parent", "head", "folder", "source_id", "deleted_at"),
    *("worker", "turn_id", "status", "content"),
}


def fields_of(row) -> dict[str, object]:
    return {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in OF_THE_SITE}


def test_json_brings_every_field_back(owner, stranger, conversation, bring):
    bring(exported(owner, "json")[1], "export.zip", by=stranger)
    taken = Conversation.objects.get(owner=stranger)
    assert fields_of(taken) == fields_of(conversation)
    for there, here in zip(taken.messages.order_by("pk"), conversation.messages.order_by("pk"), strict=True):
        assert fields_of(there) == fields_of(here)


def test_pins_that_are_too_many_are_said(owner, stranger, conversation, bring, monkeypatch):
    monkeypatch.setattr(draft, "MOST_PINNED", 0)
    intake = bring(exported(owner, "json")[1], "export.zip", by=stranger)
    assert [each["what"] for each in intake.report] == ["A pin, because enough conversations are pinned"]
    assert Conversation.objects.get(owner=stranger).pinned_at is None


def test_json_keeps_the_archive(owner, stranger, conversation, bring):
    owner.conversations.all().archive()
    bring(exported(owner, "json")[1], "export.zip", by=stranger)
    assert Conversation.objects.get(owner=stranger).archived_at is not None


def test_json_holds_every_branch_and_what_is_known_of_each_message(owner, conversation):
    found = json.loads(unpacked(exported(owner, "json")[1])["conversations.json"])
    assert (found["format"], found["version"]) == ("chatsite conversations", 1)
    (only,) = found["conversations"]
    assert len(only["messages"]) == 7
    assert only["messages"][only["head"] - 1]["status"] == "stopped"
    failed = next(message for message in only["messages"] if message["status"] == "failed")
    assert failed["error"]["message"] == "Overloaded"
    assert failed["tool_calls"] == [{"id": "c1", "name": "oven", "arguments": '{"on": true}'}]
    assert only["messages"][-1]["status"] == "interrupted"


def test_own_json_is_known_where_it_comes_from(owner, conversation, bring):
    intake = bring(exported(owner, "json")[1], "export.zip")
    assert (intake.taken, intake.already_here) == (0, 1)


def test_a_file_of_a_deleted_question_goes_along_only_if_another_version_has_it(owner, conversation):
    conversation.messages.streaming().update(status="complete")
    question = Attachment.objects.first().message
    conversation.delete_branch(question)
    archive = unpacked(exported(owner, "json")[1])
    files = [content for name, content in archive.items() if name.startswith("files/")]
    assert files == [Attachment.objects.get(name="oven.png").read()]
    conversation.restore_branch(question.public_id)
    assert len(unpacked(exported(owner, "json")[1])) == 3


def test_without_files_json_is_one_file(owner, bring):
    bring([branched_chatgpt()])
    name, raw = exported(owner, "json")
    assert name == "bread.json"
    assert json.loads(raw)["conversations"][0]["title"] == "Bread"


def test_a_version_that_is_not_known_is_refused(owner, conversation, bring):
    raw = unpacked(exported(owner, "json")[1])["conversations.json"].replace(b'"version":1', b'"version":2')
    assert bring(raw).state == "failed"


def test_markdown_of_one_is_a_file_to_read(owner, conversation):
    name, raw = exported(owner, "markdown")
    text = raw.decode()
    assert name == "bread-bsaltb.md"
    assert text.startswith("# Bread & <b>salt</b>\n")
    assert "## You\n\nHow is *bread* made?\n" in text
    assert "<summary>Thought</summary>\n\nFlour, surely." in text
    assert "*Attached: oven.png*" in text
    assert "(Stopped)" in text
    assert "Answer 0" not in text


def test_several_are_an_archive_in_the_order_of_the_sidebar(owner, conversation, bring):
    bring([branched_chatgpt() | {"title": "../../etc/passwd"}])
    name, raw = exported(owner, "markdown")
    assert name.endswith(".zip")
    assert list(unpacked(raw)) == ["0001 bread-bsaltb.md", "0002 etcpasswd.md"]


def test_html_needs_nothing_and_runs_nothing(owner, conversation):
    name, raw = exported(owner, "html")
    page = raw.decode()
    assert name == "bread-bsaltb.html"
    assert "<title>Bread &amp; &lt;b&gt;salt&lt;/b&gt;</title>" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "data:image/png;base64," in page
    assert "<strong>flour</strong>" in page
    assert 'href="https://example.org/a.png"' in page
    for never in ("<script", "<button", "<img src", ' src="http', "url(", "@import", "<link"):
        assert never not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_of_nothing_json_is_an_empty_list(owner):
    assert json.loads(exported(owner, "json")[1])["conversations"] == []


def test_a_file_that_is_gone_from_the_disk_does_not_break_the_rest(owner, conversation):
    picture = Attachment.objects.get(name="oven.png")
    picture.file.storage.delete(picture.file.name)
    assert b"data:image/png" not in exported(owner, "html")[1]
    assert len(unpacked(exported(owner, "json")[1])) == 3
