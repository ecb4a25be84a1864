from asgiref.sync import sync_to_async

from chat.models.chat_settings import SETTINGS
from tests.live.tab import Tab, ended


async def tune(conversation, **settings) -> None:
    conversation.tune(settings)
    await sync_to_async(conversation.save)(update_fields=SETTINGS)


async def ask(conversation, upstream) -> dict:
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    return upstream.requests[-1].json


async def test_the_model_is_sent_the_settings_of_the_conversation(conversation, upstream):
    await tune(
        conversation,
        system_prompt="Speak plainly.",
        temperature=0.0,
        top_p=0.9,
        max_output_tokens=500,
        reasoning_effort="high",
        json_output=True,
    )
    sent = await ask(conversation, upstream)
    assert sent["messages"][0] == {"role": "system", "content": "Speak plainly."}
    assert (sent["temperature"], sent["top_p"], sent["reasoning_effort"]) == (0, 0.9, "high")
    assert 500 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert sent["response_format"] == {"type": "json_object"}


async def test_without_settings_nothing_is_sent_of_them(conversation, upstream):
    sent = await ask(conversation, upstream)
    assert not {"temperature", "top_p", "max_tokens", "reasoning_effort", "response_format"} & sent.keys()
    assert [message["role"] for message in sent["messages"]] == ["user"]


async def test_the_model_s_own_instructions_come_first(conversation, model, upstream):
    model.system_preamble = "You are the site's."
    await sync_to_async(model.save)()
    await tune(conversation, system_prompt="Speak plainly.")
    sent = await ask(conversation, upstream)
    assert sent["messages"][0]["content"] == "You are the site's.\n\nSpeak plainly."


async def test_they_change_in_the_middle_of_a_conversation(conversation, upstream):
    await ask(conversation, upstream)
    await tune(conversation, system_prompt="Speak in verse.")
    sent = await ask(conversation, upstream)
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "user"]
