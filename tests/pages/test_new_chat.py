import re
import uuid

import pytest
from django.test import override_settings

from chat.models import Conversation, LanguageModel, Upstream, User
from tests.pages.conftest import routed, signed_in


def send(client, **fields):
    return client.post("/", {"text": "Hello", "turn_id": str(uuid.uuid4()), **fields})


def test_a_new_chat_offers_a_box_and_three_things_to_try(owners, model):
    html = owners.get("/").content.decode()
    assert 'aria-label="Message"' in html
    assert html.count('class="suggestion"') == 3


def test_whoever_is_signed_out_is_asked_to_sign_in(client, db):
    assert client.get("/").url == "/accounts/login/?next=/"
    assert client.post("/", {"text": "Hello"}).url == "/accounts/login/?next=/"


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_message_is_refused_beside_the_box(owners, model, text):
    response = send(owners, text=text, model=model.model_id)
    assert response.status_code == 422
    assert "Write a message first." in response.content.decode()
    assert not Conversation.objects.exists()


@override_settings(MESSAGE_MAX_LENGTH=10)
def test_a_message_that_is_too_long_is_refused_and_kept_in_the_box(owners, model):
    response = send(owners, text="a longer <message>", model=model.model_id)
    html = response.content.decode()
    assert response.status_code == 422
    assert "18 characters; 10 are possible" in html
    assert "a longer &lt;message&gt;</textarea>" in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "no-such-model"}, "not available any more"),
        ({"model": ""}, "Choose a model first."),
        ({"turn_id": "not-a-uuid", "model": "replayed"}, "Enter a valid UUID."),
        ({"turn_id": "", "model": "replayed"}, "out of date"),
    ],
)
def test_what_cannot_be_sent_is_said_and_the_text_stays(owners, model, fields, words):
    response = send(owners, **fields)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert "Hello</textarea>" in html


def test_a_model_without_a_route_cannot_be_asked(owners, model):
    Upstream.objects.update(enabled=False)
    assert send(owners, model=model.model_id).status_code == 422


def chosen(client) -> str:
    found = re.search(r'name="model" value="([^"]*)"', client.get("/").content.decode())
    assert found
    return found[1]


@pytest.fixture
def sample(db) -> LanguageModel:
    return routed("demo", Upstream.objects.create(name="Built in", family="demo"), is_sample=True)


def test_a_real_model_is_preferred_to_a_sample(owners, model, sample):
    assert chosen(owners) == "replayed"


def test_the_model_of_the_latest_conversation_is_chosen_again(owners, conversation, model):
    other = routed("another", model.routes.get().upstream)
    assert chosen(owners) == "replayed"
    Conversation.objects.update(model=other)
    assert chosen(owners) == "another"


def test_a_sample_of_the_latest_conversation_gives_way_to_a_real_model(owners, conversation, sample):
    Conversation.objects.update(model=sample)
    assert chosen(owners) == "replayed"
    Upstream.objects.filter(name="Replay").update(enabled=False)
    assert chosen(owners) == "demo"


def test_a_model_that_is_gone_is_not_chosen_again(owners, conversation, model):
    routed("another", model.routes.get().upstream)
    LanguageModel.objects.filter(pk=model.pk).update(enabled=False)
    assert chosen(owners) == "another"


def test_with_samples_only_the_page_says_so_and_shows_staff_where_to_connect_one(owners, owner, sample):
    for_everybody = owners.get("/").content.decode()
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    for_staff = owners.get("/").content.decode()
    assert "You are talking to a built-in sample" in for_everybody
    assert "/admin/chat/upstream/add/" not in for_everybody
    assert "/admin/chat/upstream/add/" in for_staff


def test_staff_are_told_which_upstream_fails_and_how(owners, administrator, sample, model):
    failing = Upstream.objects.get(name="Replay")
    model.routes.all().delete()
    failing.last_error = (
        "The provider refused the site's key. An administrator can correct it in the admin, under Upstreams."
    )
    failing.save(update_fields=["last_error"])
    for_staff = signed_in(administrator).get("/").content.decode()
    assert "Replay: The provider refused the site&#x27;s key." in for_staff
    assert f"/admin/chat/upstream/{failing.pk}/change/" in for_staff
    assert "Until then a built-in sample answers." in for_staff
    assert "No model is connected yet" not in for_staff
    assert "An administrator can" not in for_staff
    assert "Replay" not in owners.get("/").content.decode()


def test_one_that_fails_is_no_matter_while_another_answers(administrator, model):
    Upstream.objects.create(name="Gone", family="compatible", last_error="Nothing answers.")
    assert "Nothing answers" not in signed_in(administrator).get("/").content.decode()


def test_whoever_came_by_a_link_is_asked_to_set_a_password(owners, owner, model):
    assert "Set one" not in owners.get("/").content.decode()
    owner.set_unusable_password()
    owner.save()
    assert "Set one" in signed_in(owner).get("/").content.decode()


def test_a_connected_model_needs_no_such_notice(owners, model, sample):
    assert "built-in sample" not in owners.get("/").content.decode()


def test_without_any_model_the_page_says_so_and_the_box_is_closed(owners):
    html = owners.get("/").content.decode()
    assert "No model can be used at the moment" in html
    assert re.search(r"<textarea[^>]* disabled", html)


def test_another_text_of_a_turn_that_was_sent_is_kept_in_the_box_for_a_turn_of_its_own(owners, owner, model):
    turn_id = str(uuid.uuid4())
    Conversation.begin(owner, "Hello", model, uuid.UUID(turn_id))
    response = send(owners, text="Hello again", turn_id=turn_id, model=model.model_id)
    html = response.content.decode()
    assert response.status_code == 422
    assert "had already sent another message" in html
    assert "Hello again</textarea>" in html
    assert f'name="turn_id" value="{turn_id}"' not in html
    assert re.search(r'name="turn_id" value="[0-9a-f-]{36}"', html)
    assert Conversation.objects.count() == 1


def test_staff_are_told_of_a_refused_key_also_while_another_upstream_answers(owners, administrator, model):
    refused = Upstream.objects.create(name="Other", family="compatible", api_key="sk-1")
    refused.refuse_key("The provider refused the site's key.")
    for_staff = signed_in(administrator).get("/").content.decode()
    assert "Other: Key refused on " in for_staff
    assert f"/admin/chat/upstream/{refused.pk}/change/" in for_staff
    assert "a built-in sample answers" not in for_staff
    assert "Key refused" not in owners.get("/").content.decode()
