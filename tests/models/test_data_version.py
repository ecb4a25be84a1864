"""A number that changes with what anybody commits, and with nothing else."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection, transaction

from chat.models import ApiKey, User
from chat.models.data_version import DataVersion, data_version

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has one."),
]


def test_it_stays_while_nobody_writes(owner):
    before = data_version.now(connection)
    assert User.objects.get() == owner
    assert data_version.now() == before is not None


def test_it_changes_with_what_this_process_writes(owner):
    before = data_version.now(connection)
    ApiKey(owner=owner).issue()
    assert data_version.now() != before


def test_it_changes_with_what_another_process_writes(owner):
    before = data_version.now(connection)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
        other.execute("UPDATE chat_user SET is_active = 0")
    assert data_version.now() != before


def test_what_a_transaction_sees_is_not_what_all_see(owner):
    data_version.now(connection)
    with transaction.atomic():
        assert data_version.now(connection) is None
        assert data_version.now() is not None


def test_before_there_is_a_connection_it_cannot_be_told():
    assert DataVersion().now() is None


def test_what_is_not_committed_yet_neither_changes_it_nor_lets_it_wait(owner):
    before = data_version.now(connection)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("UPDATE chat_user SET is_active = 0")
        assert data_version.now() == before
        other.commit()
        assert data_version.now() != before
