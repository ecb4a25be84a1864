from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince

from chat.gateway.health import Condition, health
from chat.models import Route
from chat.models.upstream import REFERRAL


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
        """As the process that shows this page has seen it."""
        if not route.pk:
            return "-"
        if not route.upstream.enabled:
            return "Its upstream is off."
        if route.upstream.key_refused_at:
            return route.upstream.problem
        latest = health.latest(route)
        return _words(latest, health.cooldown(route)) if latest else "No failure since the start."


def _words(latest: Condition, cooldown: float) -> str:
    error = REFERRAL.sub("", latest.error)
    if latest.is_probed:
        return f"Failed, and is being tried again: {error}"
    if cooldown:
        return f"Cools down for another {math.ceil(cooldown)} s: {error}"
    ago = timesince(timezone.now() - timedelta(seconds=health.clock() - latest.failed_at))
    state = "Failed" if latest.failures else "Answers again; failed"
    return f"{state} {ago} ago: {error}"
