import pytest
from django.db.utils import ConnectionHandler

from chat.live.memory_layer import MemoryChannelLayer
from chat.pages import health


def test_a_process_that_lives_says_ok_without_the_database(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db(transaction=True)
async def test_a_site_is_ready_when_its_database_and_channel_layer_answer(async_client):
    response = await async_client.get("/readyz")
    assert response.status_code == 200
    assert response.content == b"database: ok\nchannel layer: ok\n"


@pytest.mark.django_db(transaction=True)
async def test_a_site_without_its_database_is_not_ready_and_says_so(async_client, monkeypatch, tmp_path):
    nowhere = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "gone" / "site.sqlite3"}
    monkeypatch.setattr(health, "connection", ConnectionHandler({"default": nowhere})["default"])
    response = await async_client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"database: no answer\nchannel layer: ok\n"


async def test_a_site_without_its_channel_layer_is_not_ready_and_says_so(async_client, monkeypatch, settings):
    monkeypatch.setattr(health, "database_answers", lambda: True)
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:9"]},
        }
    }
    response = await async_client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"database: ok\nchannel layer: no answer\n"


class ForgetfulLayer(MemoryChannelLayer):
    def __init__(self, losing: int) -> None:
        super().__init__()
        self.losing = losing

    async def send(self, channel, message):
        self.losing -= 1
        if self.losing < 0:
            await super().send(channel, message)


async def test_a_channel_layer_that_loses_one_message_still_answers(async_client, monkeypatch, settings):
    monkeypatch.setattr(health, "database_answers", lambda: True)
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"{__name__}.ForgetfulLayer", "CONFIG": {"losing": 1}}}
    response = await async_client.get("/readyz")
    assert response.content == b"database: ok\nchannel layer: ok\n"


async def test_a_channel_layer_that_loses_every_message_is_not_ready(async_client, monkeypatch, settings):
    monkeypatch.setattr(health, "database_answers", lambda: True)
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": f"{__name__}.ForgetfulLayer", "CONFIG": {"losing": 1_000}}
    }
    response = await async_client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"database: ok\nchannel layer: no answer\n"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
async def test_it_answers_whatever_the_site_is_called(async_client, monkeypatch, address):
    async def answers():
        return True

    monkeypatch.setattr(health, "database_answers", lambda: True)
    monkeypatch.setattr(health, "channel_layer_answers", answers)
    assert (await async_client.get(address, headers={"host": "10.0.0.7:8000"})).status_code == 200


def test_any_other_page_of_another_host_is_refused_with_the_policy_and_without_a_word_in_the_log(
    client, capfd, caplog
):
    response = client.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "elsewhere" not in response["Content-Security-Policy"]
    assert not caplog.records
    assert "DisallowedHost" not in capfd.readouterr().err
