from datetime import UTC, datetime

from chat.models import Conversation
from tests.files import PNG

from .conftest import lines, shown, tree
from .exports import DAY, archive, branched_chatgpt, chatgpt, chatgpt_node


def test_its_branches_dates_and_models_are_kept(owner, bring):
    intake = bring([branched_chatgpt()])
    assert (intake.state, intake.source, intake.taken, intake.report) == ("done", "chatgpt", 1, [])
    conversation = Conversation.objects.get(owner=owner)
    assert conversation.title == "Bread"
    assert conversation.created_at == datetime.fromtimestamp(DAY + 0.5, UTC)
    assert conversation.updated_at == datetime.fromtimestamp(DAY + 3600, UTC)
    assert tree(conversation) == [
        ("user", "How is bread made?", None),
        ("assistant", "With flour.", "How is bread made?"),
        ("assistant", "With *rye* flour.", "How is bread made?"),
        ("user", "And salt?", "With flour."),
        ("assistant", "A little.", "And salt?"),
    ]
    assert shown(conversation) == ["How is bread made?", "With *rye* flour."]
    assert conversation.head.model_name == "gpt-4o"
    assert conversation.head.created_at == datetime.fromtimestamp(DAY + 3, UTC)


def test_it_comes_in_the_archive_that_is_mailed_with_its_files(owner, bring):
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_abc123", "width": 2}
    question = chatgpt_node(
        "1",
        "root",
        "user",
        "",
        content={"content_type": "multimodal_text", "parts": [pointer, "What is this?"]},
        metadata={
            "attachments": [{"id": "file-XyZ9", "name": "notes.txt"}, {"id": "file-gone", "name": "gone.pdf"}]
        },
    )
    files = {"file_abc123-sanitized.png": PNG, "file-XyZ9-notes.txt": b"Flour", "user.json": b"{}"}
    intake = bring(
        archive([chatgpt(question, chatgpt_node("2", "1", "assistant", "A square."))], files), "x.zip"
    )
    assert lines(intake) == ["A file that is not in the archive"]
    assert intake.report[0]["examples"] == ["gone.pdf"]
    asked = Conversation.objects.get().messages.first()
    assert asked.text == "What is this?"
    kept = {each.name: each for each in asked.attachments.all()}
    assert (
        {each["name"] for each in asked.attached} == set(kept) == {"notes.txt", "file_abc123-sanitized.png"}
    )
    assert kept["notes.txt"].read() == b"Flour"
    assert kept["file_abc123-sanitized.png"].media_type == "image/png"
    assert {each.owner for each in kept.values()} == {owner}


def test_an_answer_with_tools_and_thoughts_in_between_is_one(bring):
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Plan", "content": "I look it up."}]}
    bring(
        [
            chatgpt(
                chatgpt_node(
                    "1", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}
                ),
                chatgpt_node("2", "1", "user", "Which is the tallest tower?"),
                chatgpt_node("3", "2", "assistant", "", content=thoughts),
                chatgpt_node("4", "3", "assistant", "search('tower')", recipient="web.run"),
                chatgpt_node("5", "4", "tool", "Found it.", author={"role": "tool", "name": "web.run"}),
                chatgpt_node("6", "5", "assistant", "Burj Khalifa."),
            )
        ]
    )
    question, answer = Conversation.objects.get().messages.all()
    assert answer.parent == question
    assert answer.text == "Burj Khalifa."
    assert answer.reasoning.startswith(
        "**Plan**\n\nI look it up.\n\nAsked web.run:\n\n```\nsearch('tower')\n```"
    )
    assert "web.run answered:\n\n```\nFound it.\n```" in answer.reasoning
    assert Conversation.objects.get().head == answer


def test_what_has_no_place_here_is_named(bring):
    picture = {
        "content_type": "multimodal_text",
        "parts": [{"asset_pointer": "file-service://file-1"}, "Here."],
    }
    instructions = {"content_type": "user_editable_context", "user_profile": "I bake."}
    intake = bring(
        [
            chatgpt(
                chatgpt_node("1", "root", "user", "", content=instructions),
                chatgpt_node("2", "1", "user", "Draw bread"),
                chatgpt_node("3", "2", "assistant", "", content=picture),
                gizmo_id="g-1",
            )
        ]
    )
    assert shown(Conversation.objects.get()) == ["Draw bread", "Here."]
    assert lines(intake) == [
        "Custom instructions",
        "A picture or recording made by a model: answers here are text",
        "The project or custom GPT of a conversation: the file does not name it",
    ]


def test_what_was_archived_is_archived(owner, bring):
    bring([branched_chatgpt() | {"is_archived": True}])
    assert Conversation.objects.get(owner=owner).archived_at == datetime.fromtimestamp(DAY + 3600, UTC)
