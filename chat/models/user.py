from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models

if TYPE_CHECKING:
    from .preset import Preset


class User(AbstractUser):
    """A person who signs in: the owner of conversations, and who pays for what they ask."""

    default_preset = models.ForeignKey(
        "chat.Preset", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    def preset_of_new_chats(self) -> Preset | None:
        """One that was shared with a group of theirs may be so no longer."""
        return self.default_preset if self.default_preset and self.default_preset.is_usable_by(self) else None

    def begin_chats_with(self, preset: Preset | None) -> None:
        self.default_preset = preset
        self.save(update_fields=["default_preset"])
