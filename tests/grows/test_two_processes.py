import asyncio
import re
import time
import uuid

import pytest

from tests.grows.visitor import visitor

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

WORDS = "one two three four five six seven eight nine ten eleven twelve "


async def test_an_answer_that_one_process_writes_is_shown_by_the_other(sites, upstream):
    upstream.say(WORDS * 20, tokens_per_second=100)
    async with visitor(sites[0]) as anna:
        conversation = await anna.begin(sites[0], "Count")
        async with anna.tab(sites[1], conversation) as tab:
            await tab.until('data-status="streaming"')
            await tab.until("content-tail.*five")
            await tab.until('data-status="complete"')
        page = await anna.page(sites[1], conversation)
    assert page.count("twelve") == 20


async def test_stopping_at_one_process_stops_the_upstream_of_the_other(sites, upstream):
    upstream.say(WORDS * 200, tokens_per_second=50)
    async with visitor(sites[0]) as anna:
        conversation = await anna.begin(sites[0], "Count")
        async with anna.tab(sites[1], conversation) as tab:
            await tab.until("five")
            began = time.monotonic()
            await tab.send(action="stop")
            await tab.until('data-status="stopped"')
            assert await asyncio.to_thread(upstream.wait_closed, 1)
    assert time.monotonic() - began < 1


async def test_the_same_turn_sent_to_both_makes_one(sites, upstream):
    upstream.say("Once.")
    turn_id = str(uuid.uuid4())
    async with visitor(sites[0]) as anna:
        begun = await asyncio.gather(*(anna.begin(site, "Only once", turn_id) for site in sites))
        page = await anna.page(sites[0], begun[0])
    assert begun[0] == begun[1]
    assert page.count('data-role="user"') == 1


@pytest.mark.slow
async def test_a_process_that_dies_takes_only_its_own_answers_with_it(sites, upstream):
    upstream.say(WORDS * 400, tokens_per_second=50)
    async with visitor(sites[0]) as anna:
        lost = await anna.begin(sites[0], "At the first")
        kept = await anna.begin(sites[1], "At the second")
        async with anna.tab(sites[1], lost) as tab:
            await tab.until("twelve one two")
            shown = await tab.until("twelve one")
            await asyncio.sleep(1)
            sites[0].kill()
            died = time.monotonic()
            # Anyone can see the pid of a process of the same machine; on another one silence has to tell.
            end = await tab.until('data-status="interrupted"', 30)
            assert time.monotonic() - died < 30
        assert end.count("twelve") >= shown.count("twelve")
        page = await anna.page(sites[1], kept)
        assert re.search('data-role="assistant"[^>]*data-status="streaming"', page, re.DOTALL)
        async with anna.tab(sites[1], kept) as tab:
            await tab.until("content-tail.*five")
            await tab.send(action="stop")
            await tab.until('data-status="stopped"')
    sites[0].start()
