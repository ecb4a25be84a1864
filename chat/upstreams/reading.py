"""The events of one answer, read to where it ends."""

from collections.abc import AsyncGenerator, Iterable
from typing import Protocol

from chat.completions import BadUpstreamResponse, Chunk, StreamTruncated, UpstreamTimeout
from chat.completions.sse import Event

from .crowd import crowd
from .payload import failure_in, says_nothing
from .transport import Answer


class EventReader(Protocol):
    """Reads one event after the other. Every method may raise a `CompletionError`.

    `is_complete`: the answer may end here. `farewell`: how many seconds to wait for the end of the body, because
    nothing more is expected in it; None while there is.
    """

    @property
    def is_complete(self) -> bool: ...
    @property
    def farewell(self) -> float | None: ...
    def read(self, event: Event) -> Iterable[Chunk]: ...
    def read_whole(self, body: bytes) -> Iterable[Chunk]: ...


class AnswerReader(EventReader, Protocol):
    def end(self) -> Iterable[Chunk]: ...


async def read_answer(answer: Answer, reader: EventReader) -> AsyncGenerator[Chunk, None]:
    """What is said, in events or in one piece. Whether that was all of the answer is for the reader to judge."""
    if not answer.is_stream:
        for chunk in reader.read_whole(await answer.read()):
            yield chunk
        return
    farewell, has_spoken = None, False
    try:
        with crowd:
            while not answer.at_end:
                events = await answer.events()
                for event in events:
                    if event.error is not None:
                        raise failure_in(event.error)
                    if says_nothing(event):
                        continue
                    for chunk in reader.read(event):
                        has_spoken = True
                        yield chunk
                if reader.farewell != farewell:
                    farewell = reader.farewell
                    answer.resume() if farewell is None else answer.conclude(farewell)
                if has_spoken and farewell is None and (pause := crowd.pause_after(len(events))):
                    await answer.gather(pause)
    except (StreamTruncated, UpstreamTimeout):
        # Everything was said; only the end of the body is missing.
        if not reader.is_complete:
            raise
    except BadUpstreamResponse:
        # The body ended within its last event, which the reader's end will judge.
        if not answer.at_end:
            raise
