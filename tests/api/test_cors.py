import pytest

from tests.api.conftest import ASK

ORIGIN = {"origin": "https://app.example"}


async def test_no_other_site_may_call_unless_it_is_allowed_to(anonymous):
    response = await anonymous.options(ASK, headers=ORIGIN)
    assert response.status_code == 204
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("allowed", [["*"], ["https://app.example"]])
async def test_an_allowed_site_may_call_and_read_the_headers(anonymous, settings, allowed):
    settings.CORS_ALLOWED_ORIGINS = allowed
    before = (await anonymous.options(ASK, headers=ORIGIN)).headers
    assert before["access-control-allow-origin"] == "https://app.example"
    assert "authorization" in before["access-control-allow-headers"]
    assert "POST" in before["access-control-allow-methods"]
    after = (await anonymous.get("/v1/models", headers=ORIGIN)).headers
    assert after["access-control-allow-origin"] == "https://app.example"
    assert "x-request-id" in after["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in after


async def test_another_site_than_the_allowed_one_may_not(anonymous, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://other.example"]
    assert "access-control-allow-origin" not in (await anonymous.options(ASK, headers=ORIGIN)).headers
