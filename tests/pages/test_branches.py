"""The page at a branch: `?at=` names a message on it."""

import pytest

from chat.models import Conversation, Message
from tests.pages.conftest import add_turn, begun, routed


@pytest.fixture
def other(conversation) -> Message:
    """A second answer to the question, which the conversation then goes on with."""
    first = conversation.head
    second = conversation.messages.create(
        role="assistant", parent=first.parent, content=[{"type": "text", "text": "With rye."}]
    )
    conversation.head = second
    conversation.save(update_fields=["head"])
    add_turn(conversation, "And cake?", "With sugar.")
    return first


def read(client, conversation, at="", part=""):
    return client.get(f"/c/{conversation.public_id}{part}", {"at": at})


def test_the_page_shows_the_branch_that_its_address_names(owners, conversation, other):
    html = read(owners, conversation, other.public_id).content.decode()
    assert "With <em>flour</em>." in html
    assert "And cake?" not in html
    assert "1/2" in html


def test_without_an_address_it_shows_the_branch_in_use(owners, conversation, other):
    html = read(owners, conversation).content.decode()
    assert "And cake?" in html
    assert "2/2" in html
    assert f"?at={other.public_id}" in html


@pytest.mark.parametrize("at", ["nowhere", "\0", "a" * 5000, "<script>", "theirs"])
def test_an_address_that_names_nothing_of_it_shows_the_branch_in_use(
    owners, conversation, other, stranger, model, at
):
    theirs = begun(stranger, model, "Theirs", "A secret?", "Yes.")
    response = read(owners, conversation, theirs.head.public_id if at == "theirs" else at)
    html = response.content.decode()
    assert "And cake?" in html
    assert "secret" not in html


def test_a_stranger_gets_404(strangers, conversation, other):
    assert read(strangers, conversation, other.public_id).status_code == 404
    assert read(strangers, conversation, other.public_id, "/later").status_code == 404
    assert strangers.get(f"/m/{other.public_id}/revision").status_code == 404


def test_whoever_is_signed_out_comes_back_to_the_branch(client, conversation, other):
    back = read(client, conversation, other.public_id).url
    assert back == f"/accounts/login/?next=/c/{conversation.public_id}%3Fat%3D{other.public_id}"


@pytest.fixture
def long(owner, model) -> Conversation:
    conversation = begun(owner, model, "Long", "How is bread made?", "With flour.")
    for number in range(40):
        add_turn(conversation, f"Question {number}.", f"Answer {number}.")
    return conversation


def test_a_message_far_up_is_shown_with_what_follows_it_and_the_rest_comes_in_pieces(owners, long):
    early = long.branch().messages()[10]
    html = read(owners, long, early.public_id).content.decode()
    assert html.count("<article") == 30
    assert early.dom_id in html
    assert "data-landing" in html
    assert "data-earlier" in html
    last = long.branch().messages()[38]
    query = f"after={last.public_id}&amp;at={long.head.public_id}"
    assert f"/c/{long.public_id}/later?{query}" in html
    later = owners.get(
        f"/c/{long.public_id}/later", {"after": last.public_id, "at": long.head.public_id}
    ).content.decode()
    assert later.count("<article") == 30
    assert "data-later" in later
    assert "data-earlier" not in later


def test_the_end_of_what_comes_later_leads_on_to_nothing(owners, long):
    last = long.branch().messages()[-3]
    later = owners.get(f"/c/{long.public_id}/later", {"after": last.public_id, "at": long.head.public_id})
    assert later.content.decode().count("<article") == 2
    assert "data-later" not in later.content.decode()


def test_what_comes_later_ends_where_the_page_ended_when_it_was_opened(owners, long):
    last, end = long.branch().messages()[-3], long.head
    add_turn(long, "Asked since then.", "Yes.")
    later = owners.get(f"/c/{long.public_id}/later", {"after": last.public_id, "at": end.public_id})
    assert later.content.decode().count("<article") == 2


@pytest.mark.parametrize("after", ["", "nowhere", "\0", "theirs"])
def test_there_is_nothing_after_a_message_that_is_not_of_it(owners, long, stranger, model, after):
    theirs = begun(stranger, model, "Theirs", "A secret?", "Yes.")
    after = theirs.branch().messages()[0].public_id if after == "theirs" else after
    response = owners.get(f"/c/{long.public_id}/later", {"after": after, "at": long.head.public_id})
    assert response.status_code == 200
    assert "<article" not in response.content.decode()


def test_earlier_messages_are_those_of_the_branch_that_is_shown(owners, long):
    branched = long.branch().messages()[2]
    long.messages.create(role="user", parent=branched.parent, content=[{"type": "text", "text": "Instead"}])
    shown = long.branch().messages()[50]
    html = owners.get(f"/c/{long.public_id}/earlier", {"before": shown.public_id}).content.decode()
    assert "Answer 20." in html
    assert "Instead" not in html


def test_versions_cost_no_queries(owners, conversation, other, django_assert_num_queries):
    with django_assert_num_queries(10):
        read(owners, conversation, other.public_id)
    for _ in range(30):
        conversation.messages.create(role="assistant", parent=other.parent)
        conversation.messages.create(role="user", parent=other)
    with django_assert_num_queries(10):
        read(owners, conversation, other.public_id)


def test_what_was_deleted_is_neither_shown_nor_found(owners, conversation, other):
    conversation.delete_branch(conversation.branch().messages()[1])
    html = read(owners, conversation, conversation.head.public_id).content.decode()
    assert "With <em>flour</em>." in html
    assert "With rye." not in html
    assert "versions__place" not in html
    gone = Message.with_deleted.get(content__0__text="With rye.")
    assert owners.get(f"/m/{gone.public_id}.md").status_code == 404
    assert owners.get(f"/m/{gone.public_id}/revision").status_code == 404
    assert "With rye." not in read(owners, conversation, gone.public_id).content.decode()


def test_an_answer_is_given_to_be_edited_as_it_was_written(owners, conversation):
    html = owners.get(f"/m/{conversation.head.public_id}/revision").content.decode()
    assert "With *flour*." in html
    assert f'name="message" value="{conversation.head.public_id}"' in html


def test_markup_in_an_answer_does_not_leave_the_box_in_which_it_is_edited(owners, conversation):
    answer = add_turn(conversation, "And?", "</textarea><script>alert(1)</script>")
    assert "<script>" not in owners.get(f"/m/{answer.public_id}/revision").content.decode()


def test_a_question_is_not_edited_as_an_answer(owners, conversation):
    assert owners.get(f"/m/{conversation.head.parent.public_id}/revision").status_code == 404


def test_whoever_is_signed_out_edits_nothing(client, conversation):
    assert client.get(f"/m/{conversation.head.public_id}/revision").status_code == 302
    assert client.get("/models/retry").status_code == 302


def test_the_models_to_retry_with_are_those_that_can_be_used(owners, conversation, model):
    routed("<b>bold</b>", model.routes.get().upstream)
    routed("switched-off", model.routes.get().upstream, enabled=False)
    html = owners.get("/models/retry").content.decode()
    assert 'data-model="replayed"' in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert "switched-off" not in html


def test_a_conversation_is_the_one_shown_whichever_branch_of_it_is(owners, conversation, other):
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": f"http://testserver/c/{conversation.public_id}?at={other.public_id}",
    }
    chosen = {"conversations": conversation.public_id}
    response = owners.post("/library/trash", chosen, headers=headers)
    assert response["HX-Redirect"] == "/"
