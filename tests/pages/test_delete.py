from chat.models import Conversation, Message

HTMX = {"HX-Request": "true"}


def address(conversation):
    return f"/c/{conversation.public_id}/delete"


def test_the_page_asks_back_and_says_what_is_lost(owners, conversation):
    html = owners.get(address(conversation)).content.decode()
    assert "“Bread” and its 2 messages will be gone for good" in html
    assert Conversation.objects.exists()


def test_the_owner_deletes_it_with_its_messages(owners, conversation):
    response = owners.post(address(conversation), headers=HTMX)
    assert f'hx-target="#conversation-{conversation.public_id}" hx-swap="delete"' in response.content.decode()
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


def test_its_own_page_is_left(owners, conversation):
    page = {"HX-Current-URL": f"http://testserver/c/{conversation.public_id}"}
    assert owners.post(address(conversation), headers=HTMX | page)["HX-Redirect"] == "/"


def test_it_works_without_script(owners, conversation):
    assert owners.post(address(conversation)).url == "/"
    assert not Conversation.objects.exists()


def test_a_stranger_gets_404(strangers, conversation):
    assert strangers.get(address(conversation)).status_code == 404
    assert strangers.post(address(conversation), headers=HTMX).status_code == 404
    assert Conversation.objects.exists()


def test_whoever_is_signed_out_deletes_nothing(client, conversation):
    assert client.post(address(conversation)).status_code == 302
    assert Conversation.objects.exists()
