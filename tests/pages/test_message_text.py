def address(conversation):
    return f"/m/{conversation.head.public_id}.md"


def test_the_owner_gets_an_answer_as_it_was_written(owners, conversation):
    response = owners.get(address(conversation))
    assert response.content == b"With *flour*."
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_a_stranger_gets_404(strangers, conversation):
    assert strangers.get(address(conversation)).status_code == 404


def test_whoever_is_signed_out_is_asked_to_sign_in(client, conversation):
    assert client.get(address(conversation)).status_code == 302
