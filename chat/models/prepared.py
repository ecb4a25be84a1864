"""Queries on the way of every request: Django takes ten times as long to build one as the database to answer it.

Where nobody wrote to the database since, even the way to its thread and back is saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import SynchronousOnlyOperation
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from .data_version import data_version

# Each with the rows that come with it; what is asked most is soon known again.
MOST_KNOWN = 500

M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]


class Given(Expression):
    """Stands in a filter for what each run is given under this name: text or a number, never None."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        return "%s", (self,)


class Prepared(Generic[M]):
    """A queryset with `Given` in it, built once for each kind of database. What else it holds never changes.

    On an event loop, where no database can be asked, it gives the instances that were found in a thread; it raises
    SynchronousOnlyOperation if there are none, or anybody wrote to the database since. Nobody is to change them.
    """

    def __init__(self, queryset: Callable[[], models.QuerySet[M]]) -> None:
        self._queryset = queryset
        self._built: dict[str, _Built] = {}
        self._known: dict[tuple[str | int, ...], tuple[int, tuple[M, ...]]] = {}

    def run(self, **given: str | int) -> list[M]:
        asked = tuple(given.values())
        if _is_on_event_loop():
            return self._found_before(asked)
        connection = connections[DEFAULT_DB_ALIAS]
        # Before it is asked: what is written meanwhile may or may not be found.
        version = data_version.seen_by(connection)
        found = self._found(connection, given)
        self._remember(asked, version, found)
        return found

    def first(self, **given: str | int) -> M | None:
        return next(iter(self.run(**given)), None)

    def _found_before(self, asked: tuple[str | int, ...]) -> list[M]:
        version, found = self._known.get(asked, (None, ()))
        if version is None or version != data_version.now():
            raise SynchronousOnlyOperation(
                "Only the database knows that, which an event loop cannot wait for."
            )
        return list(found)

    def _found(self, connection: BaseDatabaseWrapper, given: Mapping[str, str | int]) -> list[M]:
        built = self._built.get(connection.vendor) or self._build(connection)
        with connection.cursor() as cursor:
            cursor.execute(built.sql, _filled(built.params, given))
            rows = cursor.fetchall()
        return list(built.instances(rows))

    def _remember(self, asked: tuple[str | int, ...], version: int | None, found: list[M]) -> None:
        """Not that there is nothing: anybody can ask for that, in any number of ways."""
        if version is None or not found:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[asked] = version, tuple(found)

    def _build(self, connection: BaseDatabaseWrapper) -> _Built:
        compiler = self._queryset().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        built = self._built[connection.vendor] = _Built(compiler, sql, list(params))
        return built


class PreparedUpdate(Generic[M]):
    """An update of these fields in the rows of a queryset with `Given` in it, built in the same way."""

    def __init__(self, queryset: Callable[[], models.QuerySet[M]], *fields: str) -> None:
        self._queryset = queryset
        self._fields = fields
        self._built: dict[str, _BuiltUpdate] = {}

    def run(self, values: Mapping[str, Any], **given: str | int) -> int:
        """Returns the number of rows. `values` holds one for each of the fields."""
        connection = connections[DEFAULT_DB_ALIAS]
        built = self._built.get(connection.vendor) or self._build(connection)
        saved = {field.name: field.get_db_prep_save(values[field.name], connection) for field in built.fields}
        with connection.cursor() as cursor:
            cursor.execute(built.sql, _filled(built.params, saved | given))
            return int(cursor.rowcount)

    def _build(self, connection: BaseDatabaseWrapper) -> _BuiltUpdate:
        query: Any = self._queryset().query.chain(UpdateQuery)
        query.add_update_values({name: Given(name) for name in self._fields})
        sql, params = query.get_compiler(connection=connection).as_sql()
        fields = [query.get_meta().get_field(name) for name in self._fields]
        built = self._built[connection.vendor] = _BuiltUpdate(sql, list(params), fields)
        return built


def _is_on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@dataclass
class _BuiltUpdate:
    sql: str
    params: list[Any]
    fields: list[models.Field[Any, Any]]


def _filled(params: list[Any], given: Mapping[str, Any]) -> list[Any]:
    return [given[each.name] if isinstance(each, Given) else each for each in params]


@dataclass
class _Built:
    compiler: SQLCompiler
    sql: str
    params: list[Any]

    def instances(self, rows: list[Row]) -> Iterator[Any]:
        """As the iterator of a queryset makes them."""
        for row in self.compiler.apply_converters(rows, self._converters):
            instance = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._columns])
            for name, place in self._annotations:
                setattr(instance, name, row[place])
            for related in self._related:
                related.populate(row, instance)
            yield instance

    @cached_property
    def _converters(self) -> Any:
        return self.compiler.get_converters([column[0] for column in self.compiler.select])

    @cached_property
    def _model(self) -> type[models.Model]:
        return self.compiler.klass_info["model"]

    @cached_property
    def _columns(self) -> slice:
        places = self.compiler.klass_info["select_fields"]
        return slice(places[0], places[-1] + 1)

    @cached_property
    def _names(self) -> list[str]:
        return [column[0].target.attname for column in self.compiler.select[self._columns]]

    @cached_property
    def _annotations(self) -> list[tuple[str, int]]:
        return list(self.compiler.annotation_col_map.items())

    @cached_property
    def _related(self) -> list[Any]:
        return get_related_populators(self.compiler.klass_info, self.compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
