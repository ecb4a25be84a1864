"""What people fill in about their own keys."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from chat.models import Allowance, ApiKey, LanguageModel, User

MOST_KEYS = 50
SPANS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "1 year", "": "No end"}
OVERLAPS = {"0": "At once", "1": "In 1 hour", "24": "In 1 day", "168": "In 7 days"}


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    expires = forms.ChoiceField(label="Expires after", choices=SPANS.items(), required=False)

    class Meta:
        model = ApiKey
        fields = ("name", "allowed_models", "networks")
        labels = {"networks": "Addresses"}  # noqa: RUF012
        widgets = {  # noqa: RUF012
            "allowed_models": forms.CheckboxSelectMultiple,
            "networks": forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        }
        error_messages = {  # noqa: RUF012
            "allowed_models": {"invalid_choice": "One of these models is not available any more."}
        }

    def __init__(self, owner: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.owner = owner
        self.fields["name"].required = True
        models: Any = self.fields["allowed_models"]
        models.queryset = LanguageModel.objects.usable_by(owner).listed()
        models.help_text = "None chosen means all that you may use, now and later."

    def clean(self) -> dict[str, Any]:
        if ApiKey.objects.usable().filter(owner=self.instance.owner).count() >= MOST_KEYS:
            raise forms.ValidationError(f"You have {MOST_KEYS} keys already. Revoke one that you do not use.")
        return super().clean() or {}

    def issue(self) -> str:
        """Raises nothing once it is valid; returns the secret."""
        self.instance.expires_at = _in_days(self.cleaned_data["expires"])
        secret: str = self.instance.issue()
        self.instance.allowed_models.set(self.cleaned_data["allowed_models"])
        return secret


class AllowanceForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Allowance
        fields = (
            "daily_budget",
            "weekly_budget",
            "monthly_budget",
            "total_budget",
            "requests_per_minute",
            "tokens_per_minute",
            "parallel_requests",
        )
        labels = {  # noqa: RUF012
            "daily_budget": "A day",
            "weekly_budget": "A week",
            "monthly_budget": "A month",
            "total_budget": "In all",
        }
        help_texts = dict.fromkeys(fields, "")

    @property
    def budgets(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.endswith("_budget")]

    @property
    def rates(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.endswith("_budget")]

    def limit(self, key: ApiKey) -> None:
        """Without any limit there is nothing to keep, and nothing to ask at each request."""
        if any(value is not None for value in self.cleaned_data.values()):
            self.instance.key = key
            self.instance.save()


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ApiKey
        fields = ("name",)
        help_texts = {"name": ""}  # noqa: RUF012

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = True


class RotationForm(forms.Form):
    overlap = forms.ChoiceField(label="The key that you have now stops working", choices=OVERLAPS.items())

    @property
    def span(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))


def _in_days(days: str) -> datetime | None:
    return timezone.now() + timedelta(days=int(days)) if days else None
