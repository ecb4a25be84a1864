import asyncio
import uuid

from asgiref.sync import sync_to_async

from chat.models import Conversation


async def test_the_first_turn_of_a_conversation_is_answered_after_its_request_has_ended(
    conversation, owner, upstream, model, async_client
):
    upstream.say("one two three four five six seven eight nine ten", tokens_per_second=40)
    await sync_to_async(async_client.force_login)(owner)
    sent = {"text": "Count", "model": model.model_id, "turn_id": str(uuid.uuid4())}
    response = await async_client.post("/", sent)
    assert response.status_code == 302
    begun = await Conversation.objects.aget(public_id=response["Location"].removeprefix("/c/"))
    await asyncio.sleep(1)
    answer = await begun.messages.aget(role="assistant")
    assert (answer.status, answer.text) == ("complete", "one two three four five six seven eight nine ten")


async def test_sending_the_first_turn_twice_begins_one_conversation(
    conversation, owner, upstream, model, async_client
):
    upstream.say("Flour.")
    await sync_to_async(async_client.force_login)(owner)
    sent = {"text": "Count", "model": model.model_id, "turn_id": str(uuid.uuid4())}
    first = await async_client.post("/", sent)
    second = await async_client.post("/", sent)
    assert first["Location"] == second["Location"]
    assert await owner.conversations.acount() == 2
