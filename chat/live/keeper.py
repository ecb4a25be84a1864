"""What one process does for the answers that it writes, and for those of processes that died."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError, transaction

from chat import gateway
from chat.gateway import Payer, this_process
from chat.models import (
    Attachment,
    Conversation,
    Intake,
    Message,
    ModelRequest,
    Tree,
    Turn,
    Unindexed,
    UsageDay,
    Worker,
)

from . import frames, groups
from .generation import Generation
from .pace import Pace
from .renderer import in_thread

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 0.7
HOUSEKEEPING_SECONDS = 5.0
TIDYING_SECONDS = 3600.0
DRAIN_SECONDS = 5.0
PAUSE_SECONDS = 0.5
PAUSE_BETWEEN_PIECES = 0.05


class Keeper:
    """Holds the running generations of this process, by the public id of their answer.

    It saves them as they grow, tells the database that this process lives, marks as interrupted what dead
    processes left, and does what sockets of any process ask: stop an answer, or show it whole.
    """

    def __init__(self) -> None:
        self.worker = Worker()
        self.pace = Pace()
        self.running: dict[str, Generation] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}
        self._duties: list[asyncio.Task[None]] = []
        self._is_draining = False
        self._tidied_at = float("-inf")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channel = ""

    async def start(self) -> None:
        """Take up the duties, once for each event loop."""
        if self._loop is asyncio.get_running_loop():
            return
        self.__init__()  # type: ignore[misc]
        self._loop = asyncio.get_running_loop()
        this_process.worker, this_process.is_draining = self.worker, False
        self._channel = await get_channel_layer().new_channel()
        await self._keep_house()
        self._duties = [
            independent_task(self._every(CHECKPOINT_SECONDS, self._checkpoint)),
            independent_task(self._every(HOUSEKEEPING_SECONDS, self._keep_house)),
            independent_task(self._every(HOUSEKEEPING_SECONDS, self._tidy)),
            independent_task(self._every(HOUSEKEEPING_SECONDS, self._index)),
            independent_task(self._listen()),
        ]

    async def begin(self, turn: Turn) -> bool:
        """Write the answer of this turn; False if somebody already does, or this process is about to end."""
        await self.start()
        if self._is_draining:
            await database_sync_to_async(turn.answer.interrupt)()
            return False
        generation = await database_sync_to_async(self._claim)(turn)
        if generation is None:
            return False
        answer_id = turn.answer.public_id
        self.running[answer_id] = generation
        self._writing[answer_id] = independent_task(self._write(answer_id, generation))
        await self._hear_about(answer_id)
        return True

    async def drain(self) -> None:
        """Save what is being written as interrupted, and sign off: the process is about to end."""
        self._is_draining = this_process.is_draining = True
        for duty in self._duties:
            duty.cancel()
        for generation in list(self.running.values()):
            generation.interrupt()
        if self._writing:
            await asyncio.wait(self._writing.values(), timeout=DRAIN_SECONDS)
        await database_sync_to_async(Worker.objects.filter(pk=self.worker.pk).delete)()
        this_process.worker = None
        await gateway.close()

    async def _write(self, answer_id: str, generation: Generation) -> None:
        try:
            await generation.start()
        finally:
            del self.running[answer_id], self._writing[answer_id]
            await groups.leave(groups.writer(answer_id), self._channel)

    async def _hear_about(self, answer_id: str) -> None:
        """Be told when this answer is to be stopped or shown; tried again with the housework if it fails."""
        await groups.join(groups.writer(answer_id), self._channel)

    def _claim(self, turn: Turn) -> Generation | None:
        if not turn.answer.claim(self.worker):
            return None
        conversation = turn.answer.conversation
        return Generation(turn, Payer(conversation.owner), self.pace)

    async def _every(self, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await duty()
            except Exception:
                # A duty that ended here would never be done again.
                logger.exception("A duty of this process failed; trying again in %s s", seconds)

    async def _checkpoint(self) -> None:
        """Save all that has grown since the last time, in one transaction."""
        grown = [generation for generation in self.running.values() if generation.has_unsaved]
        drafts = [(generation, generation.answer.drafted()) for generation in grown]
        for generation in grown:
            generation.has_unsaved = False
        if drafts:
            try:
                lost = await database_sync_to_async(save)(drafts)
            except DatabaseError:
                for generation in grown:
                    generation.has_unsaved = True
                raise
            for generation in lost:
                generation.abandon()

    async def _keep_house(self) -> None:
        for answer_id in list(self.running):
            await self._hear_about(answer_id)
        running = [generation.answer.pk for generation in self.running.values()]
        for answer in await database_sync_to_async(interrupt_abandoned)(self.worker, running):
            await self._show_interrupted(answer)

    async def _tidy(self) -> None:
        """At most once an hour, beside the housekeeping: a month of requests takes its time."""
        if time.monotonic() - self._tidied_at >= TIDYING_SECONDS:
            self._tidied_at = time.monotonic()
            await database_sync_to_async(tidy)()

    async def _index(self) -> None:
        """Piece by piece, so that after an import of thousands others get to write in between."""
        while await database_sync_to_async(Unindexed.objects.take_up)():  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_BETWEEN_PIECES)

    async def _show_interrupted(self, answer: Message) -> None:
        html = await in_thread(frames.whole, answer)
        html += frames.announcement(answer)
        event = groups.frame(answer, groups.first_number(), html, whole=True, is_end=True)
        await groups.tell(groups.watchers(answer.conversation), event)

    async def _listen(self) -> None:
        while True:
            try:
                event = await get_channel_layer().receive(self._channel)
                if generation := self.running.get(event["answer"]):
                    await self._obey(generation, event)
            except Exception:
                logger.exception("What a tab asked for could not be heard or done")
                await asyncio.sleep(PAUSE_SECONDS)

    async def _obey(self, generation: Generation, event: dict[str, Any]) -> None:
        if event["type"] == "stop":
            generation.stop()
        elif event["type"] == "show_whole":
            await generation.show_whole_to(event["channel"])


def independent_task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task that outlives the request which began it, and so must not use that request's thread."""
    return asyncio.create_task(work, context=Context())


def save(drafts: list[tuple[Generation, dict[str, Any]]]) -> list[Generation]:
    """Returns those whose answer is no longer this process's to write."""
    with transaction.atomic():
        return [generation for generation, draft in drafts if not generation.answer.checkpoint(draft)]


def interrupt_abandoned(worker: Worker, running: list[int]) -> list[Message]:
    """Returns the answers that this process found abandoned and marked."""
    worker.report()
    dead = worker.dead_others()
    abandoned = Message.objects.abandoned(dead, worker, running)
    found = abandoned.select_related("conversation", "worker", "model")
    marked = [answer for answer in found if answer.interrupt()]
    for answer in marked:
        answer.versions = Tree(answer.conversation).versions_of(answer.pk)
    for request in ModelRequest.objects.abandoned(dead).select_related("upstream", "message"):
        gateway.settle_abandoned(request)
    for intake in Intake.objects.abandoned(dead):
        intake.interrupt()
    Worker.objects.filter(pk__in=[other.pk for other in dead]).delete()
    return marked


def tidy() -> None:
    """Add up the days that are over before anything of them is forgotten."""
    UsageDay.objects.close_past()
    ModelRequest.objects.forget_old()
    Conversation.objects.trashed_long_ago().delete()
    Message.with_deleted.all().forget_deleted()
    Attachment.objects.forget_old_drafts()


keeper = Keeper()
