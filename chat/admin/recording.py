from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chat.models import Recording
from chat.models.recording import LONGEST

WARNING = (
    "While this lasts, what people and programs write, and the whole of what goes to the model, is kept in the "
    "database, and whoever may see the bodies of requests can read it. Keys and files are left out. Tell those "
    "whom it concerns, choose the shortest time that will do, and whose requests you need."
)


class RecordingForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= timezone.now():
            raise forms.ValidationError("That has passed. Enter a time to come.")
        if until > timezone.now() + LONGEST:
            raise forms.ValidationError("That is too far away: a recording lasts a week at most.")
        return until


@admin.register(Recording)
class RecordingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """It is begun and ended, and stays as a note of who did so."""

    form = RecordingForm
    list_display = ("__str__", "is_active", "user", "key", "model", "started_by", "created_at")
    list_select_related = ("user", "key", "model", "started_by")
    autocomplete_fields = ("user", "key", "model")
    fieldsets = ((None, {"fields": ("until", "user", "key", "model"), "description": WARNING}),)
    actions = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """Not what it is for: another one is begun instead."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: Recording, form: Any, change: bool) -> None:
        obj.started_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        messages.warning(request, "Bodies are being recorded. End it as soon as you have what you need.")

    @admin.action(description="End now", permissions=["change"])
    def end(self, request: HttpRequest, recordings: QuerySet[Recording]) -> None:
        for recording in recordings.active():  # type: ignore[attr-defined]
            recording.end()
            self.log_change(request, recording, "Ended.")
        self.message_user(request, "Ended. What was recorded is deleted by its age.")

    @admin.display(boolean=True, description="running")
    def is_active(self, recording: Recording) -> bool:
        return recording.is_active
