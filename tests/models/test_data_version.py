"""A number that changes with what anybody commits, and with nothing else."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection, transaction

from chat.models import ApiKey, User
from chat.models import data_version as module
from chat.models.data_version import DataVersion, data_version

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has one."),
]


def test_it_stays_while_nobody_writes(owner):
    before = data_version.seen_by(connection)
    assert User.objects.get() == owner
    assert data_version.now() == before is not None


def test_it_changes_with_what_this_process_writes(owner):
    before = data_version.seen_by(connection)
    ApiKey(owner=owner).issue()
    assert data_version.now() != before


def test_it_changes_with_what_another_process_writes(owner):
    before = data_version.seen_by(connection)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
        other.execute("UPDATE chat_user SET is_active = 0")
    assert data_version.now() != before


def test_what_a_transaction_sees_is_not_what_all_see(owner):
    data_version.seen_by(connection)
    with transaction.atomic():
        assert data_version.seen_by(connection) is None
        assert data_version.now() is not None


def test_before_there_is_a_connection_it_cannot_be_told(owner):
    version = DataVersion()
    assert version.now() is None
    assert version.seen_by(connection) is not None
    assert version.now() is not None


def test_it_begins_once_the_database_is_no_longer_locked(tmp_path):
    database = connection.copy()
    database.settings_dict["NAME"] = tmp_path / "database"
    with closing(sqlite3.connect(tmp_path / "database", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("CREATE TABLE t (a)")
        with ThreadPoolExecutor() as threads:
            beginning = threads.submit(DataVersion().seen_by, database)
            with pytest.raises(TimeoutError):
                beginning.result(timeout=0.3)
            other.close()
            assert beginning.result(timeout=5) is not None


def test_threads_that_begin_at_once_are_told_by_one_connection(owner, monkeypatch):
    opened = []

    def opened_slowly(connection):
        time.sleep(0.1)
        opened.append(connection)
        return opened_at_once(connection)

    opened_at_once = module._opened_like
    monkeypatch.setattr(module, "_opened_like", opened_slowly)
    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(DataVersion().seen_by, [connection.copy() for _ in range(4)]))
    assert len(opened) == 1
    assert None not in told


def test_what_is_not_committed_yet_neither_changes_it_nor_makes_it_wait(owner):
    before = data_version.seen_by(connection)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("UPDATE chat_user SET is_active = 0")
        assert data_version.now() == before
        other.commit()
        assert data_version.now() != before
