from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chat.models import ApiKey, User

from .link import show_once


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:  # noqa: ARG002
        revoked = Q(revoked_at__isnull=False)
        late = Q(expires_at__isnull=False, expires_at__lte=timezone.now())
        states = {"revoked": revoked, "expired": ~revoked & late, "active": ~revoked & ~late}
        return queryset.filter(states.get(self.value() or "", Q()))


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A key is issued here, shown once, and revoked rather than deleted: what it did stays its own."""

    list_display = ("name_or_key", "owner", "prefix", "state", "created_at", "expires_at")
    list_filter = (StateFilter, "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "prefix", "owner__username")
    autocomplete_fields = ("owner",)
    filter_horizontal = ("allowed_models",)
    actions = ("revoke",)

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012
        js = ["admin/js/copy.js"]  # noqa: RUF012

    def get_fieldsets(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:  # noqa: ARG002
        words = "After saving, the key is shown once. A program sends it as “Authorization: Bearer sk-…”."
        fields = ("owner", "name", "allowed_models", "expires_at")
        shown = ("prefix", "state", "created_at") if obj else ()
        return [(None, {"fields": (*fields, *shown), "description": "" if obj else words})]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """A key stays its owner's: it speaks in that person's name."""
        return ("owner", "prefix", "state", "created_at") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Whoever is not a superuser does not issue keys that speak in a superuser's name."""
        if db_field.name == "owner" and not request.user.is_superuser:
            options["queryset"] = User.objects.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name != "allowed_models"])
            return
        show_once(request, f"This key of {obj.owner} is shown only now:", obj.issue())

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            key.revoke()
            self.log_change(request, key, "Revoked.")
        self.message_user(request, f"Revoked: {', '.join(map(str, keys))}. They open nothing any more.")

    @admin.display(description="key", ordering="name")
    def name_or_key(self, key: ApiKey) -> str:
        return key.name or "API key"

    def state(self, key: ApiKey) -> str:
        return key.state
