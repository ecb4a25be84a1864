"""The limits of a person, a group or a key, on the page of each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from chat.models import Allowance, ApiKey


class AllowanceInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Allowance
    verbose_name = "Limits"
    fieldsets = (
        (
            None,
            {
                "description": "All that are set hold, also beside those of others; an empty one is no limit.",
                "fields": (
                    ("daily_budget", "weekly_budget"),
                    ("monthly_budget", "total_budget"),
                    ("requests_per_minute", "tokens_per_minute", "parallel_requests"),
                ),
            },
        ),
    )

    def _may_limit(self, request: HttpRequest, holder: Any) -> bool:
        """Nobody but a superuser loosens what holds for themselves."""
        return bool(request.user.is_superuser) or not self.holds_for(request.user, holder)

    def holds_for(self, user: Any, holder: Any) -> bool:
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_limit(request, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_limit(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_limit(request, obj) and super().has_delete_permission(request, obj)


class UserAllowanceInline(AllowanceInline):
    fk_name = "user"

    def holds_for(self, user: Any, holder: Any) -> bool:
        return bool(holder == user)


class GroupAllowanceInline(AllowanceInline):
    fk_name = "group"

    def holds_for(self, user: Any, holder: Any) -> bool:
        return holder is not None and bool(user.groups.filter(pk=holder.pk).exists())


class KeyAllowanceInline(AllowanceInline):
    fk_name = "key"

    def holds_for(self, user: Any, holder: ApiKey | None) -> bool:
        return holder is not None and holder.owner_id == user.pk
