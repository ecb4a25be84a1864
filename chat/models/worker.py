from __future__ import annotations

import os
import socket
import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone


def this_host() -> str:
    return socket.gethostname()


def this_process() -> int:
    return os.getpid()


class Worker(models.Model):
    """A running process of the site. Answers belong to the process that writes them down.

    A process that stops reporting is taken for dead after `SILENCE`; one of this machine whose process id is
    gone is known to be dead at once, so that a restart finds its interrupted answers without waiting.
    """

    SILENCE = timedelta(seconds=20)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    host = models.CharField(max_length=255, default=this_host)
    pid = models.IntegerField(default=this_process)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def report(self) -> None:
        """Say that this process lives; again a row of its own if another has taken it for dead."""
        self.seen_at = timezone.now()
        Worker.objects.update_or_create(
            pk=self.pk, defaults={"seen_at": self.seen_at, "host": self.host, "pid": self.pid}
        )

    def dead_others(self) -> list[Worker]:
        return [worker for worker in Worker.objects.exclude(pk=self.pk) if worker.is_dead(beside=self)]

    def is_dead(self, beside: Worker) -> bool:
        if timezone.now() - self.seen_at > self.SILENCE:
            return True
        return self.host == beside.host and (self.pid == beside.pid or not _is_running(self.pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
