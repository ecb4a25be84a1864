import pytest

from tests.api.conftest import ASK, HELLO


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/embeddings", "/v1/chat", "/v1/models/../x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_address_that_is_not_there_is_told_in_json(program, method, path):
    response = await program.request(method, path)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (404, "unknown_url")
    assert set(error) == {"message", "type", "param", "code"}
    assert response.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(("method", "path"), [("GET", ASK), ("DELETE", ASK), ("POST", "/v1/models")])
async def test_a_method_that_is_not_possible_is_told_in_json(program, method, path):
    response = await program.request(method, path)
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")
    assert "OPTIONS" in response.headers["allow"]


async def test_every_answer_has_an_id_of_its_own(program, anonymous, server):
    server.say("Hi")
    answers = [
        await program.post(ASK, json=HELLO),
        await program.post(ASK, json=HELLO | {"stream": True}),
        await program.post(ASK, content=b"{"),
        await anonymous.get("/v1/models"),
        await anonymous.get("/v1/openapi.json"),
    ]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == len(answers)


async def test_a_mistake_of_the_site_tells_no_more_than_its_id(program, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("chat.api.models.entries", fail)
    response = await program.get("/v1/models")
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert response.headers["x-request-id"] in response.json()["error"]["message"]
