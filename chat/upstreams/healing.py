"""A request that was refused for one field is asked again without it, once, and the field is remembered.

Models change faster than any table of what they take. What an upstream has refused is left out for that model
until the process ends.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson

from chat.completions import Adjustment, InvalidRequest

from .transport import Answer, exchange
from .upstream import Timeouts

Body = dict[str, Any]

# Without these there is no question.
_ESSENTIAL = frozenset(
    {"model", "messages", "contents", "input", "stream", "system", "instructions", "tools"}
)
_REFUSED = re.compile(
    r"unsupported|not supported|does not support|unknown|unrecognized|unexpected|not permitted|not allowed"
    r"|not enabled|deprecated|extra inputs|cannot find field|not available",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"['\"`“]([A-Za-z_][\w.]*)['\"`”]|^([a-z_][\w.]*): |(?:argument|parameter|field)s?(?: supplied)?: ([a-z_][\w.]*)"
    r"|does not support ([a-z_]+)|([a-z_]+) (?:is|are) not supported"
)
_INSTEAD = re.compile(r"[Uu]se ['\"`]([a-z_]+)['\"`] instead")

# (URL, model) -> the fields that it refused, with what they are called instead
_refused: dict[tuple[str, str], dict[str, str | None]] = {}


@asynccontextmanager
async def ask(
    url: str, body: Body, *, model: str, headers: Mapping[str, str], timeouts: Timeouts
) -> AsyncIterator[tuple[Answer, tuple[Adjustment, ...]]]:
    """Posts the body, without what this URL has refused for this model; tells what was left out."""
    known = _refused.setdefault((url, model), {})
    healed = {name for name in known if _has(body, name)}
    async with AsyncExitStack() as stack:

        async def post() -> Answer:
            content = orjson.dumps(_without(body, {name: known[name] for name in healed}))
            sent = {"content-type": "application/json", "accept": "text/event-stream", **headers}
            return await stack.enter_async_context(
                exchange("POST", url, headers=sent, content=content, timeouts=timeouts)
            )

        try:
            answer = await post()
        except InvalidRequest as refused:
            offence = offending(refused, _without(body, {name: known[name] for name in healed}))
            if offence is None:
                raise
            healed.add(offence[0])
            known.update([offence])
            answer = await post()
        yield answer, tuple(Adjustment(name.rpartition(".")[2], known[name]) for name in sorted(healed))


def offending(refused: InvalidRequest, body: Body) -> tuple[str, str | None] | None:
    """The path of the field that the upstream does not take, and what it would be called instead."""
    if refused.upstream is None or not _REFUSED.search(refused.upstream.message):
        return None
    message = refused.upstream.message
    names = [refused.param or "", *("".join(found) for found in _NAMED.findall(message))]
    paths = (path for name in names if name and (path := _path(body, name)))
    path = next((path for path in paths if path.partition(".")[0] not in _ESSENTIAL), None)
    if path is None:
        return None
    instead = _INSTEAD.search(message)
    return path, instead[1] if instead and instead[1] != path else None


def _path(body: Body, name: str) -> str | None:
    """The field as the body has it, at the top or one object below."""
    name = name.removeprefix("body.")
    if _has(body, name):
        return name
    last = name.rpartition(".")[2]
    inside = (f"{outer}.{last}" for outer, value in body.items() if isinstance(value, dict) and last in value)
    return last if last in body else next(inside, None)


def _has(body: Body, path: str) -> bool:
    outer, _, inner = path.partition(".")
    value = body.get(outer)
    return outer in body and (not inner or (isinstance(value, dict) and inner in value))


def _without(body: Body, names: Mapping[str, str | None]) -> Body:
    rest = dict(body)
    for path, instead in names.items():
        outer, _, inner = path.partition(".")
        value = rest.get(outer)
        if inner and isinstance(value, dict):
            rest[outer] = {name: each for name, each in value.items() if name != inner}
        elif outer in rest:
            kept = rest.pop(outer)
            if instead:
                rest.setdefault(instead, kept)
    return {name: value for name, value in rest.items() if value != {}}
