"""The panel of a conversation's settings, and those that a new chat begins with."""

import re
import uuid

import pytest

from chat.models import Conversation, LanguageModel, Route, Upstream
from tests.pages.conftest import routed

HTMX = {"HX-Request": "true"}
ALL = {
    "system_prompt": "Speak plainly.",
    "temperature": "0.5",
    "top_p": "0.9",
    "max_output_tokens": "500",
    "reasoning_effort": "high",
    "json_output": "1",
}
BAD = [
    ("system_prompt", "a" * 20_001),
    ("system_prompt", "nul \0"),
    ("temperature", "-0.1"),
    ("temperature", "2.1"),
    ("temperature", "nan"),
    ("temperature", "inf"),
    ("temperature", "warm"),
    ("top_p", "-0.1"),
    ("top_p", "1.1"),
    ("top_p", "nan"),
    ("max_output_tokens", "0"),
    ("max_output_tokens", "-5"),
    ("max_output_tokens", "1.5"),
    ("max_output_tokens", "9" * 30),
    ("reasoning_effort", "utmost"),
]


@pytest.fixture
def claude(db) -> LanguageModel:
    upstream = Upstream.objects.create(name="Anthropic", family="anthropic", api_key="sk-ant-1")
    return routed("claude-haiku-3-5", upstream)


def address(conversation: Conversation) -> str:
    return f"/c/{conversation.public_id}/settings"


def fields_in(html: str) -> set[str]:
    return set(re.findall(r'<(?:input|textarea|select)[^>]* name="(\w+)"', html)) - {"model", "name"}


def of_model(family: str, model_id: str, **fields) -> LanguageModel:
    upstream = Upstream.objects.create(name=family, family=family, api_key="sk-1")
    return routed(model_id, upstream, **fields)


def test_the_panel_shows_what_is_set_and_keeps_what_is_changed(owners, conversation):
    html = owners.get(address(conversation), headers=HTMX).content.decode()
    assert fields_in(html) == set(ALL)
    response = owners.post(address(conversation), ALL, headers=HTMX)
    assert response.status_code == 200
    assert 'hx-target="#settings-button"' in response.content.decode()
    assert "data-tuned" in response.content.decode()
    conversation.refresh_from_db()
    assert conversation.settings == {
        "system_prompt": "Speak plainly.",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_output_tokens": 500,
        "reasoning_effort": "high",
        "json_output": True,
    }
    html = owners.get(address(conversation), headers=HTMX).content.decode()
    assert "Speak plainly." in html
    assert 'value="0.5"' in html
    assert "data-tuned" in owners.get(conversation.get_absolute_url()).content.decode()


def test_emptying_a_field_leaves_it_to_the_model_again(owners, conversation):
    owners.post(address(conversation), ALL, headers=HTMX)
    response = owners.post(address(conversation), dict.fromkeys(ALL, ""), headers=HTMX)
    assert "data-tuned" not in response.content.decode()
    conversation.refresh_from_db()
    assert conversation.set_settings == {}


def test_a_title_that_was_changed_meanwhile_stays(owners, conversation, monkeypatch):
    from chat.pages import settings

    def renamed_meanwhile(request, public_id):
        found = Conversation.objects.get(public_id=public_id)
        Conversation.objects.update(title="Renamed")
        return found

    monkeypatch.setattr(settings, "own_conversation", renamed_meanwhile)
    owners.post(address(conversation), ALL, headers=HTMX)
    assert Conversation.objects.get().title == "Renamed"


@pytest.mark.parametrize(
    ("family", "model_id", "missing"),
    [
        ("openai", "o3", {"temperature", "top_p"}),
        ("openai", "gpt-4.1", {"reasoning_effort"}),
        ("compatible", "anything", set()),
    ],
)
def test_only_what_the_chosen_model_takes_is_offered(owners, conversation, family, model_id, missing):
    of_model(family, model_id)
    html = owners.get(address(conversation), {"model": model_id}, headers=HTMX).content.decode()
    assert fields_in(html) == set(ALL) - missing


def test_the_administrator_knows_better_what_a_model_takes(owners, conversation):
    said = {"efforts": ["low", "max"], "sampling": "never", "json_object": "never", "max_output": 100}
    of_model("compatible", "own", capabilities=said)
    html = owners.get(address(conversation), {"model": "own"}, headers=HTMX).content.decode()
    assert fields_in(html) == {"system_prompt", "max_output_tokens", "reasoning_effort"}
    assert re.findall(r'<option value="(\w+)"', html) == ["low", "max"]
    assert 'max="100"' in html
    given = ALL | {"model": "own", "max_output_tokens": "101", "reasoning_effort": "low"}
    assert owners.post(address(conversation), given, headers=HTMX).status_code == 422


