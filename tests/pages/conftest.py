"""A conversation of the owner's with one turn, a model to ask, and browsers of those who visit."""

import pytest
from django.test import Client

from chat.models import Conversation, LanguageModel, Message, Route, Upstream, User


@pytest.fixture
def model(db) -> LanguageModel:
    upstream = Upstream.objects.create(name="Replay", family="compatible", base_url="http://127.0.0.1:9/v1")
    return routed("replayed", upstream)


@pytest.fixture
def conversation(owner: User, model: LanguageModel) -> Conversation:
    return begun(owner, model, "Bread", "How is bread made?", "With *flour*.")


@pytest.fixture
def owners(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def strangers(stranger: User) -> Client:
    return signed_in(stranger)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def routed(model_id: str, upstream: Upstream, **fields) -> LanguageModel:
    model = LanguageModel.objects.create(model_id=model_id, **fields)
    Route.objects.create(model=model, upstream=upstream)
    return model


def begun(owner: User, model: LanguageModel, title: str, question: str, answer: str) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title=title, model=model)
    add_turn(conversation, question, answer)
    return conversation


def add_turn(conversation: Conversation, question: str, answer: str, **fields) -> Message:
    asked = conversation.messages.create(
        role="user", parent=conversation.head, content=[{"type": "text", "text": question}]
    )
    conversation.head = conversation.messages.create(
        role="assistant",
        parent=asked,
        content=[{"type": "text", "text": answer}],
        model=conversation.model,
        model_name=str(conversation.model),
        **fields,
    )
    conversation.save(update_fields=["head"])
    return conversation.head
