"""Whether what is asked is written down: only for a time, and only where an administrator says so."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

# How long this process may not know of a recording that began, or was ended by hand.
REFRESHED_EVERY = 3.0
LONGEST = timedelta(days=7)


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


class RecordingQuerySet(models.QuerySet["Recording"]):
    def active(self) -> RecordingQuerySet:
        now = timezone.now()
        return self.filter(created_at__lte=now, until__gt=now)


class Recording(models.Model):
    """While it lasts, the bodies of the requests that it is for are kept; an empty field is for all."""

    until = models.DateTimeField(default=in_an_hour, help_text="At most a week from now.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    key = models.ForeignKey(
        "chat.ApiKey",
        verbose_name="API key",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    model = models.ForeignKey(
        "chat.LanguageModel", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("began", default=timezone.now, editable=False)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = "recording of bodies"
        verbose_name_plural = "recordings of bodies"
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(until__gt=models.F("created_at")), name="recording_ends_after_it_began"
            ),
        )

    def __str__(self) -> str:
        return f"Recording until {timezone.localtime(self.until):%Y-%m-%d %H:%M}"

    @property
    def is_active(self) -> bool:
        return self.created_at <= timezone.now() < self.until

    def is_for(self, user_id: int, key_id: int | None, model_id: int | None) -> bool:
        return (
            self.user_id in (None, user_id)
            and self.key_id in (None, key_id)
            and self.model_id in (None, model_id)
        )

    def end(self) -> None:
        """Before its time."""
        self.until = max(timezone.now(), self.created_at + timedelta(microseconds=1))
        self.save(update_fields=["until"])


class Known:
    """The recordings that run, as this process knew them a moment ago."""

    def __init__(self) -> None:
        self._recordings: Sequence[Recording] = ()
        self._refreshed_at = float("-inf")

    def current(self) -> Sequence[Recording]:
        if time.monotonic() - self._refreshed_at >= REFRESHED_EVERY:
            self._recordings = list(Recording.objects.active())
            self._refreshed_at = time.monotonic()
        return self._recordings

    def forget(self) -> None:
        self.__init__()  # type: ignore[misc]


known = Known()


def wanted(user_id: int, key_id: int | None, model_id: int | None) -> bool:
    """Whether the bodies of such a request are to be kept.

    From memory; every few seconds it asks the database, so not on an event loop.
    """
    return any(
        recording.is_active and recording.is_for(user_id, key_id, model_id) for recording in known.current()
    )
