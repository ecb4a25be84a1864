import asyncio
import sqlite3
import subprocess

import pytest

from tests import require
from tests.grows.conftest import pings, wait_until
from tests.grows.visitor import visitor
from tests.site import Site, free_port

pytestmark = [pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def redis():
    """A server of this test's own, which it ends."""
    port = free_port()
    server = subprocess.Popen(
        [require.program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: pings(port))
    server.port = port
    yield server
    server.terminate()
    server.wait()


async def test_without_redis_answers_are_still_written_and_a_stop_of_the_site_saves_them(
    redis, upstream, tmp_path
):
    upstream.say("one two three " * 200, tokens_per_second=20)
    environment = {"REDIS_URL": f"redis://127.0.0.1:{redis.port}/0", "COMPATIBLE_BASE_URL": upstream.base_url}
    with Site(tmp_path, **environment) as site:
        async with visitor(site) as anna:
            await anna.begin(site, "Before")
            redis.terminate()
            redis.wait()
            await anna.begin(site, "After")
            await asyncio.sleep(2)
        assert await asyncio.to_thread(site.stop) == 0
    with sqlite3.connect(tmp_path / "chatsite.sqlite3") as database:
        answers = database.execute(
            "SELECT status, content FROM chat_message WHERE role = 'assistant'"
        ).fetchall()
    assert [status for status, _ in answers] == ["interrupted", "interrupted"]
    assert all("three" in content for _, content in answers)
