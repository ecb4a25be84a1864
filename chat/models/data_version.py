"""Whether anybody wrote to the database since, told without asking it anything."""

from __future__ import annotations

import sqlite3
from threading import Lock

from django.db.backends.base.base import BaseDatabaseWrapper


class DataVersion:
    """A number that becomes another when anything is committed, by whatever process; None where it cannot be told.

    Only SQLite has one, with WAL in memory that its processes share, so that an event loop can look at it:
    https://www.sqlite.org/pragma.html#pragma_data_version. It tells a connection what *others* committed; here
    that is everybody, as the connection is used for nothing else.
    """

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def now(self) -> int | None:
        """None also before any connection was shown."""
        with self._lock:
            return self._read()

    def seen_by(self, connection: BaseDatabaseWrapper) -> int | None:
        """None also within a transaction, which sees what nobody else does. Not to be called on an event loop."""
        if connection.in_atomic_block or connection.vendor != "sqlite":
            return None
        with self._lock:
            # One for all threads: the numbers of two connections say nothing about each other.
            self._connection = self._connection or _opened_like(connection)
            return self._read()

    def _read(self) -> int | None:
        if self._connection is None:
            return None
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None


def _opened_like(connection: BaseDatabaseWrapper) -> sqlite3.Connection:
    opened: sqlite3.Connection = connection.get_new_connection(connection.get_connection_params())
    # From now on it never waits: while the database is locked, it cannot be told.
    opened.execute("PRAGMA busy_timeout = 0")
    return opened


data_version = DataVersion()
