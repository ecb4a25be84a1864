from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from chat.api.models import entries
from chat.gateway import Payer
from chat.models import ApiKey, LanguageModel, Price, Route, Upstream
from chat.models.price import today
from tests.api.conftest import ASK, HELLO, client, routed


@pytest.fixture
def others(upstream: Upstream) -> None:
    routed("vendor/model:free", upstream, context_window=8192, display_name="Free")
    routed("switched-off", upstream, enabled=False)
    LanguageModel.objects.create(model_id="without-a-route")


async def test_the_list_has_what_can_be_asked_and_what_is_known_of_it(program, others):
    answer = (await program.get("/v1/models")).json()
    assert answer["object"] == "list"
    assert [each["id"] for each in answer["data"]] == ["replayed", "vendor/model:free"]
    free = answer["data"][1]
    assert (free["object"], free["owned_by"], free["name"], free["context_length"]) == (
        "model",
        "Replay",
        "Free",
        8192,
    )
    assert free["pricing"] is None


@pytest.mark.parametrize("path", ["vendor/model:free", "vendor%2Fmodel%3Afree", "vendor/model:free/"])
async def test_an_id_may_hold_slashes(program, others, path):
    assert (await program.get(f"/v1/models/{path}")).json()["id"] == "vendor/model:free"


@pytest.mark.parametrize("model_id", ["nothing", "switched-off", "without-a-route", "vendor", "a%00b"])
async def test_what_cannot_be_asked_is_not_found(program, others, model_id):
    response = await program.get(f"/v1/models/{model_id}")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")


async def test_a_key_sees_and_uses_only_its_models(owner, server, others):
    def limited() -> str:
        key = ApiKey(owner=owner)
        secret = key.issue()
        key.allowed_models.add(LanguageModel.objects.get(model_id="vendor/model:free"))
        return secret

    secret = await sync_to_async(limited)()
    async with client({"authorization": f"Bearer {secret}"}) as program:
        assert [each["id"] for each in (await program.get("/v1/models")).json()["data"]] == [
            "vendor/model:free"
        ]
        refused = await program.post(ASK, json=HELLO)
        unknown = await program.post(ASK, json=HELLO | {"model": "nothing"})
        hidden = await program.get("/v1/models/replayed")
    assert (refused.status_code, hidden.status_code) == (404, 404)
    # That there is such a model is not told.
    assert (
        refused.json()["error"]["message"].replace("replayed", "nothing")
        == unknown.json()["error"]["message"]
    )


async def test_a_model_whose_upstream_is_off_cannot_be_asked(program, upstream):
    upstream.enabled = False
    await sync_to_async(upstream.save)(update_fields=["enabled"])
    response = await program.post(ASK, json=HELLO)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
    assert (await program.get("/v1/models")).json()["data"] == []


async def test_the_list_costs_the_same_however_long_it_is(owner, upstream, django_assert_max_num_queries):
    def listed() -> int:
        for number in range(50):
            routed(f"model-{number}", upstream)
        with django_assert_max_num_queries(4):
            return len(entries(Payer(owner)))

    assert await sync_to_async(listed)() == 50


def price(**fields: object) -> Price:
    given = {"family": "compatible", "model_id": "replayed", "input": "2.5", "output": "10"}
    return Price.objects.create(**{**given, **fields})


async def pricing(program, path: str = "/v1/models/replayed"):
    return (await program.get(path)).json()["pricing"]


async def test_what_a_model_costs_is_told_for_one_token(program):
    await sync_to_async(price)(cached_input="0.0028", per_image="0.01")
    known = {
        "prompt": "0.0000025",
        "completion": "0.00001",
        "input_cache_read": "0.0000000028",
        "image": "0.01",
    }
    assert await pricing(program) == known
    assert (await program.get("/v1/models")).json()["data"][0]["pricing"] == known


async def test_what_long_prompts_cost_is_told_besides(program):
    await sync_to_async(price)()
    await sync_to_async(price)(above=200_000, input="5", output="20")
    assert (await pricing(program))["long_prompts"] == [
        {"above": 200_000, "prompt": "0.000005", "completion": "0.00002"}
    ]


async def test_what_costs_nothing_is_told_as_nothing(program, upstream):
    upstream.is_free = True
    await sync_to_async(upstream.save)(update_fields=["is_free"])
    assert await pricing(program) == {"prompt": "0", "completion": "0"}


async def test_a_price_that_does_not_hold_yet_is_not_told(program):
    await sync_to_async(price)(effective_from=today() + timedelta(days=1))
    assert await pricing(program) is None


async def test_the_price_is_that_of_the_route_that_is_asked_first(program, model, server):
    def rerouted() -> None:
        price()
        free = Upstream.objects.create(
            name="Free", family="compatible", base_url=server.base_url, is_free=True
        )
        Route.objects.create(model=model, upstream=free, priority=1)

    await sync_to_async(rerouted)()
    assert (await pricing(program))["prompt"] == "0.0000025"
