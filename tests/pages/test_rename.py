import pytest

from chat.models import Conversation


def rename(client, conversation, title, **headers):
    address = f"/c/{conversation.public_id}/rename"
    return client.post(address, {"title": title}, headers={"HX-Request": "true", **headers})


def title_of(conversation):
    return Conversation.objects.get(pk=conversation.pk).title


def test_the_owner_gives_it_another_title(owners, conversation):
    response = rename(owners, conversation, "  Rye \n bread ")
    assert title_of(conversation) == "Rye bread"
    assert "Rye bread" in response.content.decode()


def test_its_own_page_takes_the_title_too(owners, conversation):
    page = {"HX-Current-URL": f"http://testserver/c/{conversation.public_id}"}
    assert "<title>Rye" in rename(owners, conversation, "Rye", **page).content.decode()
    assert "<title>" not in rename(owners, conversation, "Rye").content.decode()


def test_the_form_holds_the_title(owners, conversation):
    assert 'value="Bread"' in owners.get(f"/c/{conversation.public_id}/rename").content.decode()


@pytest.mark.parametrize(("title", "words"), [("  ", "needs a title"), ("x" * 201, "at most 200 characters")])
def test_an_impossible_title_is_refused_with_words(owners, conversation, title, words):
    response = rename(owners, conversation, title)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert title_of(conversation) == "Bread"


def test_a_stranger_gets_404(strangers, conversation):
    assert rename(strangers, conversation, "Mine").status_code == 404
    assert strangers.get(f"/c/{conversation.public_id}/rename").status_code == 404
    assert title_of(conversation) == "Bread"


def test_whoever_is_signed_out_changes_nothing(client, conversation):
    assert client.post(f"/c/{conversation.public_id}/rename", {"title": "Mine"}).status_code == 302
    assert title_of(conversation) == "Bread"
