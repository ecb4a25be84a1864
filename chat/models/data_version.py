"""Whether anybody wrote to the database since, told without asking it anything."""

from __future__ import annotations

import sqlite3
from threading import Lock

from django.db.backends.base.base import BaseDatabaseWrapper


class DataVersion:
    """A number that becomes another with every commit, also of another process.

    Only SQLite has one, in memory that its processes share, so that reading it is no matter for a thread:
    https://www.sqlite.org/pragma.html#pragma_data_version. It tells a connection what *others* committed; here
    that is everybody, as the connection is used for nothing else.
    """

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def now(self, of: BaseDatabaseWrapper | None = None) -> int | None:
        """None where it cannot be told, and for a connection that sees what is not committed.

        It begins with the first connection that it is given, which is not to be done on an event loop.
        """
        if of and (of.in_atomic_block or not self._is_open(of)):
            return None
        return self._read() if self._connection else None

    def _is_open(self, of: BaseDatabaseWrapper) -> bool:
        if self._connection is None and of.vendor == "sqlite":
            # It never waits: a database that is locked is one that somebody writes to.
            self._connection = of.get_new_connection(of.get_connection_params() | {"timeout": 0})
        return self._connection is not None

    def _read(self) -> int | None:
        assert self._connection
        try:
            with self._lock:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.OperationalError:
            return None


data_version = DataVersion()
