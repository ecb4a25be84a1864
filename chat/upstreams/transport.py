"""The way to a provider: connections that an event loop keeps, timeouts, and what a broken connection means.

Whatever goes wrong here is raised as a `CompletionError`, mapped once, with a text for a person to read
that holds no key. A cancelled task stays cancelled and closes its connection.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import cache, lru_cache
from ssl import SSLContext
from typing import cast
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from chat.completions import (
    BadUpstreamResponse,
    CompletionError,
    StreamTruncated,
    UpstreamAuthFailed,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from chat.completions.sse import Decoder, Event

from .refusal import refusal
from .upstream import Timeouts

_Meaning = tuple[tuple[type[Exception], ...], type[CompletionError], str]

_NETWORK_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)
_KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
# Shorter ones are words that a server without keys is given, such as "ollama" or "none".
_SHORTEST_SECRET = 8
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_REFUSAL = 64 * 1024
_REFUSAL_SECONDS = 5.0

_CHECK_BASE_URL = "An administrator can check the base URL in the admin, under Upstreams."
_NO_ADDRESS = f"The base URL of this upstream is not a web address. {_CHECK_BASE_URL}"

# The first that fits holds, so the narrower exception stands first.
_TIMEOUTS: tuple[_Meaning, ...] = (
    (
        (aiohttp.SocketTimeoutError,),
        UpstreamTimeout,
        "The provider has said nothing for {silence:g} s. Try again, or choose another model.",
    ),
    (
        (aiohttp.ServerTimeoutError,),
        UpstreamTimeout,
        "No connection to {address} within {connect:g} s. Try again, or choose another model.",
    ),
    (
        (TimeoutError,),
        UpstreamTimeout,
        "The answer was not complete within {total:g} s, the longest that one may take.",
    ),
)
_BEFORE_AN_ANSWER: tuple[_Meaning, ...] = (
    *_TIMEOUTS,
    (
        (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
        UpstreamUnreachable,
        _NO_ADDRESS,
    ),
    (
        (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError),
        UpstreamUnreachable,
        "No secure connection to {address}: its certificate is not trusted, or it does not speak TLS.",
    ),
    (
        (aiohttp.ClientConnectorDNSError,),
        UpstreamUnreachable,
        f"No server has the name in {{address}}. {_CHECK_BASE_URL}",
    ),
    (
        (aiohttp.ClientConnectorError,),
        UpstreamUnreachable,
        "Nothing answers at {address}. Check that the model's server runs and can be reached from here.",
    ),
    (
        (aiohttp.ClientConnectionError, OSError),
        UpstreamUnreachable,
        "{address} closed the connection without an answer. Try again.",
    ),
    ((Exception,), BadUpstreamResponse, "What {address} sent is not an HTTP answer."),
)
_WHILE_ANSWERING: tuple[_Meaning, ...] = (
    *_TIMEOUTS,
    (
        (Exception,),
        StreamTruncated,
        "The connection broke before the answer was complete. What arrived is kept; try again for the rest.",
    ),
)

_transports: dict[asyncio.AbstractEventLoop, dict[str | None, AiohttpTransport]] = {}


def bearer(api_key: str) -> dict[str, str]:
    return key_header("authorization", api_key, "Bearer ")


def key_header(name: str, api_key: str, scheme: str = "") -> dict[str, str]:
    """The header that carries a key, or none for a server that needs no key."""
    if not (api_key.isascii() and api_key.isprintable()):
        raise UpstreamAuthFailed(
            "The site's key for this provider holds characters that no key has. "
            "An administrator can enter it again in the admin, under Upstreams."
        )
    return {name: f"{scheme}{api_key}"} if api_key else {}


class Answer:
    """A 2xx response whose body has begun."""

    def __init__(self, response: httpx.Response, deadline: float, timeouts: Timeouts) -> None:
        """`deadline` is a time of the running loop."""
        self._response = response
        self._deadline = self._last_moment = deadline
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._stream = cast("AiohttpResponseStream", response.stream)
        encoded = "content-encoding" in response.headers
        self._pieces = response.aiter_bytes() if encoded else aiter(self._stream)
        self._decoder = Decoder()
        self._opening = b""
        self._size = 0
        self._concluded = False
        self.is_stream = True
        self.at_end = False

    async def open(self) -> None:
        """Read on until the body shows what it is, whatever its content type says it is."""
        while not (visible := self._opening.lstrip(_BYTE_ORDER_MARK + b" \t\r\n")):
            piece = await self._piece()
            if not piece:
                raise BadUpstreamResponse("The provider sent an empty answer. Try again.")
            self._opening += piece
        if visible.startswith(b"<"):
            raise BadUpstreamResponse(f"The provider sent a web page instead of an answer. {_CHECK_BASE_URL}")
        self.is_stream = not visible.startswith((b"{", b"["))

    async def read(self) -> bytes:
        """The whole body."""
        pieces = [self._opening]
        while piece := await self._piece():
            pieces.append(piece)
        return b"".join(pieces).removeprefix(_BYTE_ORDER_MARK)

    async def events(self) -> list[Event]:
        """Those that the next piece of the body completes.

        `at_end` is set with the last, which the end of the body may have cut off.
        """
        piece, self._opening = self._opening or await self._piece(), b""
        if piece:
            return self._decoder.feed(piece)
        self.at_end = True
        return self._decoder.flush()

    async def gather(self, seconds: float) -> None:
        """Let more come, and lie in the kernel meanwhile: all of it is then read at the cost of one piece."""
        connection = self._stream._aiohttp_response.connection  # noqa: SLF001
        transport = connection and connection.transport
        if transport:
            transport.pause_reading()
        try:
            await asyncio.sleep(seconds)
        finally:
            if transport and not transport.is_closing():
                transport.resume_reading()

    def conclude(self, within: float) -> None:
        """The protocol's own end has been read: nothing that fails from here on matters."""
        self._concluded = True
        self._deadline = self._loop.time() + within

    def resume(self) -> None:
        """There is more after what looked like the end."""
        self._concluded = False
        self._deadline = self._last_moment

    async def _piece(self) -> bytes:
        """What comes next, or nothing at the end."""
        piece = await self._next()
        self._size += len(piece)
        if self._size > _LARGEST_BODY and not self._concluded:
            raise BadUpstreamResponse(
                "The provider sent more than one answer may hold. What arrived is kept."
            )
        return piece

    async def _next(self) -> bytes:
        try:
            # A read that ends, by its own timeout, before the deadline needs no second timer.
            if self._loop.time() + self._timeouts.silence < self._deadline:
                return await anext(self._pieces, b"")
            async with asyncio.timeout_at(self._deadline):
                return await anext(self._pieces, b"")
        except (TimeoutError, *_NETWORK_ERRORS) as exc:
            if self._concluded:
                return b""
            raise _failure(exc, self._response.request, self._timeouts, answering=True) from exc


