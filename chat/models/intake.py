"""An import of conversations from a file: how far it has come, and what could not be taken."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from .worker import Worker

MOST_LINES = 100
EXAMPLES = 3


class State(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


UNFINISHED = (State.WAITING, State.RUNNING)


class IntakeQuerySet(models.QuerySet["Intake"]):
    def owned_by(self, user: Any) -> IntakeQuerySet:
        return self.filter(owner=user.pk)

    def unfinished(self) -> IntakeQuerySet:
        return self.filter(state__in=UNFINISHED)

    def abandoned(self, dead: Sequence[Worker]) -> IntakeQuerySet:
        """Those that no living process reads."""
        lost = Q(worker=None, seen_at__lt=timezone.now() - Worker.SILENCE)
        return self.unfinished().filter(Q(worker__in=dead) | lost)


def unguessable_path(_intake: Intake, _name: str) -> str:
    return f"imports/{secrets.token_urlsafe(24)}"


class Intake(models.Model):
    """A file of conversations that is read in the background, by one process, its `worker`.

    The file is kept until it was read; what was taken of it stays, also if the process dies.
    """

    State = State

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intakes")
    name = models.CharField(max_length=255)
    file = models.FileField(upload_to=unguessable_path, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    source = models.CharField(max_length=20, blank=True, help_text="From which product it comes.")
    total = models.PositiveBigIntegerField(default=0, help_text="Bytes to read.")
    done = models.PositiveBigIntegerField(default=0, help_text="Bytes that were read.")
    taken = models.PositiveIntegerField(default=0)
    already_here = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list, help_text="What could not be taken: what, count and examples.")
    problem = models.CharField(max_length=500, blank=True)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def percent(self) -> int:
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def duration(self) -> timedelta | None:
        return self.finished_at - self.created_at if self.finished_at else None

    def begin(self, worker: Worker | None) -> bool:
        """False if it is not waiting any more."""
        waiting = Intake.objects.filter(pk=self.pk, state=State.WAITING)
        self.state, self.worker = State.RUNNING, worker
        return bool(waiting.update(state=self.state, worker=worker, seen_at=timezone.now()))

    def advance(self) -> bool:
        """Save how far it is; False if another process has taken this one for dead, or its owner is gone."""
        return self._write(*PROGRESS)

    def finish(self) -> None:
        self._end(State.DONE)

    def fail(self, problem: str) -> None:
        self.problem = problem[:500]
        self._end(State.FAILED)

    def interrupt(self) -> None:
        self._end(State.INTERRUPTED)

    def note(self, what: str, which: str = "") -> None:
        """Put down what could not be taken; what is alike is counted."""
        line = next((line for line in self.report if line["what"] == what), None)
        if line is None:
            if len(self.report) >= MOST_LINES:
                return
            line = {"what": what, "count": 0, "examples": []}
            self.report.append(line)
        line["count"] += 1
        if which and len(line["examples"]) < EXAMPLES and which not in line["examples"]:
            line["examples"].append(which[:80])

    def _end(self, state: str) -> None:
        self.state, self.worker, self.finished_at = state, None, timezone.now()
        if self._write(*PROGRESS, "state", "worker", "finished_at", "problem"):
            self.file.delete(save=False)
            Intake.objects.filter(pk=self.pk).update(file="")

    def _write(self, *names: str) -> bool:
        """Only while it is not over: of a late reader and whoever declared it dead, one wins."""
        self.seen_at = timezone.now()
        fields: dict[str, Any] = {name: getattr(self, name) for name in names}
        return bool(Intake.objects.unfinished().filter(pk=self.pk).update(**fields))


PROGRESS = ("source", "total", "done", "taken", "already_here", "report", "seen_at")


@receiver(post_delete, sender=Intake)
def delete_file(instance: Intake, **_: Any) -> None:
    """Whatever it was deleted with."""
    if instance.file:
        instance.file.delete(save=False)
