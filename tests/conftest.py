"""The cast: who owns the conversations of a test, who has no business with them, and who runs the site."""

import pytest

from chat.models import User


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("olga", "olga@example.org", "correct horse battery")


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stanislav", "stanislav@example.org", "correct horse battery")


@pytest.fixture
def administrator(db) -> User:
    return User.objects.create_superuser("ada", "ada@example.org", "correct horse battery")
