import json

import pytest
from asgiref.sync import sync_to_async

from tests.live.tab import Tab


async def test_a_stranger_gets_4404(conversation, stranger):
    async with Tab(conversation.public_id, stranger) as tab:
        assert await tab.closed_with() == 4404


async def test_who_is_not_signed_in_gets_4401(conversation):
    async with Tab(conversation.public_id, None) as tab:
        assert await tab.closed_with() == 4401


async def test_a_conversation_that_does_not_exist_gets_4404(owner):
    async with Tab("nowhere", owner) as tab:
        assert await tab.closed_with() == 4404


async def test_an_address_that_does_not_exist_gets_4404(owner):
    tab = Tab("", owner)
    tab.path = "/ws/elsewhere"
    async with tab:
        assert await tab.closed_with() == 4404


async def test_who_signs_out_can_do_nothing_on_a_socket_that_is_open(conversation, upstream):
    async with Tab.of(conversation) as tab:
        await sync_to_async(tab.client.logout)()
        await tab.ask("How is bread made?")
        assert await tab.closed_with() == 4408
    assert not await conversation.messages.aexists()


async def test_who_is_switched_off_can_do_nothing_on_a_socket_that_is_open(conversation, owner):
    async with Tab.of(conversation) as tab:
        owner.is_active = False
        await sync_to_async(owner.save)()
        await tab.ask("How is bread made?")
        assert await tab.closed_with() == 4408


async def test_a_deleted_conversation_closes_the_socket_at_the_next_word(conversation):
    async with Tab.of(conversation) as tab:
        await sync_to_async(conversation.delete)()
        await tab.ask("How is bread made?")
        assert await tab.closed_with() == 4404


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"body": []}',
        '{"body": {}}',
        '{"body": {"action": "format_disk"}}',
        '{"body": {"action": ["ask"]}}',
        '{"body": {"action": "ask", "text": "x"}}',
        '{"body": {"action": "ask", "text": "x", "turn_id": "1"}}',
        '{"body": {"action": "ask", "text": 5, "turn_id": "1"}}',
        '{"body": {"action": "catch_up", "last": {}}}',
        "[" * 100_000,
    ],
)
async def test_a_message_that_makes_no_sense_is_answered_in_words(conversation, text):
    async with Tab.of(conversation) as tab:
        await tab.socket.send_to(text_data=text)
        assert "Reload it" in await tab.until("composer-notice")
    assert not await conversation.messages.aexists()


async def test_bytes_are_answered_in_words(conversation):
    async with Tab.of(conversation) as tab:
        await tab.socket.send_to(bytes_data=b"\xff")
        assert "Reload it" in await tab.until("composer-notice")


@pytest.mark.parametrize("action", ["retry", "continue"])
async def test_a_message_of_another_conversation_cannot_be_touched(conversation, stranger, action):
    theirs = await sync_to_async(type(conversation).objects.create)(owner=stranger, title="Theirs")
    message = await theirs.messages.acreate(role="assistant", content=[{"type": "text", "text": "secret"}])
    async with Tab.of(conversation) as tab:
        await tab.send(
            action=action, message=message.public_id, turn_id="7b6e0c1e-6c2f-4c53-9f0e-1f6f3a3a3a3a"
        )
        refusal = await tab.until("composer-notice")
    assert "no longer part" in refusal
    assert json.dumps(refusal).count("secret") == 0
