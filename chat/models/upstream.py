from __future__ import annotations

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from chat import upstreams
from chat.completions import CompletionError, UpstreamAuthFailed

from .encrypted import EncryptedTextField, UnreadableSecret
from .language_model import LanguageModel


def families() -> list[tuple[str, str]]:
    return [(name, name.capitalize()) for name in upstreams.FAMILIES]


class Upstream(models.Model):
    """A provider, or a server of one's own, that answers: where it is and the key to it."""

    class Origin(models.TextChoices):
        ADMIN = "admin", "Added in the admin"
        ENVIRONMENT = "environment", "Environment variables"
        DETECTED = "detected", "Found on this machine"
        BUILT_IN = "built-in", "Built in"

    name = models.CharField(max_length=100, unique=True)
    family = models.CharField(
        max_length=20,
        choices=families,
        help_text="Which API it speaks. “Compatible” is any server with OpenAI's /chat/completions.",
    )
    base_url = models.URLField(
        "base URL",
        blank=True,
        max_length=500,
        help_text="For example http://localhost:11434/v1. Empty for the family's own address.",
    )
    api_key = EncryptedTextField(
        "API key", blank=True, help_text="Stored encrypted. Leave empty for a server that needs none."
    )
    enabled = models.BooleanField(default=True, help_text="Without this none of its models can be used.")
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.ADMIN, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField("last checked", null=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_built_in(self) -> bool:
        return self.origin == self.Origin.BUILT_IN

    def connect(self) -> upstreams.Upstream:
        """The adapter that speaks to it. Raises UpstreamAuthFailed if its key cannot be decrypted."""
        if isinstance(self.api_key, UnreadableSecret):
            raise UpstreamAuthFailed(
                f"The stored key of {self.name} cannot be read, because the site's secret key has changed. "
                "An administrator can enter it again."
            )
        return upstreams.connect(self.family, self.base_url, self.api_key, timeouts())

    async def refresh_models(self) -> int:
        """Take over the list of models that it offers now, and return how many they are.

        Raises a CompletionError, which is also kept in `last_error`.
        """
        try:
            found = await self.connect().models()
        except CompletionError as error:
            await self._checked(error.message)
            raise
        await sync_to_async(LanguageModel.objects.register)(self, found)
        await self._checked("")
        return len(found)

    async def _checked(self, error: str) -> None:
        self.last_error = error
        await Upstream.objects.filter(pk=self.pk).aupdate(checked_at=Now(), last_error=error)


def timeouts() -> upstreams.Timeouts:
    return upstreams.Timeouts(
        connect=settings.UPSTREAM_CONNECT_TIMEOUT,
        silence=settings.UPSTREAM_SILENCE_TIMEOUT,
        total=settings.UPSTREAM_TOTAL_TIMEOUT,
    )
