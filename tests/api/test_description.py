import json

import jsonschema

from chat.api.schema import CompletionRequest
from tests.api.conftest import ASK, HELLO
from tests.replay import chunk, ending


async def test_the_document_is_public_and_describes_every_address(anonymous):
    document = (await anonymous.get("/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/chat/completions", "/models", "/models/{model}"}


async def test_every_reference_in_it_leads_somewhere(anonymous):
    text = (await anonymous.get("/v1/openapi.json")).text
    schemas = json.loads(text)["components"]["schemas"]
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(schemas)


async def test_it_names_every_field_that_is_read(anonymous):
    document = (await anonymous.get("/v1/openapi.json")).json()
    described = document["components"]["schemas"]["CompletionRequest"]["properties"]
    assert set(described) == set(CompletionRequest.model_fields)


async def test_answers_are_as_it_says(program, server, anonymous):
    document = (await anonymous.get("/v1/openapi.json")).json()

    def check(name: str, value: object) -> None:
        jsonschema.validate(
            value, {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        )

    server.say("Hi", reasoning="Hm.")
    check("Completion", (await program.post(ASK, json=HELLO)).json())
    check("ModelList", (await program.get("/v1/models")).json())
    check("Model", (await program.get("/v1/models/replayed")).json())
    check("Error", (await program.get("/v1/models/nothing")).json())


async def test_it_names_every_field_of_an_answer(program, server, anonymous):
    document = (await anonymous.get("/v1/openapi.json")).json()
    choice = document["components"]["schemas"]["Completion"]["properties"]["choices"]["items"]
    described = choice["properties"]["message"]["properties"]
    beside = {
        "annotations": [{"type": "url_citation"}],
        "audio": {"id": "a"},
        "images": [{"type": "image_url"}],
    }
    server.answer([chunk({"content": "Hi", **beside}), *ending()])
    message = (await program.post(ASK, json=HELLO)).json()["choices"][0]["message"]
    assert {*beside} <= {*message} <= {*described}
