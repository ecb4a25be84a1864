from collections.abc import AsyncGenerator, AsyncIterator, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from chat.completions import Adjustment, Chunk, CompletionError, collect
from chat.gateway import Source, open_stream

from .auth import authenticated, payer_of
from .endpoint import endpoint
from .errors import RequestTooLarge
from .json import json_response
from .rate_limits import report_limits
from .relay import Relay
from .schema import CompletionRequest
from .writing import Writing

_LONGEST_HEADER = 2_000
# In bytes. Larger bodies are taken apart only for who has a key.
_READ_FOR_ANYONE = 64 * 1024
_STREAM_HEADERS = {
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}


@endpoint("POST")
async def create(request: HttpRequest) -> HttpResponseBase:
    """An answer to a conversation, streamed or whole: https://platform.openai.com/docs/api-reference/chat/create"""
    find_payer = payer_of(request)
    body = body_of(request)
    if len(body) > _READ_FOR_ANYONE:
        await authenticated(request)
    try:
        asked = CompletionRequest.read(body)
        chat_request = asked.chat_request()
    except CompletionError:
        # To a stranger nothing else is wrong.
        await authenticated(request)
        raise
    source = Source(request.request_id, is_stream=bool(asked.stream), received=body)  # type: ignore[attr-defined]
    chunks = open_stream(chat_request, find_payer, source)
    return await (streamed if asked.stream else whole)(asked, chunks)


async def streamed(asked: CompletionRequest, chunks: AsyncGenerator[Chunk, None]) -> HttpResponseBase:
    writing = Writing(asked.model, with_usage=asked.wants_usage)
    relay = Relay(chunks, writing)
    try:
        await relay.begin()
        response = EventStream(
            relay.pieces(), content_type="text/event-stream; charset=utf-8", headers=_STREAM_HEADERS
        )
        report(asked.dropped + relay.adjustments, response)
        report_limits(relay.limits, response)
    except BaseException:
        await relay.close()
        raise
    return response


class EventStream(StreamingHttpResponse):
    """Hands its events on as they are; Django's own would go through two more generators for each."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._iterator  # type: ignore[attr-defined]


async def whole(asked: CompletionRequest, chunks: AsyncGenerator[Chunk, None]) -> HttpResponseBase:
    completion = await collect(chunks)
    response = json_response(Writing(asked.model).whole(completion))
    report(asked.dropped + completion.adjustments, response)
    report_limits(completion.limits, response)
    return response


def report(adjustments: Iterable[Adjustment], response: HttpResponseBase) -> None:
    dropped = [each.param for each in adjustments if each.value is None]
    adjusted = [str(each) for each in adjustments if each.value is not None]
    for name, changes in (("x-gateway-dropped-params", dropped), ("x-gateway-adjusted-params", adjusted)):
        if changes:
            response[name] = in_header(", ".join(changes))


def in_header(text: str) -> str:
    """Names of fields are the client's own: what no header can hold is left out, and no more than fits is said."""
    return "".join(each for each in text if each.isascii() and each.isprintable())[:_LONGEST_HEADER]


def body_of(request: HttpRequest) -> bytes:
    body = request.read(settings.API_MAX_BODY + 1)
    if len(body) > settings.API_MAX_BODY:
        raise RequestTooLarge(
            f"The request is larger than {settings.API_MAX_BODY:,} bytes, the most that is taken."
        )
    return body
