"""A key that the provider refused is not used, until there is another or it works again."""

import pytest

from chat.models import LanguageModel, Route, Upstream
from chat.upstreams import close_clients
from tests.replay import ReplayServer

SAID = "The provider refused the site's key. An administrator can correct it in the admin, under Upstreams."


@pytest.fixture(autouse=True)
def _database(transactional_db): ...


@pytest.fixture
def upstream() -> Upstream:
    return Upstream.objects.create(name="Mine", family="compatible", base_url="http://llm/v1", api_key="sk-1")


def test_it_is_said_when_and_what_to_do(upstream):
    upstream.refuse_key(SAID)
    upstream.refresh_from_db()
    assert upstream.problem.startswith("Key refused on ")
    assert "Enter another" in upstream.problem
    assert upstream.last_error == SAID


def test_none_of_its_models_can_be_asked(upstream, owner):
    Route.objects.create(model=LanguageModel.objects.create(model_id="small"), upstream=upstream)
    assert LanguageModel.objects.usable_by(owner).exists()
    upstream.refuse_key(SAID)
    assert not LanguageModel.objects.usable_by(owner).exists()
    assert list(Upstream.objects.refused()) == list(Upstream.objects.failing()) == [upstream]


@pytest.mark.parametrize("change", [{"api_key": "sk-2"}, {"base_url": "http://another/v1"}])
def test_another_key_is_not_held_to_account_for_the_old_one(upstream, change):
    old = Upstream.objects.get()
    for name, value in change.items():
        setattr(upstream, name, value)
    upstream.save(update_fields=list(change))
    old.refuse_key(SAID)
    upstream.refresh_from_db()
    assert upstream.key_refused_at is None


def test_one_that_was_deleted_meanwhile_is_no_matter(upstream):
    old = Upstream.objects.get()
    upstream.delete()
    old.refuse_key(SAID)


async def test_a_connection_that_works_again_ends_it(upstream):
    with ReplayServer() as server:
        await Upstream.objects.aupdate(key_refused_at="2026-01-01T00:00Z", base_url=server.base_url)
        upstream = await Upstream.objects.aget()
        assert not (await upstream.test()).error
        await close_clients()
    await upstream.arefresh_from_db()
    assert upstream.key_refused_at is None
    assert upstream.last_error == ""


async def test_a_connection_that_fails_for_another_reason_does_not(upstream):
    await Upstream.objects.aupdate(key_refused_at="2026-01-01T00:00Z", base_url="http://127.0.0.1:9/v1")
    upstream = await Upstream.objects.aget()
    assert (await upstream.test()).error
    await close_clients()
    await upstream.arefresh_from_db()
    assert upstream.key_refused_at


def test_a_key_of_the_environment_is_tried_again_at_each_start():
    Upstream.objects.take_over_environment({"openai": {"api_key": "sk-1", "base_url": ""}})
    Upstream.objects.get().refuse_key(SAID)
    Upstream.objects.take_over_environment({"openai": {"api_key": "sk-2", "base_url": ""}})
    assert Upstream.objects.get().key_refused_at is None
