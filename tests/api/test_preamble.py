"""The instructions of a model come before those of whoever asks it."""

import pytest
from asgiref.sync import sync_to_async

from tests.api.conftest import ASK, HELLO

PREAMBLE = "You are a helper of the Physicists."


@pytest.fixture(autouse=True)
def preamble(model, server) -> None:
    model.system_preamble = PREAMBLE
    model.save(update_fields=["system_preamble"])
    server.say("Hello.")


async def sent(program, server, *messages) -> list[dict]:
    assert (await program.post(ASK, json=HELLO | {"messages": list(messages)})).status_code == 200
    return server.requests[-1].json["messages"]


async def test_it_stands_before_the_question(program, server):
    messages = await sent(program, server, {"role": "user", "content": "Hello"})
    assert [(each["role"], each["content"]) for each in messages] == [("system", PREAMBLE), ("user", "Hello")]


@pytest.mark.parametrize("role", ["system", "developer"])
async def test_it_is_one_message_with_the_instructions_of_the_asker(program, server, role):
    asked = {"role": role, "content": "Be brief."}, {"role": "user", "content": "Hello"}
    messages = await sent(program, server, *asked)
    assert [each["content"] for each in messages] == [f"{PREAMBLE}\n\nBe brief.", "Hello"]


async def test_without_one_nothing_is_added(program, server, model):
    model.system_preamble = ""
    await sync_to_async(model.save)(update_fields=["system_preamble"])
    messages = await sent(program, server, {"role": "user", "content": "Hello"})
    assert [each["role"] for each in messages] == ["user"]
