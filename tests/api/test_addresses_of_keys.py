"""From where a key may be used, on every path and with every header."""

import httpx
import pytest
from asgiref.sync import sync_to_async

from chat.models import ApiKey
from chatsite.asgi import application
from tests.api.conftest import ASK, HELLO

OFFICE = "192.0.2.0/24\n2001:db8::/32"


@pytest.fixture(autouse=True)
def office(secret, server) -> None:
    ApiKey.objects.update(networks=OFFICE)
    server.say("Hello.")


async def answer(address: str, headers: dict[str, str], path: str = "/v1/models") -> httpx.Response:
    transport = httpx.ASGITransport(app=application, client=(address, 40_000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers
    ) as program:
        return await (program.post(path, json=HELLO) if path == ASK else program.get(path))


async def status(secret: str, address: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await answer(address, {"authorization": f"Bearer {secret}"} | named)).status_code


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7"])
async def test_it_opens_from_within(secret, address):
    assert await status(secret, address) == 200


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db9::1", "", "nonsense"])
async def test_it_opens_nothing_from_elsewhere(secret, address):
    assert await status(secret, address) == 403


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/replayed", ASK])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("authorization", "Bearer {}"),
        ("authorization", "bEARER {}"),
        ("x-api-key", "{}"),
        ("api-key", "{}"),
    ],
)
async def test_that_holds_on_every_path_and_header(secret, path, header, value):
    refused = await answer("198.51.100.7", {header: value.format(secret)}, path)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["type"]) == (
        403,
        "ip_not_authorized",
        "invalid_request_error",
    )
    assert "198.51.100.7" in error["message"]


async def test_what_a_client_writes_about_itself_does_not_count(secret):
    assert await status(secret, "198.51.100.7", x_forwarded_for="192.0.2.7") == 403
    assert await status(secret, "198.51.100.7", x_real_ip="192.0.2.7") == 403


async def test_behind_a_proxy_counts_what_the_proxy_saw(secret, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert await status(secret, "10.0.0.1", x_forwarded_for="192.0.2.7") == 200
    assert await status(secret, "10.0.0.1", x_forwarded_for="192.0.2.7, 198.51.100.7") == 403
    assert await status(secret, "192.0.2.1", x_forwarded_for="198.51.100.7") == 403


async def test_behind_two_proxies_counts_what_the_first_saw(secret, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert await status(secret, "10.0.0.1", x_forwarded_for="192.0.2.7, 10.0.0.2") == 200
    assert await status(secret, "10.0.0.1", x_forwarded_for="192.0.2.7, 198.51.100.7, 10.0.0.2") == 403


async def test_a_proxy_that_was_gone_around_opens_nothing(secret, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert await status(secret, "192.0.2.7", x_forwarded_for="192.0.2.7") == 403


async def test_a_key_without_addresses_opens_from_anywhere(secret):
    await sync_to_async(ApiKey.objects.update)(networks="")
    assert await status(secret, "198.51.100.7") == 200


async def test_a_revoked_key_is_not_valid_wherever_it_comes_from(secret):
    await sync_to_async(ApiKey.objects.get)()
    await sync_to_async(lambda: ApiKey.objects.find(secret).revoke())()
    assert await status(secret, "198.51.100.7") == 401
