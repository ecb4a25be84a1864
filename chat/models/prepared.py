"""Queries on the way of every request: Django takes ten times as long to build one as the database to answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

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
    """A queryset with `Given` in it, built once for each kind of database. What else it holds never changes."""

    def __init__(self, queryset: Callable[[], models.QuerySet[M]]) -> None:
        self._queryset = queryset
        self._built: dict[str, _Built] = {}

    def run(self, **given: str | int) -> list[M]:
        connection = connections[DEFAULT_DB_ALIAS]
        built = self._built.get(connection.vendor) or self._build(connection)
        with connection.cursor() as cursor:
            cursor.execute(built.sql, _filled(built.params, given))
            rows = cursor.fetchall()
        return list(built.instances(rows))

    def first(self, **given: str | int) -> M | None:
        return next(iter(self.run(**given)), None)

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
