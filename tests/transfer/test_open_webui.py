import base64
from datetime import UTC, datetime

from chat.models import Conversation
from tests.files import PNG

from .conftest import lines, shown, tree
from .exports import DAY, webui, webui_message


def test_its_branches_dates_and_thoughts_are_kept(owner, bring):
    thinking = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n'
        "&gt; Flour &amp; water.\n&gt; Surely.\n</details>\nWith flour."
    )
    intake = bring(
        [
            webui(
                webui_message("m-1", None, "user", "How is bread made?"),
                webui_message("m-2", "m-1", "assistant", thinking),
                webui_message("m-3", "m-1", "assistant", "With rye."),
                current="m-2",
            )
        ]
    )
    assert (intake.state, intake.source, intake.taken) == ("done", "open-webui", 1)
    assert intake.report == []
    conversation = Conversation.objects.get(owner=owner)
    assert [tag.name for tag in conversation.tags.all()] == ["baking"]
    assert tree(conversation) == [
        ("user", "How is bread made?", None),
        ("assistant", "With flour.", "How is bread made?"),
        ("assistant", "With rye.", "How is bread made?"),
    ]
    assert shown(conversation) == ["How is bread made?", "With flour."]
    assert conversation.head.reasoning == "Flour & water.\nSurely."
    assert conversation.head.model_name == "Llama 3"
    assert conversation.updated_at == datetime.fromtimestamp(DAY + 3600, UTC)


def test_its_pictures_and_texts_become_files(bring):
    files = [
        {"type": "image", "url": "data:image/png;base64," + base64.b64encode(PNG).decode()},
        {"type": "file", "name": "recipe.pdf", "file": {"id": "f", "data": {"content": "Flour"}}},
        {"type": "image", "url": "/api/v1/files/f-2/content", "name": "gone.png"},
    ]
    intake = bring(
        [
            webui(
                webui_message("m-1", None, "user", "What is this?", files=files),
                webui_message("m-2", "m-1", "assistant", "Bread."),
            )
        ]
    )
    asked = Conversation.objects.get().messages.first()
    assert [(each.name, each.media_type) for each in asked.attachments.all()] == [
        ("image", "image/png"),
        ("recipe.pdf", "text/plain"),
    ]
    assert "A file whose content is not in the export" in lines(intake)


def test_an_answer_that_failed_keeps_its_error(bring):
    failed = webui_message("m-2", "m-1", "assistant", "", error={"content": "Model not found"})
    bring([webui(webui_message("m-1", None, "user", "Hello"), failed)])
    answer = Conversation.objects.get().head
    assert (answer.status, answer.error["message"]) == ("failed", "Model not found")


def test_one_chat_by_itself_is_taken_too(bring):
    exported = webui(
        webui_message("m-1", None, "user", "Hello"), webui_message("m-2", "m-1", "assistant", "Hi")
    )
    assert bring(exported).taken == 1


def test_its_pins_and_its_archive_are_kept(owner, bring):
    question = webui_message("m-1", None, "user", "How is bread made?")
    bring([webui(question, id="pinned", pinned=True), webui(question, id="old", archived=True)])
    assert [found.source_id for found in owner.conversations.pinned()] == ["open-webui:pinned"]
    assert [found.source_id for found in owner.conversations.archived()] == ["open-webui:old"]
