"""What a person sets for a conversation, whichever model answers it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models

from chat.completions import ChatRequest
from chat.upstreams.fitting import EFFORTS

from .storable import storable

SETTINGS = (
    "system_prompt",
    "temperature",
    "top_p",
    "max_output_tokens",
    "reasoning_effort",
    "json_output",
)
LONGEST_PROMPT = 20_000
MOST_OUTPUT = 1_000_000
EFFORT_NAMES = {
    "none": "None",
    "minimal": "Minimal",
    "low": "Low",
    "medium": "Medium",
    "high": "High",
    "xhigh": "Very high",
    "max": "Highest",
}


def validate_finite(value: float) -> None:
    """NaN is neither above nor below a bound."""
    if not math.isfinite(value):
        raise ValidationError("Enter a number.", code="invalid")


class ChatSettings(models.Model):
    """Empty is whatever the model does by itself. What a model does not take is left out for it by its adapter."""

    system_prompt = models.TextField(
        blank=True,
        max_length=LONGEST_PROMPT,
        validators=[MaxLengthValidator(LONGEST_PROMPT)],
        help_text="Instructions that the model gets before the conversation.",
    )
    temperature = models.FloatField(
        null=True, blank=True, validators=[validate_finite, MinValueValidator(0), MaxValueValidator(2)]
    )
    top_p = models.FloatField(
        "top-p",
        null=True,
        blank=True,
        validators=[validate_finite, MinValueValidator(0), MaxValueValidator(1)],
    )
    max_output_tokens = models.PositiveIntegerField(
        "longest answer",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_OUTPUT)],
        help_text="In tokens, of which a word takes one to two.",
    )
    reasoning_effort = models.CharField(
        max_length=10, blank=True, choices=[(effort, EFFORT_NAMES[effort]) for effort in EFFORTS]
    )
    json_output = models.BooleanField(
        "JSON output", default=False, help_text="Every answer is one JSON object."
    )

    class Meta:
        abstract = True

    @property
    def settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in SETTINGS}

    @property
    def set_settings(self) -> dict[str, Any]:
        """Those that are not left to the model."""
        # A temperature of 0 is set; it also equals False.
        return {
            name: value
            for name, value in self.settings.items()
            if value or (value == 0 and value is not False)
        }

    @property
    def settings_in_words(self) -> list[str]:
        named = ("temperature", "top_p", "max_output_tokens")
        words = ["System prompt"] if self.system_prompt else []
        words += [
            f"{self._meta.get_field(name).verbose_name} {value:g}".capitalize()  # type: ignore[union-attr]
            for name in named
            if (value := getattr(self, name)) is not None
        ]
        words += [f"Reasoning {self.get_reasoning_effort_display().lower()}"] if self.reasoning_effort else []
        return words + (["JSON output"] if self.json_output else [])

    def tune(self, given: Mapping[str, Any]) -> None:
        """Have these settings, and those that are not given not at all. Raises ValidationError."""
        for name in SETTINGS:
            field: Any = self._meta.get_field(name)
            value = given.get(name, "")
            value = storable(value) if isinstance(value, str) else value
            try:
                setattr(self, name, field.clean(field.get_default() if value == "" else value, self))
            except ValidationError as error:
                raise ValidationError(
                    f"{field.verbose_name.capitalize()}: {' '.join(error.messages)}", code="settings"
                ) from error

    def applied_to(self, request: ChatRequest) -> ChatRequest:
        tuned = replace(
            request,
            temperature=self.temperature,
            top_p=self.top_p,
            max_output_tokens=self.max_output_tokens,
            reasoning_effort=self.reasoning_effort or None,
            response_format={"type": "json_object"} if self.json_output else None,
        )
        return tuned.preceded_by(self.system_prompt)
