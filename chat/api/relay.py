import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from chat.completions import Adjustment, Chunk, CompletionError, RateLimit
from chat.completions.sse import comment

from .errors import InternalError
from .writing import Writing

logger = logging.getLogger(__name__)

SILENCE = 10.0
KEEP_ALIVE = comment("keep-alive")


class Relay:
    """Reads an answer in a task of its own, and gives what has come since the last time in one piece.

    Until the first word of the model nothing is sent, so that a failure keeps its status; after ten seconds of
    silence comments keep the connection open.
    """

    def __init__(self, chunks: AsyncGenerator[Chunk, None], writing: Writing) -> None:
        self.adjustments: tuple[Adjustment, ...] = ()
        self.limits: tuple[RateLimit, ...] = ()
        self._writing = writing
        self._chunks = chunks
        self._pieces: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._has_begun = False
        self._sent_at = self._loop.time()
        self._silence = self._loop.call_later(SILENCE, self._break_silence)
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(lambda _: self._news.set())

    async def begin(self) -> None:
        """Wait for the first word, or for ten seconds. Raises what went wrong before it."""
        await self._news.wait()
        if self._reading.done() and not self._pieces and (error := self._reading.exception()):
            raise error

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Closing it closes the upstream."""
        try:
            while not self._reading.done():
                await self._news.wait()
                self._news.clear()
                if self._pieces:
                    yield self._taken()
            yield self._taken() + self._ending()
        finally:
            await self.close()

    async def close(self) -> None:
        self._silence.cancel()
        if not self._reading.done():
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _read(self) -> None:
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                if chunk.adjustments is not None:
                    self.adjustments = chunk.adjustments
                self.limits = chunk.limits or self.limits
                if piece := self._writing.write(chunk):
                    self._pieces.append(piece)
                    self._news.set()
                    if not self._has_begun:
                        await self._let_begin()

    async def _let_begin(self) -> None:
        """The first word goes before what came with it is read: one turn of the loop writes it, the next sends it."""
        self._has_begun = True
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _break_silence(self) -> None:
        """Ten seconds after what was sent last, or after the request, there is a comment to send."""
        left = self._sent_at + SILENCE - self._loop.time()
        if left <= 0:
            self._pieces.append(KEEP_ALIVE)
            self._news.set()
        self._silence = self._loop.call_later(left if left > 0 else SILENCE, self._break_silence)

    def _taken(self) -> bytes:
        self._sent_at = self._loop.time()
        piece = b"".join(self._pieces)
        self._pieces.clear()
        return piece

    def _ending(self) -> bytes:
        error = self._reading.exception()
        if error is None:
            return self._writing.end()
        if isinstance(error, CompletionError):
            logger.info("A stream failed: %s %s", error.message, error.upstream)
            return self._writing.failed(error)
        logger.error("A stream could not be written", exc_info=error)
        return self._writing.failed(InternalError("Something went wrong on this site."))
