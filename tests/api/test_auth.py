from datetime import timedelta

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chat.models import ApiKey, ModelRequest
from chat.upstreams import close_clients
from tests.api.conftest import ASK, HELLO, client

NO_ROLE = {"role": "nobody", "content": "Hello"}


async def status_with(**headers: str) -> tuple[int, str | None]:
    """Of the list, and of a question: both say the same."""
    async with client({name.replace("_", "-"): value for name, value in headers.items()}) as program:
        responses = [await program.get("/v1/models"), await program.post(ASK, json=HELLO)]
    await close_clients()
    said = {(each.status_code, each.json().get("error", {}).get("code")) for each in responses}
    assert len(said) == 1
    return said.pop()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
async def test_a_bearer_token_opens_in_any_case(secret, scheme):
    assert await status_with(authorization=f"{scheme} {secret}") == (200, None)


@pytest.mark.parametrize("header", ["x_api_key", "api_key"])
async def test_a_key_may_come_in_a_header_of_its_own(secret, header):
    assert await status_with(**{header: secret}) == (200, None)


async def test_without_a_key_nothing_opens(secret):
    async with client({}) as nobody:
        response = await nobody.post(ASK, json=HELLO)
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["code"]) == (401, "invalid_request_error", None)
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("user_keys", "says"), [(True, "the page “Your keys”"), (False, "an administrator issues keys")]
)
async def test_whoever_has_no_key_is_told_where_to_get_one(settings, user_keys, says):
    settings.USER_KEYS = user_keys
    async with client({}) as nobody:
        assert says in (await nobody.get("/v1/models")).json()["error"]["message"]


@pytest.mark.parametrize("given", ["Bearer sk-wrong", "Bearer ", "Basic b2xnYQ==", "sk-naked"])
async def test_a_wrong_key_opens_nothing(secret, given):
    status, _ = await status_with(authorization=given)
    assert status == 401


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        orjson.dumps(HELLO),
        orjson.dumps(HELLO | {"messages": [NO_ROLE]}),
        orjson.dumps(HELLO | {"messages": [NO_ROLE | {"content": "x" * 100_000}]}),
        b"{",
    ],
    ids=["good", "wrong", "wrong and large", "no JSON"],
)
async def test_a_stranger_learns_no_more_than_that_the_key_is_wrong(server, secret, body, stream):
    body = body.replace(b'{"model"', b'{"stream":true,"model"') if stream else body
    async with client({"authorization": "Bearer sk-wrong", "content-type": "application/json"}) as stranger:
        response = await stranger.post(ASK, content=body)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")
    assert not server.requests
    assert not await ModelRequest.objects.aexists()


async def test_an_expired_key_says_so(owner, secret):
    past = timezone.now() - timedelta(seconds=1)
    await sync_to_async(ApiKey.objects.update)(expires_at=past)
    assert await status_with(authorization=f"Bearer {secret}") == (401, "expired_api_key")


async def test_a_revoked_key_opens_nothing_from_the_next_request_on(program, secret):
    assert (await program.get("/v1/models")).status_code == 200
    key = await sync_to_async(ApiKey.objects.find)(secret)
    await sync_to_async(key.revoke)()
    response = await program.get("/v1/models")
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


async def test_the_key_of_somebody_who_was_switched_off_opens_nothing(program, owner):
    owner.is_active = False
    await sync_to_async(owner.save)(update_fields=["is_active"])
    assert (await program.get("/v1/models")).status_code == 401


async def test_a_key_is_kept_as_a_hash(secret):
    key = await sync_to_async(ApiKey.objects.get)()
    assert secret.startswith(key.prefix)
    assert secret not in str(vars(key).values())
    assert len(key.prefix) == 12
