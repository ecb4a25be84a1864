"""Writes down what has ended, without an answer having to wait for it unless its money depends on it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextvars import Context
from itertools import chain, repeat

from django.db import Error, IntegrityError, InterfaceError, OperationalError

from . import ledger
from .call import Call
from .database import in_database_thread

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_BATCHES = 0.5
PAUSES_BETWEEN_TRIES = (0.2, 1, 3, 10)
LONGEST_THAT_AN_ANSWER_WAITS = 5.0
LONGEST_THAT_AN_END_WAITS = 15.0


class Journal:
    def __init__(self) -> None:
        self._ended: list[Call] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._batch: asyncio.Task[None] | None = None

    async def close(self, call: Call) -> None:
        """Settle what money was set aside for, before the answer ends; the others go with the next batch.

        An answer does not wait for a database that is away, and is not broken by it.
        """
        if call.is_reserved:
            settling = self._in_background(_settle, call)
            await asyncio.wait([settling], timeout=LONGEST_THAT_AN_ANSWER_WAITS)
        else:
            self._ended.append(call)
            if (
                self._batch is None
                or self._batch.done()
                or self._batch.get_loop() is not asyncio.get_running_loop()
            ):
                self._batch = asyncio.create_task(self._write_soon(), context=Context())

    async def flush(self) -> None:
        """Write everything now, and wait for what is being written."""
        self._in_background(self._write)
        mine = [task for task in self._tasks if task.get_loop() is asyncio.get_running_loop()]
        await asyncio.wait(mine, timeout=LONGEST_THAT_AN_END_WAITS)

    def _in_background(self, work: Callable, *arguments: object) -> asyncio.Task[None]:  # type: ignore[type-arg]
        # In a context of its own: that of a request would have it wait for the request's thread.
        task = asyncio.create_task(work(*arguments), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _write_soon(self) -> None:
        while self._ended:
            await asyncio.sleep(SECONDS_BETWEEN_BATCHES)
            await self._in_background(self._write)

    async def _write(self) -> None:
        calls, self._ended = self._ended, []
        if calls:
            await _insist(_write_all, calls)
            _count(calls)


async def _settle(call: Call) -> None:
    await _insist(_settle_one, call)
    _count([call])


def _count(calls: Sequence[Call]) -> None:
    # With the first request that ends: loading it takes a part of the site's start.
    from .metrics import observe

    for call in calls:
        observe(call.record)


async def _insist(work: Callable[..., None], argument: object) -> None:  # noqa: RET503  it ends by return
    """For as long as the database is away; what it refuses for another reason is given up after a few tries."""
    for tries, pause in enumerate(chain(PAUSES_BETWEEN_TRIES, repeat(PAUSES_BETWEEN_TRIES[-1]))):
        try:
            return await in_database_thread(work, argument)
        except Error as error:
            logger.exception("What has ended is not written down yet: %s", argument)
            is_away = isinstance(error, OperationalError | InterfaceError)
            if tries >= len(PAUSES_BETWEEN_TRIES) and not is_away:
                raise
        await asyncio.sleep(pause)


def _settle_one(call: Call) -> None:
    try:
        ledger.settle(call)
    except IntegrityError:
        # Its upstream was deleted while it was answered.
        call.record.forget_deleted()
        ledger.settle(call)


def _write_all(calls: Sequence[Call]) -> None:
    try:
        ledger.write(calls)
    except IntegrityError:
        # What one of them names was deleted while it was answered. It must not take the others with it.
        for call in calls:
            call.record.forget_deleted()
        ledger.write(calls)


journal = Journal()
