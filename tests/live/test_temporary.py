"""A chat of which nothing is written down."""

import re
import uuid

import pytest
from asgiref.sync import sync_to_async

from chat import gateway
from chat.live import keeper
from chat.live.temporary import MOST_EACH, SECONDS_AWAY, temporary_chats
from chat.models import Conversation, KeptReasoning, Message, ModelRequest, Upstream
from chat.models.public_id import new_public_id
from tests.live.tab import Tab, ended

SECRET = "Where the treasure is"


class TemporaryTab(Tab):
    def __init__(self, public_id, user) -> None:
        super().__init__(public_id, user)
        self.path = f"/ws/t/{public_id}"

    async def ask(self, text: str, model: str = "replayed", turn_id: str = "", **fields) -> None:
        await self.send(action="ask", text=text, model=model, turn_id=turn_id or str(uuid.uuid4()), **fields)

    @property
    def answer_id(self) -> str:
        return re.search(r'data-message="([^"]+)" data-role="assistant"', self.article)[1]


@pytest.fixture
def tab(owner, model, _drained) -> TemporaryTab:
    return TemporaryTab(new_public_id(), owner)


@pytest.fixture(autouse=True)
def _none_left():
    yield
    temporary_chats.__init__()


def texts_in_the_database() -> str:
    from django.apps import apps

    rows = [row for model in apps.get_models() for row in model._default_manager.values_list()]
    return repr(rows)


async def test_it_is_answered_and_remembers_what_was_said(tab, upstream):
    upstream.say("Under the oak.")
    async with tab:
        await tab.catch_up()
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
        assert "Under the oak." in tab.article
        await tab.ask("And then?")
        await tab.until(ended("complete"))
    sent = upstream.requests[-1].json["messages"]
    assert [message["content"] for message in sent] == [SECRET, "Under the oak.", "And then?"]


async def test_an_answer_that_takes_longer_than_from_one_save_to_the_next_is_whole(
    tab, upstream, monkeypatch
):
    monkeypatch.setattr(keeper, "CHECKPOINT_SECONDS", 0.1)
    upstream.say("one two three four five six seven eight nine ten", tokens_per_second=20)
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
        assert "one two three four five six seven eight nine ten" in tab.article


async def test_nothing_of_it_is_in_the_database_and_the_request_is_counted(tab, upstream):
    upstream.say("Under the oak.", reasoning="They ask about treasure.")
    async with tab:
        await tab.ask(SECRET, system_prompt="Be a pirate.")
        await tab.until(ended("complete"))
    await gateway.journal.flush()
    assert not await Conversation.objects.aexists()
    assert not await Message.objects.aexists()
    assert not await KeptReasoning.objects.aexists()
    kept = await sync_to_async(texts_in_the_database)()
    for said in (SECRET, "oak", "pirate", "about treasure"):
        assert said not in kept
    request = await ModelRequest.objects.aget()
    assert (request.face, request.message_id, request.user_id) == ("chat", None, tab.user.pk)
    assert request.completion_tokens


async def test_its_settings_come_with_each_question(tab, upstream):
    upstream.say("Aye.")
    async with tab:
        await tab.ask("Who?", system_prompt="Be a pirate.", temperature="0.5")
        await tab.until(ended("complete"))
        assert upstream.requests[-1].json["messages"][0]["content"] == "Be a pirate."
        assert upstream.requests[-1].json["temperature"] == 0.5
        await tab.ask("Who?", temperature="hot")
        assert "Temperature: " in await tab.until("composer-notice")


async def test_what_is_asked_anew_takes_the_place_of_what_was_there(tab, upstream):
    upstream.say("Under the oak.")
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
        question = re.search(r'data-message="([^"]+)" data-role="user"', "".join(tab.frames))[1]
        await tab.ask("What is bread?", instead_of=question)
        await tab.until(ended("complete"))
        await tab.send(action="retry", message=tab.answer_id, model="replayed", turn_id=str(uuid.uuid4()))
        await tab.until(ended("complete"))
    assert [message["content"] for message in upstream.requests[-1].json["messages"]] == ["What is bread?"]


async def test_it_is_stopped_and_continued(tab, upstream):
    upstream.say("Under the oak. " * 100, tokens_per_second=50)
    async with tab:
        await tab.ask(SECRET)
        await tab.until("-content-tail.*oak")
        await tab.send(action="stop")
        await tab.until(ended("stopped"))
        upstream.say("That was all.")
        await tab.send(action="continue", message=tab.answer_id)
        await tab.until(ended("complete"))
    assert tab.article.count("That was all.") == 1
    assert "Under the oak." in tab.article


