from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from .chat_settings import ChatSettings

if TYPE_CHECKING:
    from .user import User

MOST_EACH = 100


class PresetQuerySet(models.QuerySet["Preset"]):
    def owned_by(self, user: Any) -> PresetQuerySet:
        return self.filter(owner=user.pk)

    def usable_by(self, user: User) -> PresetQuerySet:
        """Their own, and those that others share with a group of theirs."""
        shared = Preset.groups.through.objects.filter(preset=OuterRef("pk"), group__user=user.pk)
        return self.filter(Q(owner=user) | Exists(shared))


class Preset(ChatSettings):
    """Settings that new chats begin with when it is chosen. A conversation has a copy, and keeps it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=60)
    model = models.ForeignKey(
        "chat.LanguageModel",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty for the one that a new chat begins with anyway.",
    )
    groups = models.ManyToManyField(
        "auth.Group",
        verbose_name="shared with",
        blank=True,
        related_name="presets",
        help_text="Whose members can use it as well. Only you change it.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="one_preset_of_a_name"),)

    def __str__(self) -> str:
        return self.name

    def is_usable_by(self, user: User) -> bool:
        return self.owner_id == user.pk or self.groups.filter(user=user).exists()
