from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .digest import digest
from .prepared import Given, Prepared

BEGINNING = "sk-"
VISIBLE = 12


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def find(self, secret: str) -> ApiKey | None:
        """The key with its owner, whether it still opens or not."""
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
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty for a key without an end.")
    revoked_at = models.DateTimeField(null=True, editable=False)

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


_with_digest = Prepared(lambda: ApiKey.objects.select_related("owner").filter(digest=Given("digest")))
_choices_of = Prepared(lambda: ApiKey.allowed_models.through.objects.filter(apikey=Given("key")))
