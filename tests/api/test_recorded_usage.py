"""What the ledger says of every recorded answer: its own usage by the catalogue's prices, added up here anew."""

import asyncio
import csv
import json
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async

from chat import gateway
from chat.live.keeper import keeper
from chat.models import Allowance, ApiKey, Balance, Conversation, ModelRequest, PriceList
from chat.models.audit import mismatches
from chat.upstreams import close_clients
from tests.api.conftest import ASK, client, routed, upstream_of
from tests.replay import STREAMS, ReplayServer

FAMILIES = ("openai", "anthropic", "gemini", "deepseek", "qwen")
CATALOGUE = Path(__file__).parents[2] / "chat/models/prices.csv"


def metas() -> dict[str, dict[str, Any]]:
    found = STREAMS.glob("*/*/meta.json") if STREAMS.exists() else ()
    return {f"{path.parts[-3]}/{path.parts[-2]}": json.loads(path.read_text()) for path in sorted(found)}


def is_paid(meta: dict[str, Any]) -> bool:
    """An answer that the provider counted, by numbers that are its last word."""
    usage = meta.get("expect", {}).get("usage") or {}
    return (
        meta["family"] in FAMILIES
        and meta["http_status"] == 200
        and "error" not in meta["expect"]
        and bool(usage)
    )


CASES = {case: meta for case, meta in metas().items() if is_paid(meta)}

pytestmark = pytest.mark.skipif(
    not STREAMS.exists(), reason="the recorded streams are not beside this folder"
)


def params() -> list[object]:
    """One of each family at once, and all of them where time does not matter."""
    quick = {meta["family"]: case for case, meta in reversed(CASES.items())}.values()
    return [case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in CASES]


def counted(meta: dict[str, Any]) -> dict[str, int]:
    """From the provider's own report: tokens of the prompt, of it read from and written to a cache, and written."""
    said = meta["upstream_usage"]
    match meta["family"]:
        case "anthropic":
            cached = said.get("cache_read_input_tokens") or 0
            written = said.get("cache_creation_input_tokens") or 0
            prompt = said["input_tokens"] + cached + written
            return {"prompt": prompt, "cached": cached, "written": written, "output": said["output_tokens"]}
        case "gemini":
            output = (said.get("candidatesTokenCount") or 0) + (said.get("thoughtsTokenCount") or 0)
            prompt = said["promptTokenCount"] + (said.get("toolUsePromptTokenCount") or 0)
            return {
                "prompt": prompt,
                "cached": said.get("cachedContentTokenCount") or 0,
                "written": 0,
                "output": output,
            }
        case _:
            details = said.get("prompt_tokens_details") or {}
            cached = details.get("cached_tokens") or said.get("prompt_cache_hit_tokens") or 0
            return {
                "prompt": said["prompt_tokens"],
                "cached": cached,
                "written": 0,
                "output": said["completion_tokens"],
            }


def price(family: str, model: str, prompt: int) -> dict[str, Fraction] | None:
    """The row of the catalogue for the model of exactly this name: the latest, and of its tiers the one reached."""
    with CATALOGUE.open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if (row["family"], row["model_id"]) == (family, model)]
    rows = [row for row in rows if row["effective_from"] <= "2026-11-25"]
    if not rows:
        return None
    latest = max(row["effective_from"] for row in rows)
    tier = max(
        (row for row in rows if row["effective_from"] == latest and int(row["above"] or 0) < max(prompt, 1)),
        key=lambda row: int(row["above"] or 0),
    )
    own = {"cached": tier["cached_input"] or tier["input"], "written": tier["cache_write"] or tier["input"]}
    return {
        name: Fraction(value)
        for name, value in (own | {"input": tier["input"], "output": tier["output"]}).items()
    }


def cost(tokens: dict[str, int], prices: dict[str, Fraction]) -> Decimal:
    """To the billionth of a dollar."""
    plain = tokens["prompt"] - tokens["cached"] - tokens["written"]
    millionths = (
        plain * prices["input"]
        + tokens["cached"] * prices["cached"]
        + tokens["written"] * prices["written"]
        + tokens["output"] * prices["output"]
    )
    return Decimal(round(millionths * 1000)).scaleb(-9)


@pytest.fixture
def server():
    with ReplayServer() as server:
        yield server


@pytest.fixture
def priced(db):
    PriceList.objects.load_packaged()


@pytest.mark.parametrize("case", params())
@pytest.mark.parametrize("face", ["api", "chat"])
async def test_a_recorded_answer_costs_what_its_provider_counted(case, face, server, priced, owner):
    meta = CASES[case]
    # The recording's own model, or one that has a price where that is not told or has none.
    model_id = next(
        (
            each
            for each in (meta.get("model") or "", *STAND_INS[meta["family"]])
            if price(meta["family"], each, 1)
        ),
        "",
    )
    upstream = await sync_to_async(upstream_of)(meta["family"], server)
    model = await sync_to_async(routed)(model_id, upstream)
    await Allowance.objects.acreate(user=owner, total_budget=1000)
    server.replay(case)
    if face == "api":
        await ask_by_api(owner, model_id, is_stream=meta["streaming"])
    else:
        await ask_in_chat(owner, model)
    await gateway.journal.flush()

    request = await ModelRequest.objects.aget()
    tokens = counted(meta)
    assert (request.status, request.measure, request.face) == ("complete", "reported", face)
    assert (request.prompt_tokens, request.completion_tokens) == (tokens["prompt"], tokens["output"])
    expected = cost(tokens, price(meta["family"], model_id, tokens["prompt"]))
    assert request.cost == expected
    assert (await Balance.objects.aget(period="total")).spent == expected
    assert await sync_to_async(lambda: list(mismatches()))() == []


STAND_INS = {
    "openai": ["gpt-4o"],
    "anthropic": ["claude-sonnet-4-5"],
    "gemini": ["gemini-2.5-flash"],
    "deepseek": ["deepseek-v4-flash"],
    "qwen": ["qwen3-max"],
}


async def ask_by_api(owner, model_id: str, *, is_stream: bool) -> None:
    secret = await sync_to_async(ApiKey(owner=owner).issue)()
    body = {"model": model_id, "messages": [{"role": "user", "content": "?"}], "stream": is_stream}
    async with client({"authorization": f"Bearer {secret}"}) as program:
        assert (await program.post(ASK, json=body)).status_code == 200
    await close_clients()


async def ask_in_chat(owner, model) -> None:
    turn = await database_sync_to_async(Conversation.begin)(owner, "?", model, uuid.uuid4())
    await keeper.begin(turn)
    await asyncio.wait(keeper._writing.values(), timeout=10)
    await keeper.drain()
