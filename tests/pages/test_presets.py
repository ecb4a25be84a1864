import pytest
from django.contrib.auth.models import Group

from chat.models import Conversation, Preset, User
from chat.models.preset import MOST_EACH
from tests.pages.conftest import signed_in
from tests.pages.test_settings import ALL, BAD, HTMX, of_model

GIVEN = ALL | {"name": "Plain"}


@pytest.fixture
def preset(owner) -> Preset:
    return Preset.objects.create(owner=owner, name="Plain", system_prompt="Speak plainly.", temperature=0.0)


@pytest.fixture
def team(owner, stranger) -> Group:
    team = Group.objects.create(name="Team")
    owner.groups.add(team)
    stranger.groups.add(team)
    return team


def page(client) -> str:
    return client.get("/presets").content.decode()


def test_a_preset_is_kept_with_its_model_and_settings(owners, owner, model):
    assert owners.post("/presets/new", GIVEN | {"model": "replayed"}).url == "/presets"
    preset = owner.presets.get()
    assert (preset.name, preset.model) == ("Plain", model)
    assert preset.settings["top_p"] == 0.9
    html = page(owners)
    assert "Speak plainly." in html
    assert "Temperature 0.5" in html


def test_the_page_of_somebody_without_presets_says_how_to_make_one(owners):
    assert "You have no preset yet" in page(owners)


def test_one_is_kept_from_the_panel_of_a_conversation(owners, owner, model):
    html = owners.post("/presets/new", GIVEN, headers=HTMX).content.decode()
    assert "“Plain” is kept" in html
    assert owner.presets.count() == 1
    again = owners.post("/presets/new", GIVEN, headers=HTMX)
    assert again.status_code == 422
    assert "You have a preset of this name" in again.content.decode()


def test_it_is_changed(owners, preset):
    assert 'value="0.0"' in owners.get(f"/presets/{preset.pk}").content.decode()
    assert owners.post(f"/presets/{preset.pk}", GIVEN | {"name": "Plainer"}).url == "/presets"
    preset.refresh_from_db()
    assert (preset.name, preset.temperature) == ("Plainer", 0.5)


def test_it_is_deleted_after_it_was_asked_back_and_conversations_keep_what_they_have(owners, owner, preset):
    conversation = Conversation.objects.create(owner=owner, title="Bread", system_prompt="Speak plainly.")
    assert "keep what they have" in owners.get(f"/presets/{preset.pk}/delete").content.decode()
    assert Preset.objects.exists()
    owners.post(f"/presets/{preset.pk}/delete")
    assert not Preset.objects.exists()
    conversation.refresh_from_db()
    assert conversation.system_prompt == "Speak plainly."


def test_what_the_chosen_model_does_not_take_is_no_part_of_it(owners, owner):
    of_model("openai", "o3")
    fields = owners.post("/presets/settings", GIVEN | {"model": "o3"}, headers=HTMX).content.decode()
    assert 'name="temperature"' not in fields
    assert "Speak plainly." in fields
    owners.post("/presets/new", GIVEN | {"model": "o3"})
    assert owner.presets.get().temperature is None


@pytest.mark.parametrize(
    ("name", "value"),
    [*BAD, ("name", ""), ("name", "a" * 61), ("name", "\0"), ("model", "none"), ("groups", "0")],
)
def test_bad_values_are_refused_where_they_stand(owners, name, value):
    response = owners.post("/presets/new", GIVEN | {name: value})
    assert response.status_code == 422
    assert "has to be put right" in response.content.decode()
    assert not Preset.objects.exists()


def test_there_is_an_end_to_them(owners, owner):
    Preset.objects.bulk_create(Preset(owner=owner, name=f"Preset {each}") for each in range(MOST_EACH))
    response = owners.post("/presets/new", GIVEN)
    assert "presets already" in response.content.decode()
    assert owner.presets.count() == MOST_EACH


@pytest.mark.parametrize("action", ["", "/delete", "/default"])
def test_a_stranger_gets_404(strangers, preset, action):
    address = f"/presets/{preset.pk}{action}"
    assert strangers.post(address, GIVEN).status_code == 404
    if action != "/default":
        assert strangers.get(address).status_code == 404
    preset.refresh_from_db()
    assert preset.temperature == 0.0
    assert "Plain" not in page(strangers)


@pytest.mark.parametrize("address", ["", "/new", "/1", "/1/delete", "/1/default"])
def test_whoever_is_signed_out_is_sent_to_sign_in(client, preset, address):
    assert client.post(f"/presets{address}", GIVEN).url.startswith("/accounts/login/")
    assert Preset.objects.count() == 1


