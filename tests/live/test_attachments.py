"""Files that are sent with a question over the socket, and what the upstream receives of them."""

import base64
import uuid

import pytest
from asgiref.sync import sync_to_async

from chat.models import Attachment, LanguageModel, Route, Upstream
from tests import files
from tests.files import upload
from tests.live.tab import Tab, article_of, ended


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@sync_to_async
def take(owner, name="picture.png", content=files.PNG) -> str:
    return Attachment.take(owner, upload(name, content)).public_id


@sync_to_async
def without_pictures(upstream) -> LanguageModel:
    """A model that is known to read nothing but text."""
    row = Upstream.objects.create(name="OpenAI", family="openai", base_url=upstream.base_url, api_key="k")
    model = LanguageModel.objects.create(model_id="gpt-3.5-turbo")
    Route.objects.create(model=model, upstream=row)
    return model


async def ask(tab: Tab, *attachments: str, text: str = "What is it?", **body) -> None:
    """As hx-ws sends them: one as it is, several as a list."""
    given = (
        {} if not attachments else {"attachments": attachments[0] if len(attachments) == 1 else attachments}
    )
    await tab.send(action="ask", text=text, turn_id=str(uuid.uuid4()), **given, **body)


def sent(upstream) -> list[dict]:
    return upstream.requests[-1].json["messages"][-1]["content"]


async def test_the_upstream_receives_a_picture_and_the_question(conversation, owner, upstream):
    upstream.say("A lighthouse.")
    async with Tab.of(conversation) as tab:
        await ask(tab, await take(owner))
        turn = await tab.until('data-role="user"')
        assert 'alt="picture.png"' in turn
        await tab.until(ended("complete"))
    url = f"data:image/png;base64,{base64.b64encode(files.PNG).decode()}"
    assert sent(upstream) == [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": "What is it?"},
    ]


async def test_the_upstream_receives_several_in_their_order(conversation, owner, upstream):
    upstream.say("Flour.")
    async with Tab.of(conversation) as tab:
        ids = [
            await take(owner, "a.pdf", files.PDF),
            await take(owner, "a.mp3", files.MP3),
            await take(owner, "bread.txt", b"Flour, water, salt"),
        ]
        await ask(tab, *ids, text="")
        await tab.until(ended("complete"))
    file, audio, text = sent(upstream)
    assert file["file"]["filename"] == "a.pdf"
    assert file["file"]["file_data"].startswith("data:application/pdf;base64,")
    assert audio["input_audio"] == {"data": base64.b64encode(files.MP3).decode(), "format": "mp3"}
    assert text["text"].startswith("bread.txt\n")
    assert "Flour, water, salt" in text["text"]


async def test_an_edited_question_keeps_its_picture(conversation, owner, upstream):
    upstream.say("A lighthouse.")
    async with Tab.of(conversation) as tab:
        picture = await take(owner)
        await ask(tab, picture)
        await tab.until(ended("complete"))
        question = await conversation.messages.filter(role="user").afirst()
        await ask(tab, picture, text="Where is it?", instead_of=question.public_id)
        await tab.until(ended("complete"))
    assert [part["type"] for part in sent(upstream)] == ["image_url", "text"]
    assert len(upstream.requests[-1].json["messages"]) == 1


@pytest.mark.parametrize("given", ["a stranger's", "no-such-file", "nul\0", "surrogate\ud800"])
async def test_a_file_that_is_not_ones_own_is_refused_in_words(conversation, stranger, given):
    public_id = await take(stranger) if given == "a stranger's" else given
    async with Tab.of(conversation) as tab:
        await ask(tab, public_id)
        assert "no longer there" in await tab.until("composer-notice")
    assert not await conversation.messages.aexists()


@pytest.mark.parametrize("given", [5, {"a": 1}, [5], [None]])
async def test_ids_that_are_none_are_refused_in_words(conversation, given):
    async with Tab.of(conversation) as tab:
        await tab.send(action="ask", text="Hello", turn_id=str(uuid.uuid4()), attachments=given)
        assert "does not understand" in await tab.until("composer-notice")


async def test_a_model_that_reads_no_pictures_says_so_and_another_answers_on_retry(
    conversation, owner, upstream, model
):
    upstream.say("A lighthouse.")
    blind = await without_pictures(upstream)
    async with Tab.of(conversation) as tab:
        await ask(tab, await take(owner), model=blind.model_id)
        failed = article_of(await tab.until(ended("failed")))
        assert "gpt-3.5-turbo does not take image input. Leave it out, or choose another model." in failed
        assert "Your message is kept." in failed
        assert "Retry" in failed
        assert not upstream.requests
        answer = await conversation.messages.aget(role="assistant")
        await tab.send(
            action="retry", message=answer.public_id, model=model.model_id, turn_id=str(uuid.uuid4())
        )
        await tab.until(ended("complete"))
        assert "A lighthouse." in tab.article
    assert [part["type"] for part in sent(upstream)] == ["image_url", "text"]


async def test_a_file_that_is_lost_fails_the_answer_and_keeps_the_question(conversation, owner, upstream):
    picture = await take(owner)
    attachment = await Attachment.objects.aget()
    attachment.file.storage.delete(attachment.file.name)
    async with Tab.of(conversation) as tab:
        await ask(tab, picture)
        failed = article_of(await tab.until(ended("failed")))
    assert "picture.png is no longer on this site" in failed
    assert not upstream.requests
