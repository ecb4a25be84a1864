"""What a collector sees of a process, and who may be a collector."""

from decimal import Decimal

import pytest
from prometheus_client import REGISTRY

from chat.gateway import metrics
from chat.models import LanguageModel
from tests.traffic import made

TOKEN = "a-token-for-the-collector"


@pytest.fixture
def collector(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _nothing_is_counted_yet():
    for metric in (
        metrics.requests,
        metrics.tokens,
        metrics.cost,
        metrics.without_price,
        metrics.first_token,
    ):
        metric.clear()
    metrics.models, metrics.upstreams = metrics.Names(), metrics.Names()


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"chatsite_{name}", labels)


@pytest.fixture
def model(db):
    return LanguageModel.objects.create(model_id="replayed")


def test_a_collector_with_the_token_sees_the_metrics(client, db, collector, owner, model):
    metrics.observe(made(owner, model=model))
    response = client.get("/metrics", headers=collector)
    assert response["Content-Type"].startswith("text/plain")
    text = response.content.decode()
    assert (
        'chatsite_requests_total{face="chat",model="replayed",status="complete",upstream="Replay"} 1.0'
        in text
    )
    assert "process_resident_memory_bytes" in text


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ü"],
)
def test_without_the_token_there_is_no_such_page(client, db, collector, given):
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_an_empty_setting_lets_no_empty_token_in(client, db):
    for given in ("Bearer ", "Bearer"):
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_a_superuser_sees_them_and_nobody_else_who_is_signed_in(client, administrator, owner):
    client.force_login(owner)
    assert client.get("/metrics").status_code == 404
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    assert client.get("/metrics").status_code == 404
    client.force_login(administrator)
    assert client.get("/metrics").status_code == 200


def test_it_is_only_to_be_looked_at(client, db, collector):
    assert client.post("/metrics", headers=collector).status_code == 405


def test_tokens_cost_and_the_first_token_are_counted(owner, model):
    for _ in range(2):
        metrics.observe(made(owner, model=model, cost=Decimal("0.5"), first_token_seconds=0.35))
    route = {"model": "replayed", "upstream": "Replay"}
    assert value("tokens_total", **route, kind="prompt") == 2000
    assert value("tokens_total", **route, kind="cached") == 800
    assert value("cost_dollars_total", **route) == 1
    assert value("first_token_seconds_bucket", **route, le="0.3") == 0
    assert value("first_token_seconds_bucket", **route, le="0.4") == 2


def test_an_unknown_price_is_counted_apart(owner, model):
    metrics.observe(made(owner, model=model, cost=None))
    route = {"model": "replayed", "upstream": "Replay"}
    assert value("requests_without_price_total", **route) == 1
    assert value("cost_dollars_total", **route) is None


def test_a_request_without_anything_is_counted(owner):
    nothing = dict.fromkeys(("prompt_tokens", "completion_tokens", "cost", "first_token_seconds"))
    metrics.observe(made(owner, status="refused", upstream_name="", **nothing))
    assert value("requests_total", model="other", upstream="none", face="chat", status="refused") == 1


def test_names_that_clients_make_up_are_no_labels(owner):
    for number in range(50):
        metrics.observe(made(owner, model_name=f"made-up-{number}"))
    assert value("requests_total", model="other", upstream="Replay", face="chat", status="complete") == 50


def test_there_are_only_so_many_labels(owner, model, monkeypatch):
    monkeypatch.setattr(metrics, "MOST_NAMES", 3)
    for number in range(10):
        metrics.observe(made(owner, model=model, model_name=f"model-{number}"))
    assert value("requests_total", model="other", upstream="Replay", face="chat", status="complete") == 7


def test_counting_asks_no_database(owner, model, django_assert_num_queries):
    request = made(owner, model=model)
    with django_assert_num_queries(0):
        metrics.observe(request)
