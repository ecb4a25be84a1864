from datetime import UTC, datetime

from chat.models import Conversation

from .conftest import shown, tree
from .exports import libre, libre_message

TREE = [
    ("user", "How is bread made?", None),
    ("assistant", "With flour.", "How is bread made?"),
    ("user", "And salt?", "With flour."),
    ("assistant", "With rye.", "How is bread made?"),
]


def test_the_flat_form_keeps_branches_and_dates(owner, bring):
    intake = bring(
        libre(
            [
                libre_message("m-1", None, "How is bread made?", True),
                libre_message("m-2", "m-1", "With flour.", False),
                libre_message("m-3", "m-2", "And salt?", True),
                libre_message("m-4", "m-1", "With rye.", False),
            ]
        )
    )
    assert (intake.state, intake.source, intake.taken, intake.report) == ("done", "librechat", 1, [])
    conversation = Conversation.objects.get(owner=owner)
    assert tree(conversation) == TREE
    assert shown(conversation) == ["How is bread made?", "With rye."]
    assert conversation.created_at == datetime(2024, 6, 1, 8, 0, 1, tzinfo=UTC)
    assert conversation.updated_at == datetime(2024, 6, 1, 8, 0, 4, tzinfo=UTC)
    assert conversation.head.model_name == "gpt-4o"


def test_the_recursive_form_is_the_same_tree(bring):
    salt = libre_message("m-3", "m-2", "And salt?", True, children=[])
    flour = libre_message("m-2", "m-1", "With flour.", False, children=[salt])
    rye = libre_message("m-4", "m-1", "With rye.", False, children=[])
    question = libre_message("m-1", None, "How is bread made?", True, children=[flour, rye])
    bring(libre([question], recursive=True))
    assert tree(Conversation.objects.get()) == TREE


def test_parts_of_content_thoughts_and_tools_are_kept(bring):
    content = [
        {"type": "think", "think": "Flour, surely."},
        {"type": "tool_call", "tool_call": {"name": "search", "args": '{"q": 1}', "output": "Bread"}},
        {"type": "text", "text": {"value": "With flour."}},
    ]
    answer = libre_message("m-2", "m-1", "", False, content=content, unfinished=True)
    bring(libre([libre_message("m-1", None, "How?", True), answer]))
    kept = Conversation.objects.get().head
    assert (kept.text, kept.status) == ("With flour.", "stopped")
    assert kept.reasoning.startswith("Flour, surely.\n\nAsked search:")
    assert "Bread" in kept.reasoning
