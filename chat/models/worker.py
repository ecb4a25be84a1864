from __future__ import annotations

import os
import socket
import uuid
from datetime import timedelta
from pathlib import Path

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


def this_host() -> str:
    return socket.gethostname()


def this_process() -> int:
    return os.getpid()


def this_kernel() -> str:
    """What tells apart where process ids count: one boot of one machine, and there one container.

    Two machines, or containers, may have the same host name. Empty where the system does not say.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def this_start() -> str:
    return start_of(os.getpid())


def start_of(pid: int) -> str:
    """When the process began, in ticks since the boot; empty if it is gone, or where the system does not say.

    Source: proc_pid_stat(5)
    """
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except OSError:
        return ""
    return after_name.split()[19]


class Worker(models.Model):
    """A running process of the site. Answers belong to the process that writes them down.

    A process that stops reporting is taken for dead after `SILENCE`, by the clock of the database; one beside
    this whose process id is gone, or another's by now, is known to be dead at once, so that a restart finds its
    interrupted answers without waiting.
    """

    SILENCE = timedelta(seconds=20)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    host = models.CharField(max_length=255, default=this_host)
    kernel = models.CharField(max_length=100, default=this_kernel)
    pid = models.IntegerField(default=this_process)
    started = models.CharField(max_length=30, default=this_start)
    seen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def report(self) -> None:
        """Say that this process lives; again a row of its own if another has taken it for dead."""
        here = {name: getattr(self, name) for name in ("host", "kernel", "pid", "started")}
        Worker.objects.update_or_create(pk=self.pk, defaults={"seen_at": Now(), **here})

    def dead_others(self) -> list[Worker]:
        others = Worker.objects.exclude(pk=self.pk).annotate(is_silent=Q(seen_at__lt=Now() - self.SILENCE))
        return [worker for worker in others if worker.is_silent or worker.is_gone(beside=self)]

    def is_gone(self, beside: Worker) -> bool:
        if (self.host, self.kernel) != (beside.host, beside.kernel):
            return False
        return self.pid == beside.pid or not _is_running(self.pid, self.started)


def _is_running(pid: int, started: str) -> bool:
    if started:
        return start_of(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
