"""Downloads, from a real server on loopback; the guard decides what may be reached."""

import asyncio
import base64
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from chat.completions import Audio, ChatRequest, File, Image, InvalidRequest, Message, Text, Video
from chat.upstreams import fetching
from chat.upstreams.capabilities import Capabilities
from chat.upstreams.fetching import Address, download, is_public, with_files_fetched
from chat.upstreams.media import Media

from .test_media import PDF, PNG, PNG64

HELLO = ChatRequest("some-model", (Message("user", (Text("Hello"),)),))
FETCHES_NOTHING = Capabilities(fetches=frozenset())
WHERE = "messages[0].content[0]"


class Files:
    """A server of files that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.redirects: dict[str, str] = {}
        self.port = 0

    def url(self, path: str = "/a.png", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        match request.path:
            case path if path in self.redirects:
                return web.Response(status=302, headers={"location": self.redirects[path]})
            case "/a.png":
                return web.Response(body=PNG, content_type="application/octet-stream")
            case "/docs/a.pdf":
                return web.Response(body=PDF, content_type="application/pdf")
            case "/a.csv":
                return web.Response(text="a,b", content_type="text/csv")
            case "/empty":
                return web.Response(body=b"")
            case "/large":
                return await self._without_end(request)
            case "/silent":
                await asyncio.sleep(60)
        return web.Response(status=404)

    async def _without_end(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)


@pytest_asyncio.fixture
async def files() -> AsyncIterator[Files]:
    files = Files()
    app = web.Application()
    app.router.add_get("/{path:.*}", files.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files.port = runner.addresses[0][1]
    yield files
    await runner.cleanup()


def anything(address: Address) -> bool:
    return True


def nothing(address: Address) -> bool:
    return False


async def refused(url: str, guard: Any = is_public) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as error:
        await download(url, WHERE, guard)
    assert (error.value.param, error.value.code) == (WHERE, "invalid_value")
    return error.value


NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_an_address_inside_is_refused_where_it_stands_in_the_url(address: str) -> None:
    host = f"[{address.partition('%')[0]}]" if ":" in address else address
    assert "not a public one" in (await refused(f"http://{host}/a.png")).message


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "localhost", "LOCALHOST", "127.0.0.1."],
)
async def test_an_address_inside_is_refused_however_it_is_written(files: Files, host: str) -> None:
    await refused(files.url(host=host))
    assert files.asked == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"]
)
@pytest.mark.parametrize("others", [[], ["93.184.216.34"]])
async def test_a_name_that_stands_for_an_address_inside_is_refused(
    files: Files, monkeypatch: pytest.MonkeyPatch, address: str, others: list[str]
) -> None:
    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        entry = {"hostname": host, "port": port, "family": family, "proto": 0, "flags": 0}
        return [{**entry, "host": each} for each in (*others, address)]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
    error = await refused(files.url(host="innocent.example"))
    assert "not a public one" in error.message
    assert files.asked == []


async def test_the_guard_decides(files: Files) -> None:
    assert await download(files.url(), WHERE, anything) == Media("image/png", PNG64)
    assert await download(files.url(host="localhost"), WHERE, anything) == Media("image/png", PNG64)
    await refused(files.url(), nothing)


async def test_nothing_of_the_site_is_told_to_whom_a_file_is_fetched_from(files: Files) -> None:
    await download(files.url(), WHERE, anything)
    assert not {"authorization", "cookie", "referer"} & set(files.headers[0])


async def test_a_redirect_is_followed(files: Files) -> None:
    files.redirects = {"/1": "/2", "/2": files.url("/3"), "/3": "/a.png"}
    assert (await download(files.url("/1"), WHERE, anything)).data == PNG64
    assert files.asked == ["/1", "/2", "/3", "/a.png"]


async def test_a_redirect_to_an_address_inside_is_refused(files: Files) -> None:
    def only_the_first(address: Address) -> bool:
        return str(address) == "127.0.0.1"

    for target in ("http://127.0.0.2:1/a.png", "http://[::1]:1/", "http://2130706434/", "file:///etc/passwd"):
        files.redirects = {"/1": target}
        assert "not a public one" in (await refused(files.url("/1"), only_the_first)).message


async def test_redirects_come_to_an_end(files: Files) -> None:
    files.redirects = {"/1": "/1"}
    assert "redirects too often" in (await refused(files.url("/1"), anything)).message
    assert len(files.asked) == 4


@pytest.mark.parametrize(
    ("path", "message"), [("/gone", "answered with status 404"), ("/empty", "answered with nothing")]
)
async def test_an_answer_without_a_file_is_refused(files: Files, path: str, message: str) -> None:
    assert message in (await refused(files.url(path), anything)).message


async def test_a_file_that_is_too_large_is_not_read_to_its_end(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 3 * 1024 * 1024)
    assert "more than 3 MiB" in (await refused(files.url("/large"), anything)).message


@pytest.mark.parametrize("path", ["/silent", "/large"])
async def test_a_server_is_not_waited_for(files: Files, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    monkeypatch.setattr(fetching, "LARGEST", 10**12)
    assert "did not answer within 0.2 s" in (await refused(files.url(path), anything)).message


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://no.such.host.invalid/", "http://", "http://[", "http://a:b:c/"]
)
async def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    await refused(url, anything)


def asking(*parts: Any) -> ChatRequest:
    return replace(HELLO, messages=(*HELLO.messages, Message("user", (Text("See:"), *parts))))


async def test_files_are_put_in_place_of_their_addresses(files: Files) -> None:
    parts = (
        Image(files.url(), "low"),
        File(url=files.url("/docs/a.pdf")),
        File("b.csv", files.url("/a.csv")),
        Audio(files.url("/a.csv"), "wav"),
    )
    fetched = await with_files_fetched(asking(*parts), FETCHES_NOTHING, anything)
    assert fetched.messages[1].parts == (
        Text("See:"),
        Image(f"data:image/png;base64,{PNG64}", "low"),
        File("a.pdf", f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}"),
        File("b.csv", "data:text/csv;base64,YSxi"),
        Audio("YSxi", "wav"),
    )
    assert fetched.messages[0] is HELLO.messages[0]


async def test_what_the_provider_fetches_itself_is_left_to_it(files: Files) -> None:
    request = asking(
        Image(files.url()), Video(files.url()), File(file_id="file-1"), Image("data:image/png,x")
    )
    can = Capabilities(fetches=frozenset({"image", "video"}))
    assert await with_files_fetched(request, can, anything) is request


async def test_an_address_too_long_for_the_provider_is_fetched_for_it(files: Files) -> None:
    can = Capabilities(fetches=frozenset({"image"}), longest_url=100)
    parts = (Image(files.url()), Image(files.url("/a.png?") + "x" * 100))
    fetched = await with_files_fetched(asking(*parts), can, anything)
    assert fetched.messages[1].parts[1:] == (parts[0], Image(f"data:image/png;base64,{PNG64}"))


async def test_an_address_in_capitals_is_one_too(files: Files) -> None:
    request = asking(Image(files.url().replace("http://", "HTTP://")))
    fetched = await with_files_fetched(request, FETCHES_NOTHING, anything)
    assert fetched.messages[1].parts[1] == Image(f"data:image/png;base64,{PNG64}")


async def test_the_part_that_cannot_be_fetched_is_named(files: Files) -> None:
    with pytest.raises(InvalidRequest, match="could not be fetched") as error:
        await with_files_fetched(
            asking(Image(files.url()), Image(files.url("/gone"))), FETCHES_NOTHING, anything
        )
    assert error.value.param == "messages[1].content[2]"


async def test_by_default_nothing_inside_is_reached(files: Files) -> None:
    with pytest.raises(InvalidRequest, match="not a public one"):
        await with_files_fetched(asking(Image(files.url())), FETCHES_NOTHING)
    assert files.asked == []


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://127.0.0.1:9/a.png", "http://localhost/a.png"]
)
async def test_a_private_address_is_refused_also_where_the_provider_fetches(url: str) -> None:
    with pytest.raises(InvalidRequest, match="not a public one") as error:
        await with_files_fetched(asking(Image(url)), Capabilities())
    assert error.value.param == "messages[1].content[1]"


@pytest.mark.parametrize("make", [Image, Video, lambda url: File("a", url), lambda url: Audio(url, "wav")])
@pytest.mark.parametrize(
    "address",
    [
        " http://127.0.0.1/a",
        "\x01http://127.0.0.1/a",
        "ht\ntp://127.0.0.1/a",
        "http:127.0.0.1/a",
        "http:\\\\127.0.0.1\\a",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/a",
    ],
)
@pytest.mark.parametrize("can", [FETCHES_NOTHING, Capabilities()])
async def test_what_is_an_address_only_to_a_lenient_reader_is_refused(
    make: Any, address: str, can: Capabilities
) -> None:
    with pytest.raises(InvalidRequest, match="not one of http or https") as error:
        await with_files_fetched(asking(make(address)), can)
    assert error.value.param == "messages[1].content[1]"


@pytest.mark.parametrize(
    "part",
    [
        Image("DATA:image/png;base64,AAAA"),
        Image("gs://a/b"),
        Video("oss://a/b"),
        Audio("AA/+\nAA==", "wav"),
        File(),
    ],
)
async def test_what_nobody_fetches_is_left_as_it_is(part: Any) -> None:
    request = asking(part)
    assert await with_files_fetched(request, FETCHES_NOTHING) is request


async def test_a_name_that_nobody_knows_here_is_left_to_the_provider() -> None:
    request = asking(Image("http://nowhere.invalid/a.png"))
    assert await with_files_fetched(request, Capabilities()) is request
