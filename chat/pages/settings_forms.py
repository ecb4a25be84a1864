"""What people fill in about a conversation, and keep as presets."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from chat.models import Conversation, LanguageModel, Preset, User
from chat.models.chat_settings import EFFORT_NAMES, SETTINGS
from chat.models.offer import Offer
from chat.models.preset import MOST_EACH

LEFT_TO_THE_MODEL = "The model's own"


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Only the fields that mean something to the model, within its bounds.

    What it does not take stays as it was, for another model.
    """

    class Meta:
        model = Conversation
        fields = SETTINGS
        widgets = {  # noqa: RUF012
            "system_prompt": forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
            "temperature": forms.NumberInput(attrs={"placeholder": LEFT_TO_THE_MODEL}),
            "top_p": forms.NumberInput(attrs={"placeholder": LEFT_TO_THE_MODEL}),
            "max_output_tokens": forms.NumberInput(attrs={"placeholder": LEFT_TO_THE_MODEL}),
        }

    def __init__(self, offer: Offer, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.not_taken = [name for name in SETTINGS if name not in offer.settings and name in self.fields]
        for name in self.not_taken:
            del self.fields[name]
        self._bound("temperature", 0, offer.max_temperature)
        self._bound("top_p", offer.min_top_p, 1)
        self._bound("max_output_tokens", 1, offer.max_output)
        if "reasoning_effort" in self.fields:
            efforts = [(effort, EFFORT_NAMES[effort]) for effort in offer.efforts]
            self.fields["reasoning_effort"] = forms.ChoiceField(
                choices=[("", LEFT_TO_THE_MODEL), *efforts], required=False
            )

    @property
    def settings(self) -> list[forms.BoundField]:
        return [self[name] for name in SETTINGS if name in self.fields]

    @property
    def left_out(self) -> list[str]:
        """What is set, and not for this model."""
        names = [name for name in self.not_taken if self.initial.get(name)]
        return [str(Conversation._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]  # noqa: SLF001

    def _bound(self, name: str, least: float, most: float | None) -> None:
        field: Any = self.fields.get(name)
        if field is None:
            return
        field.widget.attrs |= {"min": least, "step": 1 if name == "max_output_tokens" else 0.01}
        field.validators.append(MinValueValidator(least))
        if most is not None:
            field.widget.attrs["max"] = most
            field.validators.append(MaxValueValidator(most))


class PresetForm(SettingsForm):
    model = forms.ModelChoiceField(
        LanguageModel.objects.none(),
        to_field_name="model_id",
        required=False,
        empty_label="The one that a new chat begins with anyway",
        error_messages={"invalid_choice": "This model is not available any more. Choose another one."},
    )

    class Meta(SettingsForm.Meta):
        model = Preset  # type: ignore[assignment]
        fields = ("name", "model", *SETTINGS, "groups")  # type: ignore[assignment]
        widgets = {**SettingsForm.Meta.widgets, "groups": forms.CheckboxSelectMultiple()}  # noqa: RUF012
        error_messages = {"groups": {"invalid_choice": "You are not in one of these groups any more."}}  # noqa: RUF012

    def __init__(self, owner: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is None:
            self.instance.owner = owner
        self.owner = owner
        usable: Any = self.fields["model"]
        usable.queryset = LanguageModel.objects.usable_by(owner).listed()
        groups: Any = self.fields["groups"]
        groups.queryset = groups_to_share_with(owner)
        if self.instance.model_id:
            self.initial["model"] = self.instance.model.model_id

    def clean_name(self) -> str:
        """The constraint cannot tell: it is about the owner too, who is no field."""
        name: str = self.cleaned_data["name"]
        if Preset.objects.owned_by(self.owner).filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("You have a preset of this name. Choose another name.")
        return name

    def clean(self) -> dict[str, Any]:
        if self.instance.pk is None and Preset.objects.owned_by(self.owner).count() >= MOST_EACH:
            raise forms.ValidationError(
                f"You have {MOST_EACH} presets already. Delete one that you do not use."
            )
        return super().clean() or {}

    def keep(self) -> Preset:
        """What the chosen model does not take is no part of a preset for it."""
        for name in self.not_taken:
            setattr(self.instance, name, Preset._meta.get_field(name).get_default())  # type: ignore[union-attr]  # noqa: SLF001
        preset: Preset = self.save()
        return preset


def groups_to_share_with(user: User) -> QuerySet[Group]:
    """Everybody shares with the groups that they are in, and an administrator with any."""
    return Group.objects.all() if user.is_superuser else Group.objects.filter(user=user)
