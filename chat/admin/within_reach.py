from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class WithinReach(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever is not a superuser changes and deletes only what makes nobody more than they are."""

    def is_within_reach(self, request: HttpRequest, obj: Any) -> bool:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_touch(request, obj) and super().has_delete_permission(request, obj)

    def _may_touch(self, request: HttpRequest, obj: Any) -> bool:
        return bool(request.user.is_superuser) or obj is None or self.is_within_reach(request, obj)
