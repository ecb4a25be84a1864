from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from chat.models import LanguageModel, Price
from chat.models.price import today

from .price import linked
from .route import RouteInline


class LanguageModelForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = LanguageModel
        fields = ("system_preamble", "capabilities")
        widgets = {  # noqa: RUF012
            "system_preamble": forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
            "capabilities": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        }

    def clean_capabilities(self) -> dict[str, Any]:
        """Nothing at all is nothing said."""
        return self.cleaned_data["capabilities"] or {}


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = LanguageModelForm
    list_display = (
        "model_id",
        "display_name",
        "upstreams",
        "audience",
        "position",
        "is_default",
        "is_hidden",
        "enabled",
    )
    list_editable = ("enabled",)
    list_filter = ("enabled", "is_hidden", "groups", "routes__upstream", "is_sample")
    search_fields = ("model_id", "display_name", "routes__upstream__name")
    list_per_page = 50
    actions = ("enable", "disable", "hide", "show", "make_default", "open_to_everyone")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("model_id", "display_name", "description", "enabled")}),
        ("Who sees it, and where", {"fields": ("groups", "audience", "is_hidden", "is_default", "position")}),
        (
            "What it is told, and what it takes",
            {"fields": ("system_preamble", "context_window", "capabilities")},
        ),
        ("What it costs", {"fields": ("prices",)}),
        ("Origin", {"fields": ("is_sample",)}),
    )
    readonly_fields = ("prices", "is_sample", "audience")
    inlines = (RouteInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LanguageModel]:
        return super().get_queryset(request).prefetch_related("routes__upstream", "groups")

    def get_readonly_fields(self, request: HttpRequest, obj: LanguageModel | None = None) -> tuple[str, ...]:
        """The id is what upstreams and programs call it: another id is another model.

        Whom a model is for, only a superuser decides.
        """
        fields = super().get_readonly_fields(request, obj)
        fixed = ("model_id",) if obj else ()
        return (*fields, *fixed) if request.user.is_superuser else (*fields, *fixed, "groups")

    def save_model(self, request: HttpRequest, obj: LanguageModel, form: Any, change: bool) -> None:  # noqa: ARG002
        if obj.is_default:
            obj.take_default_over()
        changed = [name for name in form.changed_data if name != "groups"]
        obj.save(update_fields=changed if change else None)

    def has_open_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description="Switch on", permissions=["change"])
    def enable(self, request: HttpRequest, models: QuerySet[LanguageModel]) -> None:
        self._set(request, models, "switched on", enabled=True)

    @admin.action(description="Switch off", permissions=["change"])
    def disable(self, request: HttpRequest, models: QuerySet[LanguageModel]) -> None:
        self._set(request, models, "switched off", enabled=False)

    @admin.action(description="Hide", permissions=["change"])
    def hide(self, request: HttpRequest, models: QuerySet[LanguageModel]) -> None:
        self._set(request, models, "hidden", is_hidden=True)

    @admin.action(description="Show again", permissions=["change"])
    def show(self, request: HttpRequest, models: QuerySet[LanguageModel]) -> None:
        self._set(request, models, "shown again", is_hidden=False)

    @admin.action(description="Make it the default", permissions=["change"])
    def make_default(self, request: HttpRequest, models: QuerySet[LanguageModel]) -> None:
        chosen = list(models[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one model: there is only one default.", messages.ERROR)
            return
        chosen[0].make_default()
        self.log_change(request, chosen[0], "Made the default.")
        self.message_user(request, f"New chats begin with {chosen[0]} now.")

    @admin.action(description="Open to everyone", permissions=["open"])
    def open_to_everyone(self, request: HttpRequest, models: QuerySet[LanguageModel]) -> None:
        for model in models:
            model.groups.clear()
        self._set(request, models, "open to everyone", is_restricted=False)

    def upstreams(self, model: LanguageModel) -> str:
        return ", ".join(route.upstream.name for route in model.routes.all()) or "none any more"

    @admin.display(description="prices of a million tokens")
    def prices(self, model: LanguageModel) -> str:
        """At each of its upstreams, with a link to where it is changed."""
        routes = model.routes.all()
        prices = Price.objects.of_routes(routes, today())
        return format_html_join(
            mark_safe("<br>"), "{}", ((linked(each, prices[each.pk]),) for each in routes)
        )

    @admin.display(description="for")
    def audience(self, model: LanguageModel) -> str:
        names = ", ".join(group.name for group in model.groups.all()) if model.pk else ""
        return names or ("nobody: its group is gone" if model.is_restricted else "everyone")

    def _set(self, request: HttpRequest, models: QuerySet[LanguageModel], words: str, **fields: bool) -> None:
        for model in models:
            self.log_change(request, model, f"{words.capitalize()}.")
        self.message_user(request, f"{models.update(**fields)} models are {words}.")