def test_whoever_is_in_the_group_uses_one_that_is_shared_and_changes_nothing(owners, strangers, preset, team):
    owners.post(f"/presets/{preset.pk}", GIVEN | {"groups": [team.pk]})
    html = page(strangers)
    assert "olga shares it with Team" in html
    assert f'href="/presets/{preset.pk}"' not in html
    assert strangers.post(f"/presets/{preset.pk}", GIVEN).status_code == 404
    assert strangers.post(f"/presets/{preset.pk}/delete").status_code == 404
    assert strangers.post(f"/presets/{preset.pk}/default").status_code == 302
    assert "Speak plainly." in strangers.get("/").content.decode()


def test_whoever_leaves_the_group_has_it_no_longer(strangers, stranger, preset, team):
    preset.groups.add(team)
    strangers.post(f"/presets/{preset.pk}/default")
    stranger.groups.clear()
    assert "Speak plainly." not in strangers.get("/").content.decode()
    assert "Speak plainly." not in strangers.get(f"/?preset={preset.pk}").content.decode()
    assert "Plain" not in page(strangers)


def test_nobody_shares_with_a_group_that_they_are_not_in(owners, owner):
    others = Group.objects.create(name="Others")
    assert "Others" not in owners.get("/presets/new").content.decode()
    assert owners.post("/presets/new", GIVEN | {"groups": [others.pk]}).status_code == 422


def test_an_administrator_shares_with_any_group(administrator):
    others = Group.objects.create(name="Others")
    signed_in(administrator).post("/presets/new", GIVEN | {"groups": [others.pk]})
    assert list(Preset.objects.get().groups.all()) == [others]


def test_another_group_of_one_who_shares_is_not_named(owner, stranger, preset, team):
    preset.groups.add(team, Group.objects.create(name="Secret project"))
    assert "Secret project" not in page(signed_in(stranger))


def test_a_new_chat_begins_with_the_one_that_is_chosen(owners, preset, model):
    chosen = owners.get(f"/?preset={preset.pk}").content.decode()
    assert '<input type="hidden" name="system_prompt" value="Speak plainly.">' in chosen
    assert '<input type="hidden" name="temperature" value="0.0">' in chosen
    assert 'aria-current="true"' in chosen
    assert 'name="system_prompt"' not in owners.get("/").content.decode()


def test_it_brings_its_model(owners, owner, model):
    other = of_model("openai", "o3")
    preset = Preset.objects.create(owner=owner, name="Thinker", model=other)
    assert 'name="model" value="o3"' in owners.get(f"/?preset={preset.pk}").content.decode()


@pytest.mark.parametrize("wanted", ["0", "none", "-1", "9" * 40, "x", "\0"])
def test_one_that_does_not_exist_is_none(owners, model, wanted):
    assert owners.get("/", {"preset": wanted}).status_code == 200


def test_the_default_is_what_new_chats_begin_with_until_it_is_taken_back(owners, owner, preset, model):
    owners.post(f"/presets/{preset.pk}/default")
    assert "Speak plainly." in owners.get("/").content.decode()
    assert "Speak plainly." not in owners.get("/?preset=none").content.decode()
    owners.post(f"/presets/{preset.pk}/default")
    assert User.objects.get(pk=owner.pk).default_preset is None


def test_what_is_read_aloud_of_a_button_begins_with_what_it_shows(owners, preset):
    for shown in ("Make it the default", "No longer the default"):
        page = owners.get("/presets").content.decode()
        assert f'aria-label="{shown}: {preset}"' in page
        assert f"</svg>{shown}</button>" in page
        owners.post(f"/presets/{preset.pk}/default")


def test_deleting_the_default_leaves_none(owners, owner, preset, model):
    owners.post(f"/presets/{preset.pk}/default")
    owners.post(f"/presets/{preset.pk}/delete")
    assert owners.get("/").status_code == 200


def test_markup_in_a_preset_is_text(owners, owner):
    Preset.objects.create(owner=owner, name="<b>x</b>", system_prompt="<script>alert(1)</script>")
    for address in ("/presets", "/"):
        html = owners.get(address).content.decode()
        assert "<b>x</b>" not in html
        assert "<script>alert" not in html


def test_the_page_asks_as_much_of_the_database_for_many(owners, owner, team, django_assert_max_num_queries):
    for number in range(10):
        Preset.objects.create(owner=owner, name=f"Preset {number}").groups.add(team)
    with django_assert_max_num_queries(8):
        page(owners)
