from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from chat.models import LanguageModel, User

from .allowance import GroupAllowanceInline
from .within_reach import WithinReach

admin.site.unregister(Group)


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    members = forms.ModelMultipleChoiceField(
        User.objects.order_by("username"),
        required=False,
        widget=FilteredSelectMultiple("members", is_stacked=False),
    )
    language_models = forms.ModelMultipleChoiceField(
        LanguageModel.objects.all(),
        label="Models",
        required=False,
        widget=FilteredSelectMultiple("models", is_stacked=False),
        help_text="Only members may use these, and those of the other groups that a model is for. "
        "A model that no group has is for everyone.",
    )

    class Meta:
        model = Group
        fields = ("name",)

    asker: User

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.asker.is_superuser and "members" in self.fields:
            members: Any = self.fields["members"]
            members.queryset = members.queryset.exclude(pk=self.asker.pk)
        if not self.asker.is_superuser:
            self.fields.pop("language_models", None)
        if self.instance.pk:
            self.initial["members"] = self.instance.user_set.all()
            self.initial["language_models"] = self.instance.language_models.all()


@admin.register(Group)
class GroupAdmin(WithinReach):
    """People who share models and limits. Whom a model is for, and what else a group allows, superusers decide."""

    form = GroupForm
    list_display = ("name", "members", "models")
    search_fields = ("name",)
    inlines = (GroupAllowanceInline,)
    filter_horizontal = ("permissions",)

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        counts = {
            "member_count": Count("user", distinct=True),
            "model_count": Count("language_models", distinct=True),
        }
        return super().get_queryset(request).annotate(**counts)

    def get_fieldsets(self, request: HttpRequest, obj: Group | None = None) -> list[Any]:
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("name",)})]
        words = "A group that is deleted leaves its models to nobody, until you say whom they are for."
        fields = ("name", "members", *(("language_models",) if request.user.is_superuser else ()))
        shown = (None, {"fields": fields, "description": words if obj else ""})
        rights = ("Rights of its members", {"fields": ("permissions",), "classes": ("collapse",)})
        return [shown, rights] if request.user.is_superuser else [shown]

    def is_within_reach(self, request: HttpRequest, obj: Group) -> bool:
        """Neither a group of their own nor one that gives rights."""
        own = request.user.groups.filter(pk=obj.pk).exists()
        return not own and not obj.permissions.exists()

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        form: Any = super().get_form(request, *args, **options)
        form.asker = request.user
        return form

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.user_set.set(form.cleaned_data["members"])
        if "language_models" in form.cleaned_data:
            form.instance.language_models.set(form.cleaned_data["language_models"])

    @admin.display(ordering="member_count")
    def members(self, group: Group) -> int:
        return group.member_count  # type: ignore[attr-defined]

    @admin.display(ordering="model_count")
    def models(self, group: Group) -> int:
        return group.model_count  # type: ignore[attr-defined]
