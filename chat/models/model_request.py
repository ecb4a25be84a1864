"""The log of what was asked, and the ledger of what it cost: one row for each request to a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chat.completions import Usage

from .charge import Charge
from .money import MoneyField, in_words
from .redaction import kept_form
from .tally import WITHOUT_PRICE
from .worker import Worker


class Status(models.TextChoices):
    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped", "Stopped by the asker"
    INTERRUPTED = "interrupted", "Interrupted by a restart"
    FAILED = "failed"
    REFUSED = "refused"


class Measure(models.TextChoices):
    """How the tokens are known."""

    REPORTED = "reported", "reported by the upstream"
    ESTIMATED = "estimated", "estimated from the text"


class Face(models.TextChoices):
    CHAT = "chat", "Chat page"
    API = "api", "API"


class ModelRequestQuerySet(models.QuerySet["ModelRequest"]):
    def owned_by(self, user: Any) -> ModelRequestQuerySet:
        return self.filter(user=user)

    def unpriced(self) -> ModelRequestQuerySet:
        """Those that were answered by a model whose price is unknown."""
        return self.filter(WITHOUT_PRICE)

    def abandoned(self, dead: Sequence[Worker]) -> ModelRequestQuerySet:
        """Those that no living process settles."""
        lost = Q(worker=None, created_at__lt=timezone.now() - Worker.SILENCE)
        return self.filter(Q(worker__in=dead) | lost, status=Status.RUNNING)

    def forget_old(self) -> int:
        """Delete what is older than the settings say, a few at a time; returns how many requests went.

        Nothing of a day that is not over for good, and so not added up yet.
        """
        from .usage_day import end_of, last_day_over

        RequestBody.objects.forget_old()
        if not settings.REQUEST_LOG_DAYS:
            return 0
        limit = min(timezone.now() - timedelta(days=settings.REQUEST_LOG_DAYS), end_of(last_day_over()))
        unsettled = Charge.objects.filter(request=OuterRef("pk"), settled_at=None)
        old = self.filter(~Exists(unsettled), created_at__lt=limit).exclude(status=Status.RUNNING)
        forgotten = 0
        while batch := list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH]):
            self._forget(batch)
            forgotten += len(batch)
        return forgotten

    def _forget(self, batch: list[int]) -> None:
        with transaction.atomic():
            Charge.objects.filter(request__in=batch).fold()
            self.filter(pk__in=batch).delete()


class ModelRequest(models.Model):
    """`cost` is None while it runs, and for a model whose price is unknown. Names are kept as they were then."""

    Status = Status
    Face = Face
    Measure = Measure

    public_id = models.CharField("request id", max_length=40, unique=True, editable=False)
    face = models.CharField("asked in", max_length=4, choices=Face)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="model_requests"
    )
    key = models.ForeignKey(
        "chat.ApiKey", null=True, on_delete=models.SET_NULL, related_name="model_requests"
    )
    message = models.ForeignKey(
        "chat.Message", null=True, on_delete=models.SET_NULL, related_name="model_requests"
    )
    model = models.ForeignKey("chat.LanguageModel", null=True, on_delete=models.SET_NULL, related_name="+")
    model_name = models.CharField("model", max_length=200)
    upstream = models.ForeignKey("chat.Upstream", null=True, on_delete=models.SET_NULL, related_name="+")
    upstream_name = models.CharField("upstream", max_length=100, blank=True)
    attempts = models.JSONField(
        default=list, help_text="The upstreams that were tried before, and what they said."
    )
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="+")

    status = models.CharField(max_length=12, choices=Status)
    error_code = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    finish_reason = models.CharField(max_length=30, blank=True)
    is_stream = models.BooleanField("streamed", default=True)

    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    queued_seconds = models.FloatField("until it was sent on", null=True)
    first_byte_seconds = models.FloatField("until the upstream answered", null=True)
    first_token_seconds = models.FloatField("until the first token", null=True)
    total_seconds = models.FloatField("in all", null=True)

    measure = models.CharField("tokens are", max_length=10, choices=Measure, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    cache_write_tokens = models.PositiveIntegerField(null=True)
    reasoning_tokens = models.PositiveIntegerField(null=True)
    cost = MoneyField("price", null=True)

    objects = ModelRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "request"
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["-created_at", "-id"], name="requests_by_time"),
            models.Index(fields=["user", "-created_at"], name="requests_of_user"),
            models.Index(fields=["key", "-created_at"], name="requests_of_key"),
            models.Index(fields=["status"], condition=Q(status="running"), name="running_requests"),
        )

    def __str__(self) -> str:
        return self.public_id

    @property
    def tokens(self) -> int:
        return (self.prompt_tokens or 0) + (self.completion_tokens or 0)

    @property
    def price_in_words(self) -> str:
        """Empty while there is nothing to pay for."""
        if self.cost is not None:
            return in_words(self.cost)
        return "unknown" if self.tokens and self.status != Status.RUNNING else ""

    def count(self, usage: Usage, measure: str) -> None:
        """Take over the tokens. What a column cannot hold, or makes no sense, is taken for the nearest that does."""
        for name in COUNTED:
            value = getattr(usage, name)
            setattr(self, name, None if value is None else min(max(value, 0), MOST_TOKENS))
        self.measure = measure

    def end(self, status: str) -> None:
        self.status = status
        self.finished_at = timezone.now()

    def forget_deleted(self) -> None:
        """What it names and is gone by now."""
        for field in self._meta.get_fields():
            if isinstance(field, models.ForeignKey) and not _exists(field, getattr(self, field.attname)):
                setattr(self, field.attname, None)

    def write_end(self) -> bool:
        """Save how it ended; False if that was written already."""
        running = ModelRequest.objects.filter(pk=self.pk, status=Status.RUNNING)
        return bool(running.update(**{name: getattr(self, name) for name in ENDING}))


def _exists(field: models.ForeignKey[Any, Any], key: object) -> bool:
    named: Any = field.remote_field.model
    return key is None or named.objects.filter(pk=key).exists()


class RequestBodyQuerySet(models.QuerySet["RequestBody"]):
    def forget_old(self) -> None:
        if settings.REQUEST_BODY_DAYS:
            limit = timezone.now() - timedelta(days=settings.REQUEST_BODY_DAYS)
            self.filter(created_at__lt=limit).delete()


class RequestBody(models.Model):
    """What a client sent and what went upstream, kept only while an administrator has that switched on."""

    request = models.OneToOneField(ModelRequest, on_delete=models.CASCADE, related_name="body")
    received = models.JSONField(null=True)
    sent = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = RequestBodyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "request bodies"

    def __str__(self) -> str:
        return f"Body of {self.request}"

    @classmethod
    def keep(cls, request: ModelRequest, received: Any, sent: Any) -> None:
        """Both without secrets and files; of a request that went upstream several times, the last."""
        bodies = {"received": kept_form(received), "sent": kept_form(sent)}
        cls.objects.update_or_create(request=request, defaults=bodies)


COUNTED = (
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
ENDING = (
    *COUNTED,
    "measure",
    "cost",
    "status",
    "error_code",
    "error",
    "finish_reason",
    "attempts",
    "upstream_id",
    "upstream_name",
    "finished_at",
    "queued_seconds",
    "first_byte_seconds",
    "first_token_seconds",
    "total_seconds",
)
# Of each kind: a column holds two billion, and that of a charge takes those of the prompt and the answer.
MOST_TOKENS = 1_000_000_000
# Rows that are forgotten in one transaction.
BATCH = 500
