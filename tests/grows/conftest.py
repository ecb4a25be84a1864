"""Two processes of the site behind one database and one channel layer, all real servers of this run."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import require
from tests.replay import ReplayServer
from tests.site import Site, free_port

START_SECONDS = 15


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """PostgreSQL refuses to run as root, so root starts it as the user that its package made."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"]])
    initdb, postgres = (find(name, path) for name in ("initdb", "postgres"))
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    prefix = as_postgres if os.geteuid() == 0 else []
    port = free_port()
    data = tempfile.mkdtemp(prefix="chatsite-postgres-")
    if prefix:
        shutil.chown(data, "postgres", "postgres")
    subprocess.run(
        [*prefix, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=data,
    )
    server = subprocess.Popen(
        [*prefix, postgres, "-D", data, "-p", str(port), "-k", data, "-c", "fsync=off"],
        cwd=data,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    try:
        wait_until(lambda: answers(url))
        yield url
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(data)


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


def find(name: str, path: str) -> str:
    return shutil.which(name, path=path) or require.program(name)


def wait_until(is_ready) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        assert time.monotonic() < deadline, "a server of this test did not start"
        time.sleep(0.05)


def answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def pings(port: int) -> bool:
    import redis

    try:
        return bool(redis.Redis(port=port).ping())
    except redis.ConnectionError:
        return False
