from datetime import UTC, datetime

from chat.models import Conversation

from .conftest import lines, shown, tree
from .exports import archive, claude, claude_message


def test_its_branches_dates_and_thoughts_are_kept(owner, bring):
    blocks = [
        {"type": "thinking", "thinking": "Flour, surely."},
        {"type": "tool_use", "name": "web_search", "input": {"query": "bread"}},
        {"type": "tool_result", "name": "web_search", "content": [{"type": "text", "text": "Bread: flour"}]},
        {"type": "text", "text": "With flour."},
        {"type": "text", "text": "And water."},
    ]
    exported = claude(
        claude_message("m-1", "human", "How is bread made?"),
        claude_message("m-2", "assistant", "old text", "m-1", content=blocks),
        claude_message("m-3", "human", "How is cake made?"),
        claude_message("m-4", "assistant", "With eggs.", "m-3"),
        current_leaf_message_uuid="m-2",
    )
    intake = bring(archive([exported], {"users.json": b"[]", "projects.json": b"[]"}), "data.zip")
    assert (intake.state, intake.source, intake.taken, intake.report) == ("done", "claude", 1, [])
    conversation = Conversation.objects.get(owner=owner)
    assert tree(conversation) == [
        ("user", "How is bread made?", None),
        ("assistant", "With flour.\n\nAnd water.", "How is bread made?"),
        ("user", "How is cake made?", None),
        ("assistant", "With eggs.", "How is cake made?"),
    ]
    assert shown(conversation) == ["How is bread made?", "With flour.\n\nAnd water."]
    assert conversation.updated_at == datetime(2024, 5, 2, 10, tzinfo=UTC)
    assert conversation.head.created_at == datetime(2024, 5, 1, 10, 2, 0, 123456, tzinfo=UTC)
    assert conversation.head.model_name == "Claude"
    assert conversation.head.reasoning.startswith("Flour, surely.\n\nAsked web_search:")
    assert "Bread: flour" in conversation.head.reasoning


def test_an_export_that_names_no_parents_is_one_branch(bring):
    messages = [claude_message(f"m-{n}", "human" if n % 2 else "assistant", f"Text {n}") for n in range(1, 5)]
    for message in messages:
        del message["parent_message_uuid"]
    bring([claude(*messages)])
    assert shown(Conversation.objects.get()) == ["Text 1", "Text 2", "Text 3", "Text 4"]


def test_the_extracted_text_of_an_attachment_becomes_a_file(bring):
    attachments = [
        {"file_name": "recipe.txt", "file_size": 5, "file_type": "txt", "extracted_content": "Flour"},
        {"file_name": "empty.docx", "file_size": 5, "file_type": "docx", "extracted_content": ""},
    ]
    files = [{"file_uuid": "f-1", "file_name": "photo.jpg"}]
    intake = bring(
        [
            claude(
                claude_message("m-1", "human", "Read this", attachments=attachments, files=files),
                claude_message("m-2", "assistant", "Done.", "m-1"),
                project={"uuid": "p-1", "name": "Kitchen"},
            )
        ]
    )
    conversation = Conversation.objects.get()
    assert conversation.folder.name == "Kitchen"
    asked = conversation.messages.first()
    assert [(each.name, each.read()) for each in asked.attachments.all()] == [("recipe.txt", b"Flour")]
    assert lines(intake) == [
        "A file whose content is not in the export",
        "A file that is not in the archive",
    ]
