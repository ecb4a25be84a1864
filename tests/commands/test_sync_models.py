import pytest
from django.core.management import CommandError, call_command

from chat.models import LanguageModel, Upstream
from tests.replay import ReplayServer


@pytest.fixture
def server(transactional_db):
    with ReplayServer() as server:
        server.models = ["small", "large"]
        yield server


def test_it_says_for_each_what_it_offers_or_why_not(server, capsys):
    Upstream.objects.create(name="Mine", family="compatible", base_url=server.base_url)
    Upstream.objects.create(name="Gone", family="compatible", base_url="http://127.0.0.1:9/v1")
    call_command("sync_models")
    said = capsys.readouterr().out
    assert "Mine: 2 models\n" in said
    assert "Gone: Nothing answers at 127.0.0.1:9." in said
    assert set(LanguageModel.objects.values_list("model_id", flat=True)) == {"small", "large"}


def test_one_that_is_off_is_not_asked(server, capsys):
    Upstream.objects.create(name="Mine", family="compatible", base_url=server.base_url, enabled=False)
    call_command("sync_models")
    assert not server.requests


def test_it_fails_if_none_answers(transactional_db):
    Upstream.objects.create(name="Gone", family="compatible", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(CommandError):
        call_command("sync_models")


def test_a_model_that_is_gone_stays_without_a_route(server):
    mine = Upstream.objects.create(name="Mine", family="compatible", base_url=server.base_url)
    call_command("sync_models")
    server.models = ["small"]
    call_command("sync_models")
    assert LanguageModel.objects.count() == 2
    assert [route.model.model_id for route in mine.routes.select_related("model")] == ["small"]
