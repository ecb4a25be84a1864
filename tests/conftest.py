"""The cast: who owns the conversations of a test, who has no business with them, and who runs the site."""

from collections.abc import Iterator

import pytest

from chat.gateway.health import health
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


@pytest.fixture(autouse=True)
def _forgotten_failures() -> Iterator[None]:
    """The process remembers what failed; the next test has other upstreams under the same ids."""
    yield
    health.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running, beside which no other can be run."""
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
