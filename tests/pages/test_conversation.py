import pytest

from chat.models import Conversation, Message


@pytest.fixture
def conversation(owner) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title="Bread")
    question = conversation.messages.create(
        role="user", content=[{"type": "text", "text": "How is it made?"}]
    )
    conversation.head = conversation.messages.create(
        role="assistant", parent=question, content=[{"type": "text", "text": "Flour and water."}]
    )
    conversation.save()
    return conversation


@pytest.fixture
def addresses(conversation: Conversation) -> dict[str, str]:
    answer = Message.objects.get(role="assistant")
    here = conversation.get_absolute_url()
    return {
        "page": here,
        "earlier": f"{here}/earlier?before={answer.public_id}",
        "rename": f"{here}/rename",
        "delete": f"{here}/delete",
        "text": f"/m/{answer.public_id}.md",
        "sidebar": f"/conversations?after={conversation.public_id}",
    }


NAMES = ("page", "earlier", "rename", "delete", "text", "sidebar")


@pytest.mark.parametrize("name", NAMES)
def test_it_works_for_its_owner(client, owner, addresses, name):
    client.force_login(owner)
    assert client.get(addresses[name]).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_gets_404(client, stranger, addresses, name):
    client.force_login(stranger)
    assert client.get(addresses[name]).status_code == 404


@pytest.mark.parametrize("name", ["rename", "delete"])
def test_a_form_of_a_stranger_changes_nothing(client, stranger, addresses, conversation, name):
    client.force_login(stranger)
    assert client.post(addresses[name], {"title": "Mine"}).status_code == 404
    conversation.refresh_from_db()
    assert conversation.title == "Bread"


@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_signed_in_is_sent_to_sign_in(client, addresses, name):
    response = client.get(addresses[name])
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_a_title_is_changed(client, owner, addresses, conversation):
    client.force_login(owner)
    assert (
        client.post(
            addresses["rename"], {"title": "  Rye \n bread "}, headers={"hx-request": "true"}
        ).status_code
        == 200
    )
    conversation.refresh_from_db()
    assert conversation.title == "Rye bread"


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_title_that_cannot_be_is_refused(client, owner, addresses, conversation, title):
    client.force_login(owner)
    response = client.post(addresses["rename"], {"title": title}, headers={"hx-request": "true"})
    assert response.status_code == 422
    conversation.refresh_from_db()
    assert conversation.title == "Bread"


def test_deleting_takes_the_messages_along(client, owner, addresses):
    client.force_login(owner)
    client.post(addresses["delete"])
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


def test_asking_to_delete_deletes_nothing(client, owner, addresses):
    client.force_login(owner)
    client.get(addresses["delete"])
    assert Conversation.objects.exists()


def test_a_page_costs_as_many_queries_with_many_conversations_as_with_one(
    client, owner, addresses, django_assert_max_num_queries
):
    client.force_login(owner)
    client.get(addresses["page"])
    with django_assert_max_num_queries(20) as few:
        client.get(addresses["page"])
    Conversation.objects.bulk_create(Conversation(owner=owner, title=str(n)) for n in range(60))
    with django_assert_max_num_queries(len(few)):
        client.get(addresses["page"])


def test_a_first_message_that_says_nothing_is_refused_with_its_text_kept(client, owner):
    client.force_login(owner)
    response = client.post(
        "/", {"text": "  ", "turn_id": "7b6e0c1e-6c2f-4c53-9f0e-1f6f3a3a3a3a", "model": ""}
    )
    assert response.status_code == 422
