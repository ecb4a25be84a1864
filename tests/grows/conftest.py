"""Two processes of the site behind one database and one channel layer, all real servers of this run."""

import subprocess
from collections.abc import Iterator

import pytest

from tests import require
from tests.postgres import postgres, wait_until
from tests.replay import ReplayServer
from tests.site import Site, free_port


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    port = free_port()
    program = require.program("redis-server")
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: pings(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def upstream() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        server.models = ["replayed"]
        yield server


@pytest.fixture(scope="session")
def sites(
    postgres_url: str, redis_url: str, upstream: ReplayServer, tmp_path_factory
) -> Iterator[list[Site]]:
    """Both started at the same moment, on a database that is empty."""
    shared = {
        "DATABASE_URL": postgres_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "shared",
        "COMPATIBLE_BASE_URL": upstream.base_url,
    }
    sites = [Site(tmp_path_factory.mktemp("site"), **shared) for _ in range(2)]
    for site in sites:
        site.begin()
    for site in sites:
        site.wait_until_it_serves()
    yield sites
    for site in sites:
        if site.process.poll() is None:
            site.stop()


def pings(port: int) -> bool:
    import redis

    try:
        return bool(redis.Redis(port=port).ping())
    except redis.ConnectionError:
        return False
