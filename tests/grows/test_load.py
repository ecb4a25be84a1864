"""What only a real PostgreSQL shows: many requests at once, and text that it cannot be asked for."""

import asyncio
import uuid

import psycopg
import pytest

from tests.grows.visitor import visitor

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

IMPOSSIBLE = (
    "/c/a%00b",
    "/m/%00.md",
    "/conversations?after=%00",
    "/c/x%00/rename",
    "/c/x%00/delete",
    "/c/x%00/earlier",
)


def connections(postgres_url: str) -> int:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres'"
        ).fetchone()
    assert row
    return int(row[0])


@pytest.mark.slow
async def test_many_pages_at_once_do_not_use_up_the_connections(sites, postgres_url):
    async with visitor(sites[0]) as anna:
        for _ in range(4):
            answers = await asyncio.gather(*(anna.get(sites[0], "/") for _ in range(40)))
            assert {answer.status for answer in answers} == {200}
    assert await asyncio.to_thread(connections, postgres_url) <= 45


@pytest.mark.slow
async def test_one_turn_sent_eight_times_at_the_same_moment_makes_one(sites, upstream):
    upstream.say("Once.")
    async with visitor(sites[0]) as anna:
        for _ in range(3):
            turn_id = str(uuid.uuid4())
            begun = await asyncio.gather(*(anna.begin(sites[n % 2], "Only once", turn_id) for n in range(8)))
            assert len(set(begun)) == 1


async def test_an_id_that_cannot_be_one_is_not_found(sites):
    async with visitor(sites[0]) as anna:
        statuses = {path: (await anna.get(sites[0], path)).status for path in IMPOSSIBLE}
    assert statuses == dict.fromkeys(IMPOSSIBLE, 404)


async def test_a_socket_is_not_broken_by_an_id_that_cannot_be_one(sites, upstream):
    upstream.say("Here.")
    async with visitor(sites[0]) as anna:
        conversation = await anna.begin(sites[0], "Are you there?")
        async with anna.tab(sites[0], conversation) as tab:
            await tab.send(action="catch_up", last="a\0b", status="complete")
            await tab.send(action="retry", message="a\0b", turn_id=str(uuid.uuid4()))
            await tab.until("no longer part of the conversation")
