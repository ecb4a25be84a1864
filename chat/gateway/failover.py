"""One question, asked of one way after the other until a model begins to answer."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypedDict

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from chat.completions import (
    Chunk,
    CompletionError,
    ModelNotFound,
    RateLimited,
    StreamTruncated,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamUnreachable,
)

from .health import health
from .routing import Way

logger = logging.getLogger(__name__)

# In seconds: before each further try when every way has failed once, how long a provider may ask to wait for it,
# and how long after the question the last of them may begin.
PAUSES = (0.25, 1.0)
LONGEST_PAUSE = 5.0
PATIENCE = 30.0

_OF_THE_WAY = (UpstreamError, RateLimited, ModelNotFound)
_PASSING = (RateLimited, UpstreamOverloaded, UpstreamUnreachable, StreamTruncated)
_KEY_REFUSED = re.compile(
    r"in(?:valid|correct)[ _]api[ _]key|api[ _]key[ _](?:not[ _]valid|invalid)", re.IGNORECASE
)


class Attempt(TypedDict):
    upstream: str
    code: str | None
    message: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    way: Way
    error: CompletionError
    seconds: float

    def as_attempt(self) -> Attempt:
        error = self.error
        return {
            "upstream": self.way.upstream.name,
            "code": error.code,
            "message": error.message,
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True)
class Asking:
    """How a question has fared: the way that it takes now, and what failed before."""

    way: Way | None = None
    failures: list[Failure] = field(default_factory=list)
    has_begun: bool = False
    _told: Failure | None = None

    @property
    def attempts(self) -> list[Attempt]:
        """The failures before the answer, or before the one that is told instead of it."""
        return [each.as_attempt() for each in self.failures if each is not self._told]

    def verdict(self) -> CompletionError:
        """What to tell when every way has failed: rather what passes than what an administrator has to mend."""
        latest = {each.way: each for each in self.failures}.values()
        self._told = min(latest, key=lambda each: (not _passes(each.error), each.error.retry_after or 0))
        self.way = self._told.way
        return self._told.error


async def answered(ways: Sequence[Way], asking: Asking) -> AsyncGenerator[Chunk, None]:
    """The answer of the first way that says anything. From then on a failure is final: two answers are none.

    What only the asker can mend is raised at once. Adjustments do not wait for a word: there may be none for long.
    """
    turns = _Turns(ways)
    while turns.remain:
        if asking.failures:
            # What one upstream does not take, the next one may.
            yield Chunk(adjustments=())
        way = asking.way = await turns.next()
        asked_at = health.ask(way.route)
        try:
            async with aclosing(way.stream()) as chunks:
                opening: list[Chunk] = []
                async for chunk in chunks:
                    if chunk.adjustments is None:
                        opening.append(chunk)
                    else:
                        yield chunk
                    if _says_something(chunk):
                        break
                asking.has_begun = True
                health.answer(way.route)
                for chunk in opening:
                    yield chunk
                async for chunk in chunks:
                    yield chunk
                return
        except _OF_THE_WAY as error:
            await _note(way, error, asked_at)
            if asking.has_begun:
                raise
            failure = Failure(way, error, health.clock() - asked_at)
            asking.failures.append(failure)
            turns.note(failure)
        finally:
            health.leave(way.route)
    raise asking.verdict()


class _Turns:
    """Each way once: those that cool down last, the first to recover before the others.

    Then again, after a pause, those whose failure may pass.
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        self._began = health.clock()
        self._fresh = list(ways)
        self._pauses = list(PAUSES)
        self._again: list[tuple[float, Way]] = []

    @property
    def remain(self) -> bool:
        return bool(self._fresh or (self._again and self._pauses))

    async def next(self) -> Way:
        if self._fresh:
            way = min(self._fresh, key=lambda each: health.cooldown(each.route))
            self._fresh.remove(way)
            return way
        due, way = again = min(self._again, key=lambda each: each[0])
        self._again.remove(again)
        pause = self._pauses.pop(0) * random.uniform(0.75, 1.25)  # noqa: S311
        await asyncio.sleep(max(due - health.clock(), pause))
        return way

    def note(self, failure: Failure) -> None:
        wait = failure.error.retry_after or 0
        due = health.clock() + wait
        if _passes(failure.error) and wait <= LONGEST_PAUSE and due < self._began + PATIENCE:
            self._again.append((due, failure.way))


def _says_something(chunk: Chunk) -> bool:
    said = chunk.content or chunk.reasoning or chunk.refusal or chunk.tool_calls or chunk.reasoning_state
    return bool(said or chunk.finish_reason or chunk.further)


async def _note(way: Way, error: CompletionError, asked_at: float) -> None:
    logger.info("%s: %s %s", way, error.message, error.upstream or "")
    if not _refuses_the_key(error):
        health.fail(way.route, error, asked_at)
        return
    try:
        await sync_to_async(way.upstream.refuse_key)(error.message)
    except DatabaseError:
        # Another way can still answer; the next request finds the key refused again.
        logger.exception("That the key of %s was refused could not be kept", way.upstream)


def _refuses_the_key(error: CompletionError) -> bool:
    """Itself, and not only for this model, from this country or until somebody pays."""
    said = error.upstream
    if said is None or not isinstance(error, UpstreamAuthFailed):
        return False
    return said.status == 401 or bool(_KEY_REFUSED.search(f"{said.code} {said.message}"))


def _passes(error: CompletionError) -> bool:
    """Whether the same upstream may well answer a moment later."""
    failed_there = (
        type(error) is UpstreamError and error.upstream is not None and error.upstream.status >= 500
    )
    return isinstance(error, _PASSING) or failed_there
