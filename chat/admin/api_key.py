from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chat.models import ApiKey, User
from chat.models.money import spent_in_words

from .allowance import KeyAllowanceInline
from .shown_once import shown_once
from .within_reach import WithinReach


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


OVERLAP = timedelta(days=1)
SHOWN = ("prefix", "state", "last_used", "spent_this_month", "spent_in_all", "overlaps_until", "created_at")


@admin.register(ApiKey)
class ApiKeyAdmin(WithinReach):
    """A key is issued here, shown once, and revoked rather than deleted: what it did stays its own."""

    list_display = (
        "name_or_key",
        "owner",
        "prefix",
        "state",
        "last_used",
        "spent_this_month",
        "spent_in_all",
        "created_at",
        "expires_at",
    )
    list_filter = (
        StateFilter,
        "created_at",
        "expires_at",
        ("allowed_models", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("owner",)
    search_fields = ("name", "prefix", "owner__username")
    autocomplete_fields = ("owner",)
    filter_horizontal = ("allowed_models",)
    actions = ("revoke", "rotate")
    inlines = (KeyAllowanceInline,)

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012

    def get_fieldsets(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:  # noqa: ARG002
        words = "After saving, the key is shown once. A program sends it as “Authorization: Bearer sk-…”."
        fields = ("owner", "name", "allowed_models", "networks", "expires_at")
        shown = SHOWN if obj else ()
        return [(None, {"fields": (*fields, *shown), "description": "" if obj else words})]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """A key stays its owner's: it speaks in that person's name."""
        return ("owner", *SHOWN) if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return super().get_queryset(request).with_use()  # type: ignore[attr-defined]

    def is_within_reach(self, request: HttpRequest, obj: ApiKey) -> bool:  # noqa: ARG002
        """A superuser's speaks in the name of one."""
        return not obj.owner.is_superuser

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        """A new secret is as good as a new key."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Whoever is not a superuser does not issue keys that speak in a superuser's name."""
        if db_field.name == "owner" and not request.user.is_superuser:
            options["queryset"] = User.objects.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: ARG002
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name != "allowed_models"])
            return
        obj.secret = obj.issue()  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> Any:  # noqa: ARG002
        after = self.response_post_save_add(request, obj).url
        return shown_once(request, [(f"The key of {obj.owner}", obj.secret)], after)  # type: ignore[attr-defined]

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = self._within_reach(request, keys)
        for key in revoked:
            key.revoke()
            self.log_change(request, key, "Revoked.")
        names = ", ".join(map(str, revoked)) or "none"
        self.message_user(request, f"Revoked: {names}. They open nothing any more.")

    @admin.action(description="Rotate: a new secret, the old one works for a day", permissions=["rotate"])
    def rotate(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        rotated = []
        for key in self._within_reach(request, keys.usable()):  # type: ignore[attr-defined]
            rotated.append((f"The new secret of {key.name or 'the key'} of {key.owner}", key.rotate(OVERLAP)))
            self.log_change(request, key, "Rotated.")
        if rotated:
            return shown_once(request, rotated, request.get_full_path())
        self.message_user(
            request, "None is rotated: they have ended, or are not yours to change.", messages.WARNING
        )
        return None

    @admin.display(description="key", ordering="name")
    def name_or_key(self, key: ApiKey) -> str:
        return key.name or "API key"

    def state(self, key: ApiKey) -> str:
        return key.state

    @admin.display(ordering="last_used_at")
    def last_used(self, key: ApiKey) -> datetime | None:
        return key.last_used_at  # type: ignore[attr-defined]

    @admin.display(ordering="spent_this_month")
    def spent_this_month(self, key: ApiKey) -> str:
        return spent_in_words(key.spent_this_month, key.has_unpriced_this_month)  # type: ignore[attr-defined]

    @admin.display(ordering="spent")
    def spent_in_all(self, key: ApiKey) -> str:
        return spent_in_words(key.spent, key.has_unpriced)  # type: ignore[attr-defined]

    @admin.display(description="the secret before works until")
    def overlaps_until(self, key: ApiKey) -> datetime | None:
        return key.overlaps_until

    def _within_reach(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> list[ApiKey]:
        return [key for key in keys if self.has_change_permission(request, key)]
