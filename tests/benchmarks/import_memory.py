"""The memory and the time that an import takes, how long others wait meanwhile, and the same for its export.

uv run --group dev python -m tests.benchmarks.import_memory [MEGABYTES]
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.benchmarks.measure import percentile, resident_megabytes
from tests.site import Site
from tests.transfer.exports import chatgpt, chatgpt_node

PASSWORD = "correct horse battery"
WORDS = "The crumb of a loaf is decided by its water, and the crust by the heat of its oven. " * 12


class Readings:
    """What was seen while something went on."""

    def __init__(self, site: Site) -> None:
        self._pid = site.process.pid
        self._url = f"{site.url}/healthz"
        self._began = time.monotonic()
        self.before = self.peak = resident_megabytes(self._pid)
        self.waits: list[float] = []

    def take(self) -> None:
        self.peak = max(self.peak, resident_megabytes(self._pid))
        began = time.monotonic()
        httpx.get(self._url)
        self.waits.append(time.monotonic() - began)

    def show(self, what: str) -> None:
        seconds = time.monotonic() - self._began
        waits = (
            f", /healthz p50 {percentile(self.waits, 0.5) * 1000:.0f} ms, longest {max(self.waits) * 1000:.0f} ms"
            if self.waits
            else ""
        )
        print(
            f"{what:<28} {seconds:7.1f} s, resident {self.before:.0f} -> {self.peak:.0f} MB{waits}",
            flush=True,
        )


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "conversations.json"
        count = write(file, megabytes)
        print(f"{file.stat().st_size / 1e6:.0f} MB, {count} conversations")
        with Site(Path(folder) / "data") as site:
            site.manage("create_user", "olga", "--password", PASSWORD)
            run(site, file)


def run(site: Site, file: Path) -> None:
    client = signed_in(site)
    readings = Readings(site)
    page = send(client, file)
    readings.take()
    readings.show("upload")
    number = re.search(r"/transfer/imports/(\d+)", page)
    assert number, page
    readings = Readings(site)
    while "hx-get" in (shown := client.get(f"/transfer/imports/{number[1]}").text):
        readings.take()
        time.sleep(0.2)
    readings.show("import")
    print(" ".join(re.sub(r"<[^>]*>", " ", shown).split()))
    readings = Readings(site)
    with client.stream("GET", "/transfer/export", params={"form": "json"}) as response:
        length = 0
        for place, piece in enumerate(response.iter_raw()):
            length += len(piece)
            if place % 200 == 0:
                readings.take()
    readings.show(f"export of {length / 1e6:.0f} MB")


def write(file: Path, megabytes: int) -> int:
    """ChatGPT's format, 20 messages a conversation."""
    count = 0
    with file.open("w") as opened:
        opened.write("[")
        while opened.tell() < megabytes * 1_000_000:
            opened.write((",\n" if count else "\n") + json.dumps(conversation(count)))
            count += 1
        opened.write("]")
    return count


def conversation(number: int) -> dict[str, object]:
    return chatgpt(*nodes(number), conversation_id=str(number), title=f"Bread {number}")


def nodes(number: int) -> Iterator[dict[str, object]]:
    for place in range(1, 21):
        role = "user" if place % 2 else "assistant"
        yield chatgpt_node(
            str(place), str(place - 1) if place > 1 else "root", role, f"{number}.{place} {WORDS}"
        )


def signed_in(site: Site) -> httpx.Client:
    client = httpx.Client(base_url=site.url, follow_redirects=True, timeout=600)
    form = {
        "login": "olga",
        "password": PASSWORD,
        "csrfmiddlewaretoken": token(client.get("/accounts/login/").text),
    }
    client.post("/accounts/login/", data=form).raise_for_status()
    return client


def send(client: httpx.Client, file: Path) -> str:
    form = {"csrfmiddlewaretoken": token(client.get("/transfer").text)}
    with file.open("rb") as opened:
        return client.post("/transfer/import", data=form, files={"file": opened}).raise_for_status().text


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
