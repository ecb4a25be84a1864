"""Twenty requests at two processes at once, at the last cent of a budget: on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.replay import chunk, ending
from tests.site import Site

SET_UP = """
from chat.models import *
Price.objects.create(family="compatible", model_id="replayed", input=10, output=20)
user = User.objects.create_user("racer")
Allowance.objects.create(user=user, total_budget="0.0062")
print(ApiKey(owner=user).issue())
"""
LEFT = """
from chat.models import *
balance = Balance.objects.get(period="total", allowance__user__username="racer")
print(balance.spent, balance.reserved)
"""
# Up to 0.00206 each, and 0.00204 when it is there: what three leave is too little for a fourth, also if it comes late.
ASKED = {"model": "replayed", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 100}


@pytest.fixture
def on_sqlite(upstream, tmp_path) -> Iterator[list[Site]]:
    sites = [Site(tmp_path, COMPATIBLE_BASE_URL=upstream.base_url) for _ in range(2)]
    with sites[0], sites[1]:
        yield sites


@pytest.mark.slow
@pytest.mark.parametrize(
    "on", ["on_sqlite", pytest.param("sites", marks=[pytest.mark.postgres, pytest.mark.redis])]
)
async def test_a_budget_holds_when_twenty_requests_race(upstream, request, on):
    sites: list[Site] = request.getfixturevalue(on)
    secret = sites[0].manage("shell", "--no-imports", "-c", SET_UP).strip().splitlines()[-1]
    for _ in range(20):
        upstream.answer([chunk({"content": "word " * 97}), *ending(completion_tokens=97)], delay=0.5)
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as program:
        came = await asyncio.gather(
            *(program.post(f"{sites[each % 2].url}/v1/chat/completions", json=ASKED) for each in range(20))
        )
    upstream.forget()
    answered = [each for each in came if each.status_code == 200]
    assert {each.status_code for each in came} == {200, 429}
    assert 1 <= len(answered) <= 3
    spent, reserved = map(float, sites[0].manage("shell", "--no-imports", "-c", LEFT).split())
    assert (reserved, 0 < spent <= 0.0062) == (0, True)
    assert spent == pytest.approx(len(answered) * 0.00204)
    assert "adds up" in sites[1].manage("check_ledger")
