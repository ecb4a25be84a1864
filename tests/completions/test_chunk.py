from collections.abc import AsyncIterator

from chat.completions import Choice, Chunk, Completion, ToolCall, ToolCallDelta, Usage, collect


async def stream(*chunks: Chunk) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        yield chunk


async def test_deltas_are_joined_with_nothing_in_between() -> None:
    completion = await collect(
        stream(
            Chunk(reasoning="Hm"),
            Chunk(reasoning="."),
            Chunk(content="He"),
            Chunk(content="llo\n", refusal="No"),
            Chunk(refusal="."),
            Chunk(finish_reason="stop"),
        )
    )
    assert completion == Completion((Choice("Hello\n", "Hm.", "No.", (), "stop"),), None)


async def test_calls_are_ordered_by_index_and_named_once() -> None:
    completion = await collect(
        stream(
            Chunk(tool_calls=(ToolCallDelta(1, "b", "two", "{}"),)),
            Chunk(tool_calls=(ToolCallDelta(0, "a", "one"), ToolCallDelta(0, arguments='{"x":'))),
            Chunk(tool_calls=(ToolCallDelta(0, "z", "other", "1}"),)),
        )
    )
    assert completion.choices[0].tool_calls == (ToolCall("a", "one", '{"x":1}'), ToolCall("b", "two", "{}"))


async def test_choices_that_interleave_are_kept_apart() -> None:
    completion = await collect(
        stream(
            Chunk(content="B", choice=1),
            Chunk(content="A"),
            Chunk(finish_reason="length", choice=1),
            Chunk(finish_reason="stop"),
        )
    )
    assert [choice.content for choice in completion.choices] == ["A", "B"]
    assert [choice.finish_reason for choice in completion.choices] == ["stop", "length"]


async def test_the_last_usage_holds() -> None:
    completion = await collect(
        stream(Chunk(usage=Usage(1, 1, 2)), Chunk(usage=Usage(1, 9, 10)), Chunk(content="a"))
    )
    assert completion.usage == Usage(1, 9, 10)


async def test_a_stream_of_nothing_has_no_choices() -> None:
    assert await collect(stream()) == Completion((), None)
