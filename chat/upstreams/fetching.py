"""Files that a request names by their address and that the provider does not fetch: downloaded, with a guard.

Nothing inside the site's own network can be reached: every address that a name stands for is checked at the
moment it is connected to, for the first URL and for that of each redirect.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from chat.completions import Audio, ChatRequest, File, Image, InvalidRequest, Message, Part, Video

from .capabilities import Capabilities
from .fitting import kind_of
from .media import Media, is_address, media_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
IsAllowed = Callable[[Address], bool]

LARGEST = 20 * 1024 * 1024
SECONDS = 10.0
REDIRECTS = 3
# Content itself, and the stores of Google and DashScope, which nobody else looks into.
_UNFETCHED = ("data:", "gs://", "oss://")
# Addresses of IPv6 that end with one of IPv4, to which they lead:
# https://www.rfc-editor.org/rfc/rfc6052 and https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.1
_LEADING_TO_IPV4 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
# The same within a site: https://www.rfc-editor.org/rfc/rfc8215
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")


class _Forbidden(OSError):
    pass


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if any(address in network for network in _LEADING_TO_IPV4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local or address in _LOCAL_NAT64:
            return False
    return address.is_global and not address.is_multicast


async def with_files_fetched(
    request: ChatRequest,
    can: Capabilities,
    is_allowed: IsAllowed = is_public,
    leave: Callable[[str], bool] = lambda url: False,  # noqa: ARG005
) -> ChatRequest:
    """The request with `data:` URLs in place of the addresses that the provider does not fetch itself.

    `leave` tells the addresses that mean something to the provider, whatever the model.
    Raises `InvalidRequest`, which names the part, for an address that is not public or does not answer.
    """
    await _refuse_private(request, is_allowed)
    messages = [
        await _with_parts_fetched(message, f"messages[{at}]", can, is_allowed, leave)
        for at, message in enumerate(request.messages)
    ]
    if all(new is old for new, old in zip(messages, request.messages, strict=True)):
        return request
    return replace(request, messages=tuple(messages))


async def _refuse_private(request: ChatRequest, is_allowed: IsAllowed) -> None:
    """Also where the provider fetches: its servers may stand in the site's own network."""
    for at, message in enumerate(request.messages):
        for place, part in enumerate(message.parts):
            where = f"messages[{at}].content[{place}]"
            if address := _address_of(part):
                await _refuse_private_address(address, where, is_allowed)
            elif _is_of_another_scheme(_source_of(part)):
                raise _refusal("is not one of http or https", where)


async def _refuse_private_address(address: str, where: str, is_allowed: IsAllowed) -> None:
    try:
        url = httpx.URL(address)
        _check_literal(url, is_allowed)
        if "%" in url.host:
            # What no name can hold has been escaped; whoever else reads the address will not take it.
            raise httpx.InvalidURL(address)
        await _GuardedResolver(is_allowed).resolve(url.host, url.port or 443)
    except _Forbidden as exc:
        raise _refusal("is not a public one", where) from exc
    except httpx.InvalidURL as exc:
        raise _refusal("is not one", where) from exc
    except OSError:
        # A name that nobody here knows leads nowhere from here; whoever fetches will say so.
        return


def _address_of(part: Part) -> str | None:
    source = _source_of(part)
    return source if is_address(source) else None


def _source_of(part: Part) -> str:
    source = part.data if isinstance(part, Audio) else getattr(part, "url", None)
    return source or ""


def _is_of_another_scheme(source: str) -> bool:
    """Those who fetch are more lenient: to some ` http://`, `http:host` and a `file:` are addresses too."""
    return ":" in source and not source[:6].lower().startswith(_UNFETCHED)


async def _with_parts_fetched(
    message: Message, where: str, can: Capabilities, is_allowed: IsAllowed, leave: Callable[[str], bool]
) -> Message:
    if not any(_is_to_fetch(part, can, leave) for part in message.parts):
        return message
    parts = [
        await _fetched(part, f"{where}.content[{place}]", is_allowed)
        if _is_to_fetch(part, can, leave)
        else part
        for place, part in enumerate(message.parts)
    ]
    return replace(message, parts=tuple(parts))


