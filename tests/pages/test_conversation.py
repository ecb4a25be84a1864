import pytest

from chat.models import Conversation, Message
from tests.pages.conftest import add_turn, routed


def test_the_owner_reads_it(owners, conversation):
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert "How is bread made?" in html
    assert "With <em>flour</em>." in html
    assert f'hx-ws:connect="/ws/c/{conversation.public_id}"' in html


def test_a_stranger_gets_404(strangers, conversation):
    assert strangers.get(f"/c/{conversation.public_id}").status_code == 404


def test_whoever_is_signed_out_is_asked_to_sign_in_and_comes_back(client, conversation):
    assert (
        client.get(f"/c/{conversation.public_id}").url == f"/accounts/login/?next=/c/{conversation.public_id}"
    )


def test_html_in_a_question_and_a_title_is_shown_and_not_run(owners, conversation):
    conversation.rename("<script>alert(1)</script>")
    add_turn(conversation, "<img src=x onerror=alert(2)>", "<svg onload=alert(3)>")
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    for hostile in ("<script>alert", "<img src=x", "<svg onload"):
        assert hostile not in html
    assert "&lt;img src=x onerror=alert(2)&gt;" in html


def test_how_long_to_wait_is_said_once(owners, conversation):
    error = {"message": "Too many requests just now. Try again in 20 s.", "retry_after": 20.0}
    add_turn(conversation, "And cake?", "", status="failed", error=error)
    assert owners.get(f"/c/{conversation.public_id}").content.decode().count("20 s") == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "stopped"}, "You stopped this answer."),
        ({"status": "interrupted"}, "The server restarted before this answer was complete."),
        ({"finish_reason": "length"}, "the longest that the model writes at once"),
        (
            {"status": "failed", "error": {"message": "Too many requests.", "retry_after": 20.0}},
            "Wait 20 s, then retry.",
        ),
    ],
)
def test_an_answer_that_was_cut_off_says_why_and_can_be_continued_or_retried(
    owners, conversation, fields, words
):
    add_turn(conversation, "And cake?", "Cake is", **fields)
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert words in html
    assert '"action": "continue"' in html
    assert '"action": "retry"' in html


def test_reasoning_is_folded_under_its_duration(owners, conversation):
    add_turn(conversation, "Why?", "So.", reasoning="First *this*.", reasoning_seconds=12.4)
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert "First <em>this</em>." in html
    assert "12 s" in html
    assert "<details" in html
    assert "<details open" not in html


def test_only_the_end_of_a_long_conversation_comes_at_first(owners, conversation):
    for number in range(40):
        add_turn(conversation, f"Question {number}.", f"Answer {number}.")
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert html.count("<article") == 30
    assert "Answer 39." in html
    assert "Question 24." not in html


def test_the_length_of_a_conversation_and_of_the_list_costs_no_queries(
    owners, owner, conversation, django_assert_num_queries, django_assert_max_num_queries
):
    address = f"/c/{conversation.public_id}"
    with django_assert_max_num_queries(12) as short:
        owners.get(address)
    for number in range(30):
        add_turn(conversation, f"Question {number}.", "Yes.", reasoning="Hm.")
        Conversation.objects.create(owner=owner, title=f"Other {number}", model=conversation.model)
    Conversation.objects.bulk_create(Conversation(owner=owner, title=str(number)) for number in range(60))
    with django_assert_num_queries(len(short)):
        owners.get(address)


def test_an_answer_that_was_shown_is_not_rendered_again(owners, conversation, monkeypatch):
    first = owners.get(f"/c/{conversation.public_id}").content.decode()
    monkeypatch.setattr("chat.markup.memory.render", lambda *_: "rendered again")
    again = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert "With <em>flour</em>." in first
    assert "With <em>flour</em>." in again
    assert "rendered again" not in again


def test_an_answer_whose_text_changed_is(owners, conversation):
    owners.get(f"/c/{conversation.public_id}")
    conversation.messages.filter(role="assistant").update(content=[{"type": "text", "text": "With *rye*."}])
    assert "With <em>rye</em>." in owners.get(f"/c/{conversation.public_id}").content.decode()


def test_the_page_says_when_another_model_answers_next(owners, conversation, model):
    path = conversation.get_absolute_url()
    assert "not available any more" not in owners.get(path).content.decode()
    routed("another", model.routes.get().upstream)
    words = "replayed is not available any more; the next answer comes from another."
    model.routes.all().delete()
    assert words in owners.get(path).content.decode()
    model.delete()
    assert words in owners.get(path).content.decode()


def test_an_answer_that_broke_off_says_once_that_its_text_is_kept(owners, conversation):
    kept = "What had arrived is kept."
    for message in ("The connection broke. What arrived is kept.", "The model failed."):
        Message.objects.filter(role="assistant").update(status="failed", error={"message": message})
        html = owners.get(conversation.get_absolute_url()).content.decode()
        assert html.count("What arrived is kept.") + html.count(kept) == 1
