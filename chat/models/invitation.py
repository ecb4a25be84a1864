from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from .digest import digest


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(accepted_at=None, expires_at__gt=timezone.now())

    def find(self, token: str) -> Invitation | None:
        return self.open().filter(token_hash=digest(token)).first()


def in_a_week() -> datetime:
    return timezone.now() + timedelta(days=7)


class Invitation(models.Model):
    """A link that lets one person sign up. The link is shown once; only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(max_length=200, blank=True, help_text="Whom it is for.")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=in_a_week)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"

    def issue(self) -> str:
        """Save it with a fresh token, and return the token: the only time that anyone sees it."""
        token = secrets.token_urlsafe(24)
        self.token_hash = digest(token)
        self.save()
        return token

    def accept(self, user: models.Model) -> bool:
        """Use it up for this user; False if somebody else was faster or it has expired."""
        return bool(
            Invitation.objects.open().filter(pk=self.pk).update(accepted_at=timezone.now(), accepted_by=user)
        )