@asynccontextmanager
async def exchange(
    method: str, url: str, *, headers: dict[str, str], content: bytes | None = None, timeouts: Timeouts
) -> AsyncIterator[Answer]:
    """Send a request and open its answer. Raises a `CompletionError` for anything but a 2xx with a body."""
    deadline = asyncio.get_running_loop().time() + timeouts.total
    request = _request(method, url, headers, content, timeouts)
    response = await _send(request, deadline, timeouts)
    try:
        if not response.is_success:
            raise await _refused(response)
        answer = Answer(response, deadline, timeouts)
        await answer.open()
        yield answer
    except CompletionError as error:
        _redact(error, _secrets(request))
        raise
    finally:
        # A connection that cannot be closed properly is gone already.
        with suppress(*_NETWORK_ERRORS):
            await response.aclose()


async def close_clients() -> None:
    """Close the connections that the running loop keeps open."""
    for transport in _transports.pop(asyncio.get_running_loop(), {}).values():
        await transport.aclose()


def _request(
    method: str, url: str, headers: dict[str, str], content: bytes | None, timeouts: Timeouts
) -> httpx.Request:
    seconds = {"connect": timeouts.connect, "read": timeouts.silence, "pool": timeouts.connect}
    request = httpx.Request(
        method,
        _address(url),
        headers={"accept-encoding": "identity", "user-agent": "chatsite", **headers},
        # As a stream, so that httpx does not work out what aiohttp says of it: its length and the host.
        stream=httpx.ByteStream(content or b""),
        extensions={"timeout": seconds},
    )
    request.read()
    return request


