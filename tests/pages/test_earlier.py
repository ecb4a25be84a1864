import pytest

from tests.pages.conftest import add_turn


@pytest.fixture
def first_shown(conversation):
    """The id of the message before which the page does not go: twenty-one turns make forty-two messages."""
    for number in range(20):
        add_turn(conversation, f"Question {number}.", f"Answer {number}.")
    return conversation.branch().latest(30)[0].public_id


def earlier(client, conversation, before):
    return client.get(f"/c/{conversation.public_id}/earlier", {"before": before})


def test_the_messages_before_the_first_shown_come_in_their_order(owners, conversation, first_shown):
    html = earlier(owners, conversation, first_shown).content.decode()
    assert html.count("<article") == 12
    assert html.index("How is bread made?") < html.index("Question 0.") < html.index("Answer 4.")
    assert "data-earlier" not in html


def test_there_is_a_way_to_still_earlier_ones(owners, conversation, first_shown):
    for number in range(20, 40):
        add_turn(conversation, f"Question {number}.", f"Answer {number}.")
    html = earlier(owners, conversation, conversation.branch().latest(30)[0].public_id).content.decode()
    assert html.count("<article") == 30
    assert "data-earlier" in html


def test_an_unknown_message_has_nothing_before_it(owners, conversation):
    response = earlier(owners, conversation, "no-such-message")
    assert response.status_code == 200
    assert "<article" not in response.content.decode()


def test_a_stranger_gets_404(strangers, conversation, first_shown):
    assert earlier(strangers, conversation, first_shown).status_code == 404


def test_whoever_was_signed_out_meanwhile_is_led_to_sign_in(client, conversation):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/c/{conversation.public_id}"}
    response = client.get(f"/c/{conversation.public_id}/earlier", headers=headers)
    assert response["HX-Redirect"] == f"/accounts/login/?next=/c/{conversation.public_id}"
