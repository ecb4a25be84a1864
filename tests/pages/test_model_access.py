"""Which models the page offers, and with which it begins."""

import uuid

import pytest
from django.contrib.auth.models import Group

from chat.models import Conversation, LanguageModel, Upstream
from tests.pages.conftest import begun, routed


@pytest.fixture
def special(model) -> LanguageModel:
    """A second model, which comes after the first."""
    return routed("special", Upstream.objects.get())


def begins_with(client, path: str = "/") -> str:
    return client.get(path).context["choice"].model.model_id


def listed(client) -> bool:
    return 'data-model="special"' in client.get("/models").content.decode()


def ask(client, model: str) -> int:
    sent = {"text": "Hello", "model": model, "turn_id": uuid.uuid4()}
    return client.post("/", sent).status_code


def test_a_model_of_a_group_is_offered_to_members_only(owners, strangers, owner, special):
    group = Group.objects.create(name="Physicists")
    special.groups.add(group)
    owner.groups.add(group)
    assert listed(owners)
    assert not listed(strangers)
    assert ask(strangers, "special") == 422
    assert not Conversation.objects.exists()


def test_a_conversation_with_a_model_that_was_taken_away_goes_on_with_another(owners, owner, special):
    conversation = begun(owner, special, "Bread", "How?", "So.")
    special.groups.add(Group.objects.create(name="Physicists"))
    choice = owners.get(conversation.get_absolute_url()).context["choice"]
    assert (choice.model.model_id, choice.instead_of) == ("replayed", "special")


def test_a_hidden_model_is_not_offered(owners, special):
    LanguageModel.objects.filter(pk=special.pk).update(is_hidden=True)
    assert not listed(owners)


def test_a_conversation_with_a_hidden_model_goes_on_with_it(owners, owner, special):
    conversation = begun(owner, special, "Bread", "How?", "So.")
    LanguageModel.objects.filter(pk=special.pk).update(is_hidden=True)
    assert begins_with(owners, conversation.get_absolute_url()) == "special"
    assert begins_with(owners) == "replayed"


def test_whoever_has_not_chosen_begins_with_the_default(owners, strangers, owner, special, model):
    special.make_default()
    assert begins_with(owners) == "special"
    begun(owner, model, "Bread", "How?", "So.")
    assert begins_with(owners) == "replayed"
    assert begins_with(strangers) == "special"


def test_a_default_that_somebody_may_not_use_is_not_theirs(owners, special):
    special.make_default()
    special.groups.add(Group.objects.create(name="Physicists"))
    assert begins_with(owners) == "replayed"


def test_without_a_default_the_first_in_order_is_taken(owners, special):
    assert begins_with(owners) == "replayed"
    LanguageModel.objects.filter(pk=special.pk).update(position=1)
    assert begins_with(owners) == "special"
