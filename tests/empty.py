"""The database after a test that commits: empty, but for what Django wrote of the models when it was made.

Django's own way writes that again after each such test, which takes longer than most of them.
"""

from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

OF_MODELS = {"django_content_type", "auth_permission"}


def empty_database(_: TransactionTestCase) -> None:
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(tables - OF_MODELS)))