async def test_the_same_turn_twice_is_one(tab, upstream):
    upstream.say("Under the oak.")
    turn_id = str(uuid.uuid4())
    async with tab:
        await tab.ask(SECRET, turn_id=turn_id)
        await tab.until(ended("complete"))
        await tab.ask(SECRET, turn_id=turn_id)
        assert await tab.is_silent()
        await tab.ask("Something else", turn_id=turn_id)
        assert "data-new-turn" in await tab.until("composer-notice")
    assert len(upstream.requests) == 1


async def test_a_second_question_waits_until_the_first_is_answered(tab, upstream):
    upstream.say("Oak. " * 50, tokens_per_second=50)
    async with tab:
        await tab.ask(SECRET)
        await tab.until('data-role="user"')
        await tab.ask("And cake?")
        assert "still being written" in await tab.until("composer-notice")


async def test_a_tab_that_was_hidden_finds_it_again(tab, upstream):
    upstream.say("Under the oak.")
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
    again = TemporaryTab(tab.path.rpartition("/")[2], tab.user)
    async with again:
        await again.catch_up()
        assert "Under the oak." in await again.receive()


async def test_to_a_stranger_it_does_not_exist(tab, stranger, upstream):
    upstream.say("Under the oak.")
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
        async with TemporaryTab(tab.path.rpartition("/")[2], stranger) as other:
            assert await other.closed_with() == 4404


async def test_whoever_is_signed_out_begins_none(tab):
    async with TemporaryTab(new_public_id(), None) as nobody:
        assert await nobody.closed_with() == 4401


async def test_an_address_that_is_no_id_does_not_exist(tab):
    async with TemporaryTab("x", tab.user) as other:
        assert await other.closed_with() == 4404


async def test_a_page_of_one_that_is_gone_is_told_so(tab):
    async with tab:
        await tab.catch_up(last=new_public_id(), status="complete")
        assert await tab.closed_with() == 4404


async def test_it_is_forgotten_after_hours_without_a_page(tab, upstream, monkeypatch):
    async with tab:
        await tab.catch_up()
        monkeypatch.setattr("chat.live.temporary.SECONDS_AWAY", -1)
        await tab.ask(SECRET)
        assert await tab.closed_with() == 4404
    assert SECONDS_AWAY > 3600


def test_of_many_the_oldest_is_forgotten(owner, stranger):
    theirs = temporary_chats.visited(stranger, new_public_id(), may_begin=True)
    first, *_ = [
        temporary_chats.visited(owner, new_public_id(), may_begin=True) for _ in range(MOST_EACH + 1)
    ]
    with pytest.raises(Conversation.DoesNotExist):
        temporary_chats.visited(owner, first.public_id, may_begin=False)
    assert temporary_chats.visited(stranger, theirs.public_id, may_begin=False) is theirs


async def test_it_takes_no_files(tab):
    async with tab:
        await tab.ask(SECRET, attachments=["abc"])
        assert "takes no files" in await tab.until("composer-notice")


async def test_a_failure_is_shown_and_retried(tab, upstream):
    upstream.answer([b'{"error":{"message":"Incorrect API key provided: sk-1234"}}'], status=401)
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("failed"))
        upstream.say("Under the oak.")
        await sync_to_async(Upstream.objects.update)(key_refused_at=None)
        await tab.send(action="retry", message=tab.answer_id, model="replayed", turn_id=str(uuid.uuid4()))
        await tab.until(ended("complete"))
    assert "Under the oak." in tab.article


async def test_it_has_one_version_of_everything(tab, upstream):
    upstream.say("Under the oak.")
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
        await tab.ask("And then?")
        await tab.until(ended("complete"))
        await tab.send(action="retry", message=tab.answer_id, model="replayed", turn_id=str(uuid.uuid4()))
        await tab.until(ended("complete"))
        for control in ("data-version", "message__delete", "/revision", 'aria-label="Details"'):
            assert control not in "".join(tab.frames)


@pytest.mark.parametrize("action", ["revise", "delete", "restore"])
async def test_whoever_asks_for_versions_of_it_is_told_so(tab, upstream, action):
    upstream.say("Under the oak.")
    async with tab:
        await tab.ask(SECRET)
        await tab.until(ended("complete"))
        await tab.send(action=action, message=tab.answer_id, text="Bread", turn_id=str(uuid.uuid4()))
        assert "no versions" in await tab.until("no versions")


async def test_a_message_that_is_not_in_it_is_gone(tab):
    async with tab:
        await tab.send(action="show", message=new_public_id())
        assert "no longer part" in await tab.until("composer-notice")
