"""The running site between the clients, each unmodified, and the fake providers; the matrix is printed at the end."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest

from tests.site import Site

from .cells import CAPABILITIES, CLIENTS, FAMILIES, Cell, limit
from .providers import PROVIDERS, Provider
from .running import Clients

_OUTCOMES = pytest.StashKey[dict[Cell, str]]()
_SIGNS = {"passed": "yes", "failed": "NO", "limited": "-"}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_OUTCOMES] = {}


@pytest.fixture(scope="module")
def providers() -> Iterator[dict[str, Provider]]:
    with ExitStack() as stack:
        yield {kind.family: stack.enter_context(kind()) for kind in PROVIDERS}


@pytest.fixture(scope="module")
def clients(
    providers: dict[str, Provider], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clients]:
    told = {name: value for each in providers.values() for name, value in each.environment.items()}
    wanted = {cell.client for item in request.session.items if (cell := cell_of(item))}
    with Site(tmp_path_factory.mktemp("site"), **told) as site:
        site.manage("create_user", "olga", "--password", "correct horse battery")
        key = site.manage("create_key", "olga").strip()
        with Clients(site.url, key, providers.values(), wanted) as clients:
            yield clients


def cell_of(item: pytest.Item) -> Cell | None:
    callspec = getattr(item, "callspec", None)
    cell = callspec.params.get("cell") if callspec else None
    return cell if isinstance(cell, Cell) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if (cell := cell_of(item)) and (report.when == "call" or report.failed):
        outcome = "limited" if report.passed and limit(cell) else report.outcome
        item.config.stash[_OUTCOMES][cell] = outcome
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    outcomes = config.stash[_OUTCOMES]
    if not outcomes:
        return
    terminalreporter.section("conformance of /v1: clients and families")
    for line in table(outcomes):
        terminalreporter.write_line(line)


def table(outcomes: dict[Cell, str]) -> Iterator[str]:
    """A row for each client, a block for each family; what cannot work says why below."""
    whys: list[str] = []
    for family in FAMILIES:
        yield ""
        yield f"{family:20}" + "".join(f"{capability.partition('_')[0]:10}" for capability in CAPABILITIES)
        for client in CLIENTS:
            signs = [_sign(Cell(client, family, capability), outcomes, whys) for capability in CAPABILITIES]
            yield f"  {client:18}" + "".join(f"{sign:10}" for sign in signs)
    yield ""
    yield from (f"-{number} {why}" for number, why in enumerate(whys, 1))


def _sign(cell: Cell, outcomes: dict[Cell, str], whys: list[str]) -> str:
    outcome = outcomes.get(cell, "")
    found = limit(cell)
    if outcome != "limited" or found is None:
        return _SIGNS.get(outcome, "")
    why = found.why + (", and the site answers with a 400" if found.instead == "refused" else "")
    if why not in whys:
        whys.append(why)
    return f"-{whys.index(why) + 1}"