def _is_to_fetch(part: Part, can: Capabilities, leave: Callable[[str], bool]) -> bool:
    address = _address_of(part)
    if address is None or leave(address):
        return False
    return kind_of(part) not in can.fetches or len(address) > (can.longest_url or len(address))


async def _fetched(part: Part, where: str, is_allowed: IsAllowed) -> Part:
    if isinstance(part, Audio):
        return replace(part, data=(await download(part.data, where, is_allowed)).data)
    assert isinstance(part, Image | File | Video)
    assert part.url is not None
    media = await download(part.url, where, is_allowed)
    if isinstance(part, File) and not part.filename:
        name = httpx.URL(part.url).path.rpartition("/")[2]
        return replace(part, url=media.url, filename=name or None)
    return replace(part, url=media.url)


async def download(url: str, where: str, is_allowed: IsAllowed = is_public) -> Media:
    """Raises `InvalidRequest` about the field `where`; no more than 20 MiB, within 10 s, 3 redirects."""
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(
                transport=_guarded_transport(is_allowed), trust_env=False, timeout=2 * SECONDS
            ) as client,
        ):
            request = client.build_request("GET", url, headers={"accept-encoding": "identity"})
            return await _follow(client, request, where, is_allowed)
    except _Forbidden as exc:
        raise _refusal("is not a public one", where) from exc
    except TimeoutError as exc:
        raise _refusal(f"did not answer within {SECONDS:g} s", where) from exc
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as exc:
        if _is_forbidden(exc):
            raise _refusal("is not a public one", where) from exc
        raise _refusal("could not be reached", where) from exc


async def _follow(
    client: httpx.AsyncClient, request: httpx.Request | None, where: str, is_allowed: IsAllowed
) -> Media:
    for _ in range(REDIRECTS + 1):
        assert request is not None
        _check_literal(request.url, is_allowed)
        response = await client.send(request, stream=True)
        try:
            if not response.has_redirect_location:
                return await _read(response, where)
            request = response.next_request
        finally:
            await response.aclose()
    raise _refusal("redirects too often", where)


async def _read(response: httpx.Response, where: str) -> Media:
    if not response.is_success:
        raise _refusal(f"answered with status {response.status_code}", where)
    raw = bytearray()
    async for piece in response.aiter_bytes():
        raw += piece
        if len(raw) > LARGEST:
            raise _refusal(f"holds more than {LARGEST // 1024 // 1024} MiB", where)
    if not raw:
        raise _refusal("answered with nothing", where)
    return media_of(bytes(raw), response.headers.get("content-type", "").partition(";")[0])


def _check_literal(url: httpx.URL, is_allowed: IsAllowed) -> None:
    """A name is checked by the resolver; an address that stands in the URL itself does not pass through it."""
    if url.scheme not in ("http", "https"):
        raise _Forbidden(url.scheme)
    address = _address_in(url.host.strip("[]"))
    if address is not None and not is_allowed(address):
        raise _Forbidden(url.host)


def _address_in(host: str) -> Address | None:
    """`127.1`, `2130706433` and `0x7f.1` are addresses too, to whatever connects to them."""
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    with suppress(OSError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


class _GuardedResolver(AbstractResolver):
    """What it returns is what is connected to, so a name cannot stand for something else a moment later."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._is_allowed = is_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(self._is_allowed(ipaddress.ip_address(each["host"].partition("%")[0])) for each in found):
            raise _Forbidden(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _guarded_transport(is_allowed: IsAllowed) -> AiohttpTransport:
    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=_GuardedResolver(is_allowed), use_dns_cache=False)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(client=session)


def _is_forbidden(exc: BaseException) -> bool:
    causes: list[Any] = [exc]
    while causes[-1] is not None and len(causes) < 10:
        causes.append(causes[-1].__cause__ or causes[-1].__context__)
    return any(isinstance(cause, _Forbidden) for cause in causes)


def _refusal(what: str, where: str) -> InvalidRequest:
    return InvalidRequest(
        f"The file could not be fetched: its address {what}.", param=where, code="invalid_value"
    )
