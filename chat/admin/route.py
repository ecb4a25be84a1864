from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from chat.models import Route

from .condition import condition_of


class RouteInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Route
    extra = 0
    fields = ("upstream", "enabled", "priority", "weight", "health")
    readonly_fields = ("health",)
    verbose_name_plural = "Routes: the upstreams that answer for it; when one fails, the next is asked"

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[Route]:
        return super().get_queryset(request).select_related("model", "upstream")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any], request: HttpRequest, **options: Any
    ) -> ModelChoiceField[Any] | None:
        """The upstreams are read once, and not for each row."""
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if field:
            field.choices = list(field.choices)  # type: ignore[arg-type]
        return field

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        """Upstreams are added and changed on pages of their own."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if isinstance(widget := getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return field

    @admin.display(description="health")
    def health(self, route: Route) -> str:
        return condition_of(route) if route.pk else "-"