def test_what_the_model_does_not_take_stays_for_another_and_is_named(owners, conversation):
    owners.post(address(conversation), ALL, headers=HTMX)
    of_model("openai", "o3")
    html = owners.get(address(conversation), {"model": "o3"}, headers=HTMX).content.decode()
    assert "left out because this model does not take it: temperature, top-p" in html
    owners.post(address(conversation), ALL | {"model": "o3", "temperature": "1.9"}, headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.temperature == 0.5


def test_a_sample_takes_no_settings(owners, conversation):
    of_model("demo", "demo", is_sample=True)
    html = owners.get(address(conversation), {"model": "demo"}, headers=HTMX).content.decode()
    assert fields_in(html) == set()
    assert "takes no settings" in html


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_values_are_refused_where_they_stand(owners, conversation, name, value):
    for target in (address(conversation), "/settings"):
        response = owners.post(target, {name: value, "done": "1"}, headers=HTMX)
        assert response.status_code == 422
        assert 'class="errorlist"' in response.content.decode()
    conversation.refresh_from_db()
    assert conversation.set_settings == {}


def test_a_stranger_gets_404(strangers, conversation):
    assert strangers.get(address(conversation)).status_code == 404
    assert strangers.post(address(conversation), ALL).status_code == 404
    conversation.refresh_from_db()
    assert conversation.set_settings == {}


@pytest.mark.parametrize("target", ["/settings", "/presets/settings"])
def test_whoever_is_signed_out_is_sent_to_sign_in(client, db, target):
    assert client.post(target, ALL).url.startswith("/accounts/login/")


def test_whoever_is_signed_out_changes_no_conversation(client, conversation):
    assert client.post(address(conversation), ALL).url.startswith("/accounts/login/")


def test_a_model_of_others_tells_nothing_about_itself(owners, conversation, django_user_model):
    from django.contrib.auth.models import Group

    model = of_model("openai", "o3")
    model.groups.add(Group.objects.create(name="Others"))
    html = owners.get(address(conversation), {"model": "o3"}, headers=HTMX).content.decode()
    assert fields_in(html) == set(ALL)
    assert owners.get(address(conversation), {"model": "nul \0"}, headers=HTMX).status_code == 200


def test_the_panel_of_a_new_chat_gives_the_page_fields_to_send(owners, model):
    opened = owners.post("/settings", {"model": "replayed", "temperature": "0.5"}, headers=HTMX)
    assert 'value="0.5"' in opened.content.decode()
    done = owners.post("/settings", ALL | {"model": "replayed", "done": "1"}, headers=HTMX).content.decode()
    assert 'hx-target="#composer-settings"' in done
    assert '<input type="hidden" name="system_prompt" value="Speak plainly.">' in done
    assert '<input type="hidden" name="json_output" value="1">' in done


@pytest.fixture
def _nothing_is_written(monkeypatch):
    monkeypatch.setattr("chat.pages.conversations.async_to_sync", lambda begin: lambda turn: None)


@pytest.mark.usefixtures("_nothing_is_written")
def test_a_chat_begins_with_its_settings(owners, model):
    sent = ALL | {"text": "How?", "model": "replayed", "turn_id": str(uuid.uuid4())}
    assert owners.post("/", sent).status_code == 302
    begun = Conversation.objects.get()
    assert begun.system_prompt == "Speak plainly."
    assert begun.temperature == 0.5
    assert begun.json_output is True


@pytest.mark.parametrize(("name", "value"), [each for each in BAD if "\0" not in each[1]])
def test_a_chat_does_not_begin_with_bad_settings(owners, model, name, value):
    sent = {"text": "How?", "model": "replayed", "turn_id": str(uuid.uuid4()), name: value}
    response = owners.post("/", sent)
    assert response.status_code == 422
    assert "How?</textarea>" in response.content.decode()
    assert not Conversation.objects.exists()


def test_the_panel_asks_as_much_of_the_database_whatever_there_is(
    owners, conversation, django_assert_max_num_queries
):
    for number in range(5):
        Route.objects.create(
            model=conversation.model,
            upstream=Upstream.objects.create(name=f"Other {number}", family="compatible"),
        )
    with django_assert_max_num_queries(6):
        owners.get(address(conversation), {"model": "replayed"}, headers=HTMX)
