import time
from contextlib import aclosing

import pytest

from chat.completions import ChatRequest, Chunk, Message, ModelNotFound, Text, collect
from chat.upstreams import connect
from chat.upstreams.demo import Demo

SAMPLE = Demo(words_per_second=0)


def asking(question: str, model: str = "demo") -> ChatRequest:
    return ChatRequest(model, (Message("system", (Text("Be kind."),)), Message("user", (Text(question),))))


async def answer(question: str) -> str:
    completion = await collect(SAMPLE.stream(asking(question)))
    return completion.choices[0].content


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("How do I add a key?", "OPENAI_API_KEY"),
        ("Where do I put my OpenAI API key?", "OPENAI_API_KEY"),
        ("Can I use Ollama?", "[Connect a model](/setup)"),
        ("How do I start the server?", "uv run manage.py serve"),
        ("How do I add a user for my family?", "create_user"),
        ("How do I send somebody an invitation?", "[Invitation](/admin/chat/invitation/add/)"),
        ("Which keyboard shortcuts are there?", "`Shift` + `Enter`"),
        ("What can a page show?", "```python"),
        ("Show me a table and some mathematics", "$$"),
        ("How do I share a conversation by link?", "Choose **Share** above a conversation"),
        ("Can my program call the API?", "manage.py create_key"),
        ("Bonjour", "# Hello"),
        ("", "# Hello"),
    ],
)
async def test_a_question_about_the_site_is_answered(question: str, part: str) -> None:
    assert part in await answer(question)


@pytest.mark.parametrize("question", ["key", "serve", "users", "keyboard", "markdown", "share", "Hello"])
async def test_every_answer_says_that_it_is_a_sample_and_how_to_get_a_model(question: str) -> None:
    text = await answer(question)
    assert "built-in sample, not a language model" in text
    assert "](/setup)" in text


@pytest.mark.parametrize(
    "syntax", ["# ", "1. ", "- [x]", "| ", "```python", "$e^", "$$\n", "[^1]", "](/", "> "]
)
async def test_the_answer_about_markdown_shows_all_of_it(syntax: str) -> None:
    assert syntax in await answer("What markdown can you show?")


@pytest.mark.parametrize(
    "topic", ["**keys**", "**serve**", "**users**", "**markdown**", "**sharing**", "**API**"]
)
async def test_who_is_not_understood_is_told_what_can_be_asked(topic: str) -> None:
    assert topic in await answer("Bonjour")
    assert "# Hello" not in await answer(topic)


async def test_the_last_question_counts() -> None:
    messages = (
        *asking("keyboard").messages,
        Message("assistant", (Text("…"),)),
        *asking("markdown").messages,
    )
    completion = await collect(SAMPLE.stream(ChatRequest("demo", messages)))
    assert "fibonacci" in completion.choices[0].content


async def test_thoughts_come_before_the_answer_and_are_counted() -> None:
    chunks = [chunk async for chunk in SAMPLE.stream(asking("keyboard", "demo-reasoning"))]
    kinds = ["thought" if chunk.reasoning else "text" for chunk in chunks if chunk.reasoning or chunk.content]
    assert kinds == sorted(kinds, reverse=True)
    assert "thought" in kinds
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.reasoning_tokens == kinds.count("thought")
    assert (usage.prompt_tokens, usage.completion_tokens) == (3, len(kinds))
    assert usage.total_tokens == 3 + len(kinds)
    assert chunks[-1].finish_reason == "stop"


async def test_the_answer_comes_word_by_word_at_its_pace() -> None:
    started = time.monotonic()
    async with aclosing(Demo(words_per_second=100).stream(asking("Hello"))) as stream:
        first = [await anext(stream) for _ in range(11)]
    assert 0.1 <= time.monotonic() - started < 0.5
    assert first[:2] == [Chunk(content="#"), Chunk(content=" Hello")]


async def test_both_samples_are_listed_and_no_other_answers() -> None:
    assert [model.id for model in await connect("demo", "", "").models()] == ["demo", "demo-reasoning"]
    with pytest.raises(ModelNotFound):
        await collect(SAMPLE.stream(asking("Hello", "gpt-4o")))
