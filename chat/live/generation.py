"""One answer while it is written: from the chunks of the gateway to the frames of every open tab."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from functools import partial

from channels.db import database_sync_to_async
from django.db import DatabaseError

from chat.completions import ChatRequest, Chunk, CompletionError
from chat.gateway import Payer, Source, open_stream
from chat.markup import Patch, StreamedMarkup
from chat.models import Turn

from . import frames, groups
from .emptiness import nothing_in
from .pace import Pace
from .renderer import in_thread, leisure

logger = logging.getLogger(__name__)

PAUSES_BETWEEN_SAVES = (0.2, 1, 3, 10)
SECONDS_BETWEEN_WHOLES = 1.0


class Generation:
    """Reads an answer to its end, or until it is told to stop, and shows it to whoever watches.

    It belongs to no socket: it goes on when every tab is closed.
    """

    def __init__(self, turn: Turn, payer: Payer, pace: Pace) -> None:
        """Where the database may be asked: what the frames need of the turn is loaded here."""
        turn.load()
        self.answer = turn.answer
        self.turn = turn
        self.payer = payer
        self.pace = pace
        self.number = groups.first_number()
        self.group = groups.watchers(turn.answer.conversation)
        self.after = turn.question.parent.public_id if turn.question.parent else ""
        self.content = StreamedMarkup(frames.content_prefix(self.answer))
        self.reasoning = StreamedMarkup(frames.reasoning_prefix(self.answer))
        self.has_unsaved = False
        self._changed = asyncio.Event()
        self._phase = (False, False)
        self._is_shown_whole = False
        self._ending: Callable[[], bool] | None = self.answer.interrupt
        self._reading: asyncio.Task[None] | None = None
        self._is_over = False
        self._is_ending = False

    def start(self) -> asyncio.Task[None]:
        self._take_in(Chunk(content=self.answer.said, reasoning=self.answer.reasoning))
        self._advance()
        shown = self._html()
        self._reading = asyncio.create_task(self._read())
        if self._is_over:
            self._reading.cancel()
        return asyncio.create_task(self._run(self._reading, *shown))

    def stop(self) -> None:
        self._end_with(self.answer.stop)

    def interrupt(self) -> None:
        self._end_with(self.answer.interrupt)

    def abandon(self) -> None:
        """End without a word, because the answer is somebody else's now or was deleted."""
        self._end_with(None)

    async def show_whole_to(self, channel: str) -> None:
        """Send the answer as it stands to one socket, which can then follow the frames.

        Not at its end, whose frame has a socket that cannot follow take the answer from the database.
        """
        if self._is_ending:
            return
        number = self.number
        whole = await in_thread(self._whole) if self._is_shown_whole else self._whole()
        event = groups.frame(self.answer, number, whole, whole=True, after=self.after)
        await groups.tell_one(channel, event)

    async def _run(self, reading: asyncio.Task[None], content: str, reasoning: str) -> None:
        try:
            await self._show_turn(content, reasoning)
            ending = await self._read_to_the_end(reading)
        finally:
            reading.cancel()
        if ending and await self._save(ending):
            await self._show_end()

    async def _show_turn(self, content: str, reasoning: str) -> None:
        html = await in_thread(frames.new_turn, self.turn, content, reasoning)
        await self._tell(html + frames.notice(), whole=True, is_turn=True)

    async def _read_to_the_end(self, reading: asyncio.Task[None]) -> Callable[[], bool] | None:
        pushing = asyncio.create_task(self._push())
        try:
            await asyncio.wait([reading])
        finally:
            pushing.cancel()
        return self._ending if reading.cancelled() else self._judge(reading.exception())

    def _judge(self, error: BaseException | None) -> Callable[[], bool]:
        if error is None:
            return self.answer.finish
        if isinstance(error, CompletionError):
            logger.info("No answer from %s: %s %s", self.answer.model_name, error.message, error.upstream)
            return partial(self.answer.fail, error)
        # A mistake of ours. The reader must not wait for ever for an answer that nobody writes.
        logger.error("The answer %s could not be written", self.answer.public_id, exc_info=error)
        return partial(self.answer.fail, CompletionError("Something went wrong on this site. Retry."))

    async def _read(self) -> None:
        request = await database_sync_to_async(self._request)()
        async with aclosing(open_stream(request, self.payer, Source(answer=self.answer))) as chunks:
            async for chunk in chunks:
                self.answer.append(chunk)
                self._take_in(chunk)
        if self.answer.draft.is_empty:
            raise nothing_in(self.answer.draft.whole().finish_reason)

    def _request(self) -> ChatRequest:
        # Read in here, so that the turn is shown before its files are, and one that is gone fails the answer.
        return self.answer.conversation.request_for(self.answer)

    def _take_in(self, chunk: Chunk) -> None:
        self.reasoning.append(chunk.reasoning)
        self.content.append(chunk.content + chunk.refusal)
        self.has_unsaved = True
        self._changed.set()

    async def _push(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            patches = self._advance()
            if self._is_shown_whole:
                await self._tell(await in_thread(self._whole), whole=True)
                await asyncio.sleep(SECONDS_BETWEEN_WHOLES)
            elif patches:
                await self._tell(self._new_phase() + frames.patched(patches))
            await self.pace.pause()

    def _advance(self) -> list[Patch]:
        return self._patches(StreamedMarkup.advance)

    def _patches(self, grow: Callable[[StreamedMarkup], list[Patch]]) -> list[Patch]:
        """What changes on the page; nothing any more once that failed, and the answer is shown whole."""
        try:
            return [] if self._is_shown_whole else grow(self.reasoning) + grow(self.content)
        except Exception:
            # A mistake of ours, for one kind of text. The reader must not wait for the end to see more of it.
            logger.exception("The answer %s does not grow by pieces", self.answer.public_id)
            self._is_shown_whole = True
            return []

    def _whole(self) -> str:
        return frames.whole(self.answer, *self._html())

    def _html(self) -> tuple[str, str]:
        if not self._is_shown_whole:
            return self.content.html(), self.reasoning.html()
        answer = self.answer.draft.whole()
        return frames.rendered(self.answer, answer.content + answer.refusal, answer.reasoning)

    def _new_phase(self) -> str:
        phase = (self.answer.has_thought, self.answer.has_said)
        if phase == self._phase:
            return ""
        self._phase = phase
        return frames.phase(self.answer)

    async def _save(self, ending: Callable[[], bool]) -> bool:
        for pause in PAUSES_BETWEEN_SAVES:
            try:
                return await database_sync_to_async(ending)()
            except DatabaseError:
                logger.exception("The answer %s is not saved yet", self.answer.public_id)
                await asyncio.sleep(pause)
        return await database_sync_to_async(ending)()

    async def _show_end(self) -> None:
        """At once, with what has grown; to render a long text as a whole takes the reader's time."""
        self._is_ending = True
        await self._tell(await in_thread(self._end), is_end=True)
        if whole := await leisure.render(self._correction):
            await self._tell(whole, whole=True, is_end=True)

    def _end(self) -> str:
        patches = self._patches(StreamedMarkup.finish)
        return frames.patched(patches) + frames.ended(self.answer) + frames.announcement(self.answer)

    def _correction(self) -> str:
        if self._is_shown_whole:
            return frames.whole(self.answer)
        return frames.correction(self.answer, self.content, self.reasoning)

    async def _tell(self, html: str, **kind: bool) -> None:
        self.number += 1
        event = groups.frame(self.answer, self.number, html, after=self.after, **kind)
        await groups.tell(self.group, event)

    def _end_with(self, ending: Callable[[], bool] | None) -> None:
        """Also before it has started: it then ends as soon as it does."""
        self._ending, self._is_over = ending, True
        if self._reading:
            self._reading.cancel()
