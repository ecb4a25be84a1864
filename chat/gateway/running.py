"""What this process has on its way to models, so that it can be counted, and ended when its asker is shut out."""

import asyncio
import logging
from contextvars import Context

from django.db import DatabaseError

from chat.completions import AccessWithdrawn
from chat.models import ApiKey, User

from .call import Call
from .database import in_database_thread

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_CHECKS = 2.0


class Running:
    def __init__(self) -> None:
        self._calls: dict[Call, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None

    def count(self, face: str) -> int:
        return sum(call.face == face for call in self._calls)

    def add(self, call: Call) -> None:
        """Of the task that reads its answer: that one is cancelled if its key is revoked."""
        task = asyncio.current_task()
        assert task is not None
        self._calls[call] = task
        if self._watch is None or self._watch.done() or self._watch.get_loop() is not task.get_loop():
            self._watch = asyncio.create_task(self._check_access(), context=Context())

    def remove(self, call: Call) -> None:
        self._calls.pop(call, None)

    @staticmethod
    def uncancel() -> None:
        """The reading task goes on with an error, where it was cancelled only to be woken."""
        if task := asyncio.current_task():
            task.uncancel()

    async def _check_access(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_CHECKS)
            if not self._calls:
                return
            try:
                await self._end_withdrawn()
            except DatabaseError:
                logger.exception("Who may go on could not be checked")

    async def _end_withdrawn(self) -> None:
        users = {call.payer.user.pk for call in self._calls}
        keys = {call.payer.key.pk for call in self._calls if call.payer.key}
        users, keys = await in_database_thread(_shut_out, users, keys)
        for call, task in list(self._calls.items()):
            if call.payer.user.pk in users or (call.payer.key and call.payer.key.pk in keys):
                call.withdrawn = AccessWithdrawn(
                    "This key or account was closed while the answer was written."
                )
                task.cancel()


def _shut_out(users: set[int], keys: set[int]) -> tuple[set[int], set[int]]:
    active = User.objects.filter(pk__in=users, is_active=True).values_list("pk", flat=True)
    usable = ApiKey.objects.filter(pk__in=keys, revoked_at=None).values_list("pk", flat=True) if keys else ()
    return users - set(active), keys - set(usable)


running = Running()
