"""The cast: who owns the conversations of a test, who has no business with them, and who runs the site."""

import gc
import os
from collections.abc import Iterator

import pytest
from django.test import TransactionTestCase

from chat import gateway
from chat.gateway.health import health
from chat.models import User
from tests import require
from tests.empty import empty_database

ON_REQUEST = ("browser", "conformance", "slow")


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("olga", "olga@example.org", "correct horse battery")


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stanislav", "stanislav@example.org", "correct horse battery")


@pytest.fixture
def administrator(db) -> User:
    return User.objects.create_superuser("ada", "ada@example.org", "correct horse battery")


@pytest.fixture(autouse=True, scope="session")
def _emptied_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_database)
        yield


@pytest.fixture(autouse=True)
def _nothing_left_to_write_down() -> Iterator[None]:
    """What ended in one test is not written into the database of the next."""
    yield
    gateway.journal.__init__()  # type: ignore[misc]
    gateway.this_process.__init__()  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _forgotten_failures() -> Iterator[None]:
    """The process remembers what failed; the next test has other upstreams under the same ids."""
    yield
    health.clear()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All cores for the whole suite. What is only run on request has to come in its order, or is soon done."""
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    on_request = require.EVERYTHING or config.getoption("markexpr")
    return (os.cpu_count() or 1) if is_whole and not on_request else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running, beside which no other can be run."""
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if not require.EVERYTHING:
        leave_out_what_takes_minutes(config.getoption("markexpr"), items)


def pytest_collection_finish() -> None:
    """What was imported stays: to look through it again and again for what could go would take a tenth of the time."""
    gc.freeze()


def leave_out_what_takes_minutes(asked: str, items: list[pytest.Item]) -> None:
    for item in items:
        for marker in ON_REQUEST:
            if item.get_closest_marker(marker) and marker not in asked:
                item.add_marker(pytest.mark.skip(reason=f"runs with -m {marker}, and with REQUIRE_ALL=1"))
