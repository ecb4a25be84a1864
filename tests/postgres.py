"""A PostgreSQL of one's own, for as long as it is asked."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import require
from tests.site import free_port

START_SECONDS = 15


@contextmanager
def postgres() -> Iterator[str]:
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
