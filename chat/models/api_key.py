from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from .allowance import Allowance
from .digest import digest
from .model_request import ModelRequest
from .networks import is_within, validate_networks
from .period import Period
from .prepared import Given, Prepared
from .restricted import Restricted, follow
from .spending import spent_by

if TYPE_CHECKING:
    from .language_model import LanguageModel

BEGINNING = "sk-"
VISIBLE = 12


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self) -> ApiKeyQuerySet:
        unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None, owner__is_active=True)

    def with_use(self) -> ApiKeyQuerySet:
        """Each with when it was last used and what it spent, as far as the prices were known."""
        spent, unpriced = spent_by("key")
        month_spent, month_unpriced = spent_by("key", since=Period.MONTH.start(timezone.now()))
        latest = ModelRequest.objects.filter(key=OuterRef("pk")).order_by("-created_at")
        return self.annotate(
            last_used_at=Subquery(latest.values("created_at")[:1]),
            spent=spent,
            has_unpriced=unpriced,
            spent_this_month=month_spent,
            has_unpriced_this_month=month_unpriced,
        )


class ApiKeyManager(models.Manager.from_queryset(ApiKeyQuerySet)):  # type: ignore[misc]
    def find(self, secret: str) -> ApiKey | None:
        """The key with its owner, whether it still opens or not, and whether any allowance holds for it."""
        given = digest(secret)
        key = _of_secret.first(digest=given)
        return key if key and key.opens_with(given) else None


class ApiKey(Restricted):
    """What lets a program in, in its owner's name. It is shown once; only its hash is kept."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100, blank=True, help_text="What it is for.")
    prefix = models.CharField("begins with", max_length=VISIBLE, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    allowed_models = models.ManyToManyField(
        "chat.LanguageModel",
        verbose_name="models",
        blank=True,
        related_name="api_keys",
        help_text="The models that it may use; none chosen means all that its owner may.",
    )
    networks = models.TextField(
        "addresses",
        blank=True,
        validators=[validate_networks],
        help_text="From where it may be used: IP addresses and ranges such as 192.0.2.0/24, one a line. "
        "Empty for anywhere.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty for a key without an end.")
    revoked_at = models.DateTimeField(null=True, editable=False)
    previous_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    previous_until = models.DateTimeField(
        null=True, editable=False, help_text="When the secret before the last rotation stops working."
    )

    objects = ApiKeyManager()

    class Meta:
        verbose_name = "API key"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name or 'API key'} ({self.prefix}…)"

    def issue(self) -> str:
        """Save it with a fresh secret, and return the secret: the only time that anyone sees it."""
        secret = self._take_new_secret()
        self.save()
        return secret

    def rotate(self, overlap: timedelta = timedelta()) -> str:
        """Give it a fresh secret, and return that; the one before opens for as long as they overlap."""
        self.previous_digest = self.digest if overlap else ""
        self.previous_until = timezone.now() + overlap if overlap else None
        secret = self._take_new_secret()
        self.save(update_fields=["prefix", "digest", "previous_digest", "previous_until"])
        return secret

    def revoke(self) -> None:
        """It opens nothing from the next request on, nor does the secret before its last rotation."""
        self.revoked_at = self.revoked_at or timezone.now()
        self.previous_digest, self.previous_until = "", None
        self.save(update_fields=["revoked_at", "previous_digest", "previous_until"])

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def is_active(self) -> bool:
        return not self.is_revoked and not self.has_expired()

    @property
    def overlaps_until(self) -> datetime | None:
        """How long the secret before the last rotation still opens."""
        until = self.previous_until
        return until if until and until > timezone.now() and not self.is_revoked else None

    def has_expired(self, now: datetime | None = None) -> bool:
        return self.expires_at is not None and self.expires_at <= (now or timezone.now())

    @property
    def state(self) -> str:
        if self.is_revoked:
            return "Revoked"
        return "Expired" if self.has_expired() else "Active"

    def opens_with(self, secret_digest: str) -> bool:
        """Its secret does, and for as long as they overlap the one before."""
        is_previous = secret_digest == self.previous_digest and self.overlaps_until is not None
        return secret_digest == self.digest or is_previous

    def opens_from(self, address: str) -> bool:
        return not self.networks.strip() or is_within(address, self.networks)

    def allows(self, model: LanguageModel) -> bool:
        """Whether it may be used for the model; one without a choice is for all, and costs no query."""
        return not self.is_restricted or self.allowed_models.filter(pk=model.pk).exists()

    def _take_new_secret(self) -> str:
        secret = BEGINNING + secrets.token_urlsafe(32)
        self.prefix, self.digest = secret[:VISIBLE], digest(secret)
        return secret


follow(ApiKey, "allowed_models")


def _of_given_secret() -> models.QuerySet[ApiKey]:
    limited = Exists(Allowance.objects.filter(Allowance.applies(OuterRef("owner"), OuterRef("pk"))))
    found = ApiKey.objects.select_related("owner").annotate(is_limited=limited)
    return found.filter(Q(digest=Given("digest")) | Q(previous_digest=Given("digest")))


_of_secret = Prepared(_of_given_secret)
