from django.contrib.auth.models import Group

from tests.live.tab import Tab, ended


async def test_the_instructions_of_the_model_come_before_the_conversation(conversation, upstream):
    model = conversation.model
    model.system_preamble = "Be kind."
    await model.asave(update_fields=["system_preamble"])
    upstream.say("Gladly.")
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        await tab.until(ended("complete"))
    first = upstream.requests[-1].json["messages"][0]
    assert (first["role"], first["content"]) == ("system", "Be kind.")


async def test_a_model_of_other_people_is_not_asked(conversation, upstream):
    group = await Group.objects.acreate(name="Physicists")
    await conversation.model.groups.aadd(group)
    async with Tab.of(conversation) as tab:
        await tab.ask("How is bread made?")
        assert "not available any more" in await tab.until("notice")
    assert not await conversation.messages.aexists()
