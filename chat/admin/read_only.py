from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class Counted(admin.ModelAdmin):  # type: ignore[type-arg]
    """Before a deletion says how many of what will go, and does not list what people wrote."""

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        _, counts, _, protected = super().get_deleted_objects(objs, request)  # type: ignore[arg-type]
        return [str(count) + " " + name for name, count in counts.items()], counts, set(), protected


class ReadOnly(Counted):
    """To be looked at; what may go is decided by each."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
