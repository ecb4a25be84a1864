"""What a first visit to the chat page costs: requests, bytes, first paint, time to a composer that can be used.

uv run --group dev python -m tests.benchmarks.page_weight
"""

import gzip
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from tests.benchmarks.chromium import chromium, signed_in
from tests.benchmarks.measure import show
from tests.site import Site

RUNS = 7


def visit(context: BrowserContext) -> dict[str, float]:
    page = context.new_page()
    network: dict[str, Any] = {"requests": 0, "bytes": 0, "scripts": 0}
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def finished(event: dict[str, Any]) -> None:
        network["requests"] += 1
        network["bytes"] += event["encodedDataLength"]

    devtools.on("Network.loadingFinished", finished)
    page.on("response", lambda response: scripts.append(response) if is_script(response.url) else None)
    scripts: list[Any] = []
    page.goto("/")
    usable = page.evaluate(COMPOSER_IS_USABLE)
    page.wait_for_load_state("networkidle")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    weight = sum(len(gzip.compress(response.body(), 9)) for response in scripts)
    page.close()
    return {
        "requests": network["requests"],
        "transferred, kB": network["bytes"] / 1000,
        "scripts, gzipped, kB": weight / 1000,
        "first contentful paint, ms": painted,
        "composer usable, ms": usable,
    }


def is_script(url: str) -> bool:
    return url.split("?")[0].endswith(".js")


COMPOSER_IS_USABLE = """() => new Promise((usable) => {
  const look = () => {
    const text = document.querySelector('textarea[name="text"]');
    const ready = text && !text.disabled && window.htmx && document.readyState === "complete";
    ready ? usable(performance.now()) : requestAnimationFrame(look);
  };
  look();
})"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as data,
        Site(Path(data)) as site,
        chromium() as browser,
        signed_in(browser, site, "visitor") as context,
    ):
        visit(context)
        visits = [visit(context) for _ in range(RUNS)]
    for name in visits[0]:
        show(name, [each[name] for each in visits], "")


if __name__ == "__main__":
    main()
