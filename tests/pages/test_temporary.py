"""The page of a chat that is never written down."""

import re

from chat.models import Conversation, Preset


def test_it_is_a_chat_of_its_own_that_nothing_knows(owners, model):
    ids = {
        re.search(r'hx-ws:connect="/ws/t/([\w-]+)"', owners.get("/temporary").content.decode())[1]
        for _ in "ab"
    }
    assert len(ids) == 2
    assert not Conversation.objects.exists()


def test_it_says_what_becomes_of_it_and_is_not_stored_by_the_browser(owners, model):
    response = owners.get("/temporary")
    assert "gone when you reload" in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_it_takes_no_files(owners, model):
    assert 'id="attach"' in owners.get("/").content.decode()
    assert 'id="attach"' not in owners.get("/temporary").content.decode()


def test_it_begins_with_the_preset_that_is_asked_for(owners, owner, model):
    preset = Preset.objects.create(owner=owner, name="Plain", system_prompt="Speak plainly.")
    assert "Speak plainly." in owners.get(f"/temporary?preset={preset.pk}").content.decode()


def test_nobody_begins_one_with_a_strangers_preset(strangers, owner, model):
    preset = Preset.objects.create(owner=owner, name="Plain", system_prompt="Speak plainly.")
    assert "Speak plainly." not in strangers.get(f"/temporary?preset={preset.pk}").content.decode()


def test_without_a_model_it_says_so(owners):
    assert "No model can be used at the moment" in owners.get("/temporary").content.decode()


def test_it_is_only_looked_at(owners, model):
    assert owners.post("/temporary", {"text": "Hello"}).status_code == 405


def test_whoever_is_signed_out_is_asked_to_sign_in(client, db):
    assert client.get("/temporary").url == "/accounts/login/?next=/temporary"
