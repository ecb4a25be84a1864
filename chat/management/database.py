"""The database as it has to be before anything else. Several processes may start at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.files import locks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ADVISORY_LOCK = int.from_bytes(b"chatsite")


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time through: of this machine with SQLite, of all machines with PostgreSQL."""
    with advisory_lock() if connection.vendor == "postgresql" else file_lock():
        yield


@contextmanager
def advisory_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def file_lock() -> Iterator[None]:
    with (settings.DATA_DIR / "start.lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        try:
            yield
        finally:
            locks.unlock(file)


def migrate() -> None:
    """Apply the migrations that are not applied yet, and say nothing."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