async def _send(request: httpx.Request, deadline: float, timeouts: Timeouts) -> httpx.Response:
    """Without httpx's client, whose cookies, redirects and own headers are not wanted and cost each request."""
    try:
        async with asyncio.timeout_at(deadline):
            return await _transport_to(request.url).handle_async_request(request)
    except (TimeoutError, *_NETWORK_ERRORS) as exc:
        raise _failure(exc, request, timeouts, answering=False) from exc


async def _refused(response: httpx.Response) -> CompletionError:
    if response.is_redirect:
        return BadUpstreamResponse(f"The provider sends this address elsewhere. {_CHECK_BASE_URL}")
    body = await _opening_of(response)
    return refusal(response.status_code, body, response.headers, _secrets(response.request))


def _secrets(request: httpx.Request) -> list[str]:
    sent = (request.headers[name] for name in _KEY_HEADERS if name in request.headers)
    keys = (key.removeprefix("Bearer ") for key in sent)
    return [key for key in keys if len(key) >= _SHORTEST_SECRET]


def _redact(error: CompletionError, secrets: list[str]) -> None:
    """A provider may quote the key in an answer that begins as a good one, too."""
    for secret in secrets:
        error.message = error.message.replace(secret, "[key]")
        if error.upstream:
            said = error.upstream.message.replace(secret, "[key]")
            error.upstream = replace(error.upstream, message=said)


async def _opening_of(response: httpx.Response) -> bytes:
    """As much of a refusal as is worth reading; its status says enough if even that does not come."""
    body = b""
    with suppress(TimeoutError, *_NETWORK_ERRORS):
        async with asyncio.timeout(_REFUSAL_SECONDS):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) >= _LARGEST_REFUSAL:
                    break
    return body[:_LARGEST_REFUSAL]


def _failure(
    exc: Exception, request: httpx.Request, timeouts: Timeouts, *, answering: bool
) -> CompletionError:
    """What really happened: httpx-aiohttp reports a connection lost in any way as a connect timeout."""
    cause = (exc.__cause__ or exc) if isinstance(exc, httpx.HTTPError) else exc
    meanings = _WHILE_ANSWERING if answering else _BEFORE_AN_ANSWER
    _, error, message = next(meaning for meaning in meanings if isinstance(cause, meaning[0]))
    host, port = request.url.host, request.url.port
    address = f"{host}:{port}" if port else host
    return error(
        message.format(
            address=address, connect=timeouts.connect, silence=timeouts.silence, total=timeouts.total
        )
    )


def _transport_to(address: httpx.URL) -> AiohttpTransport:
    loop = asyncio.get_running_loop()
    if loop not in _transports:
        for closed in [known for known in _transports if known.is_closed()]:
            del _transports[closed]
        _transports[loop] = {}
    proxy = _proxy_for(address.scheme, address.host)
    if proxy not in _transports[loop]:
        _transports[loop][proxy] = _new_transport(proxy)
    return _transports[loop][proxy]


@lru_cache(256)
def _address(url: str) -> httpx.URL:
    """Parsed once: the addresses of a site's upstreams are few."""
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise UpstreamUnreachable(_NO_ADDRESS) from exc


@lru_cache(256)
def _proxy_for(scheme: str, host: str) -> str | None:
    """From HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which is all that is taken from the environment.

    aiohttp's own `trust_env` would also take keys from ~/.netrc, and hop to a thread for each request.
    """
    if host in _LOOPBACK or proxy_bypass(host):
        return None
    proxy = getproxies().get(scheme, "")
    return proxy if proxy.startswith("http") else None


def _new_transport(proxy: str | None) -> AiohttpTransport:
    return AiohttpTransport(
        verify=_ssl_context(), client=_new_session, proxy=httpx.Proxy(proxy) if proxy else None
    )


def _new_session() -> aiohttp.ClientSession:
    # Cookies of one key's answers must not travel with another key.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30, ssl=_ssl_context())
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@cache
def _ssl_context() -> SSLContext:
    return httpx.create_ssl_context()
