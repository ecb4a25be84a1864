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

from . import recorder
from .transport import Answer, exchange
from .upstream import Timeouts

Body = dict[str, Any]

# Nobody asked for these, so nobody misses them.
_OWN = frozenset({"stream_options", "include", "store"})
# Without these there is no question.
_ESSENTIAL = frozenset(
    {"model", "messages", "contents", "input", "stream", "system", "instructions", "tools"}
)
_REFUSED = re.compile(
    r"unsupported|not supported|does not support|unknown|unrecognized|unexpected|not permitted|not allowed"
    r"|not enabled|deprecated|extra inputs|cannot find field|not available|must be verified",
    re.IGNORECASE,
)
# The field is not to blame: https://platform.openai.com/docs/guides/migrate-to-responses
_ELSEWHERE = re.compile(r"\bv1/responses\b")
# One value is refused; the field with another would not be.
_ONE_VALUE = re.compile(r"(?<!un)supported [a-z]+(?: are)?:|must be one of|expected one of", re.IGNORECASE)
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
    left_out = {name: instead for name, instead in known.items() if _has(body, name)}
    async with AsyncExitStack() as stack:

        async def post() -> Answer:
            asked = _without(body, left_out)
            recorder.note(asked)
            content = _encoded(asked)
            sent = {"content-type": "application/json", "accept": "text/event-stream", **headers}
            return await stack.enter_async_context(
                exchange("POST", url, headers=sent, content=content, timeouts=timeouts)
            )

        try:
            answer = await post()
        except InvalidRequest as refused:
            offence = offending(refused, _without(body, left_out))
            if offence is None:
                raise
            left_out.update([offence])
            if not _is_about_one_value(refused):
                known.update([offence])
            answer = await post()
        yield answer, _reported(left_out)


def _reported(left_out: Mapping[str, str | None]) -> tuple[Adjustment, ...]:
    missed = (name for name in sorted(left_out) if name.partition(".")[0] not in _OWN)
    return tuple(Adjustment(name.rpartition(".")[2], left_out[name]) for name in missed)


def _is_about_one_value(refused: InvalidRequest) -> bool:
    return bool(refused.upstream and _ONE_VALUE.search(refused.upstream.message))


def _encoded(body: Body) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError as exc:
        raise InvalidRequest(
            "The request is nested too deeply to be passed on.", code="invalid_value"
        ) from exc


def offending(refused: InvalidRequest, body: Body) -> tuple[str, str | None] | None:
    """The path of the field that the upstream does not take, and what it would be called instead."""
    message = refused.upstream.message if refused.upstream and refused.upstream.status in (400, 422) else ""
    if not _REFUSED.search(message) or _ELSEWHERE.search(message):
        return None
    names = [refused.param or "", *("".join(found) for found in _NAMED.findall(message))]
    if any(re.split(r"[.\[]", name)[0] in _ESSENTIAL for name in names):
        return None
    path = next((path for name in names if name and (path := _path(body, name))), None)
    if path is None:
        return None
    instead = _INSTEAD.search(message)
    return path, instead[1] if instead and instead[1] != path else None


def _path(body: Body, name: str) -> str | None:
    """The field as the body has it: by its whole path, or by a name alone at the top or one object below."""
    name = name.removeprefix("body.")
    if _has(body, name):
        return name
    inside = (f"{outer}.{name}" for outer, value in body.items() if isinstance(value, dict) and name in value)
    return next(inside, None)


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
            if not rest[outer]:
                del rest[outer]
        elif outer in rest:
            kept = rest.pop(outer)
            if instead:
                rest.setdefault(instead, kept)
    return rest
