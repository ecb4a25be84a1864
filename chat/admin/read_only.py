from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import router
from django.db.models import Model
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.http import HttpRequest


class Counted(admin.ModelAdmin):  # type: ignore[type-arg]
    """Before a deletion says how many of what will go, and does not list what people wrote."""

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        try:
            counts = self._count(objs)
        except (ProtectedError, RestrictedError):
            _, counts, _, protected = super().get_deleted_objects(objs, request)  # type: ignore[arg-type]
            return [], counts, set(), protected
        return [f"{count} {name}" for name, count in counts.items()], counts, set(), []

    def _count(self, objs: Iterable[Any]) -> dict[str, int]:
        """As the deletion itself finds them: it asks for their keys, and not for all that they hold."""
        collector = Collector(using=router.db_for_write(self.model), origin=objs)  # type: ignore[arg-type]
        collector.collect(objs)  # type: ignore[arg-type]
        counts = Counter({model: len(found) for model, found in collector.data.items()})
        for rows in collector.fast_deletes:
            counts[rows.model] += rows.count()
        return {plural(model): count for model, count in counts.items() if count}


class ReadOnly(Counted):
    """To be looked at; what may go is decided by each."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


def plural(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)  # noqa: SLF001  it is public in all but its name
