def address(conversation):
    return f"/c/{conversation.public_id}/menu"


def test_the_menu_of_a_conversation_offers_what_can_be_done_with_it(owners, conversation):
    html = owners.get(address(conversation)).content.decode()
    assert all(words in html for words in ("Rename", "Pin", "Move or tag…", "Archive", "Delete"))
    owners.post("/library/pin", {"conversations": conversation.public_id})
    assert "Unpin" in owners.get(address(conversation)).content.decode()


def test_a_stranger_gets_404(strangers, conversation):
    assert strangers.get(address(conversation)).status_code == 404


def test_whoever_is_signed_out_is_sent_to_sign_in(client, conversation):
    assert client.get(address(conversation)).status_code == 302
