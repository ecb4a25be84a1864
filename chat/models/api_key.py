from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .allowance import Allowance
from .digest import digest
from .networks import validate_networks
from .prepared import Given, Prepared

BEGINNING = "sk-"
VISIBLE = 12


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def find(self, secret: str) -> ApiKey | None:
        """The key with its owner, whether it still opens or not, and whether any allowance holds for it."""
        return _with_digest.first(digest=digest(secret))

    def usable(self) -> ApiKeyQuerySet:
        unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None, owner__is_active=True)


class ApiKey(models.Model):
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

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name or 'API key'} ({self.prefix}…)"

    def issue(self) -> str:
        """Save it with a fresh secret, and return the secret: the only time that anyone sees it."""
        secret = BEGINNING + secrets.token_urlsafe(32)
        self.prefix, self.digest = secret[:VISIBLE], digest(secret)
        self.save()
        return secret

    def revoke(self) -> None:
        """It opens nothing from the next request on."""
        self.revoked_at = self.revoked_at or timezone.now()
        self.save(update_fields=["revoked_at"])

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def has_expired(self, now: datetime | None = None) -> bool:
        return self.expires_at is not None and self.expires_at <= (now or timezone.now())

    @property
    def state(self) -> str:
        if self.is_revoked:
            return "Revoked"
        return "Expired" if self.has_expired() else "Active"

    def allows(self, model: int) -> bool:
        """Whether it may be used for the model with this primary key; one without a choice is for all."""
        allowed = {choice.languagemodel_id for choice in _choices_of.run(key=self.pk)}
        return not allowed or model in allowed


def _of_given_digest() -> models.QuerySet[ApiKey]:
    limited = Exists(Allowance.objects.filter(Allowance.applies(OuterRef("owner"), OuterRef("pk"))))
    found = ApiKey.objects.select_related("owner").annotate(is_limited=limited)
    return found.filter(digest=Given("digest"))


_with_digest = Prepared(_of_given_digest)
_choices_of = Prepared(lambda: ApiKey.allowed_models.through.objects.filter(apikey=Given("key")))
