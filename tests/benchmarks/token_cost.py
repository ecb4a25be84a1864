"""What a token costs the server and the browser's main thread, in a short answer and in a long one.

    uv run --group dev python -m tests.benchmarks.token_cost [TOKENS …]

A token is 4 characters of mixed markdown; they come at 200 a second.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession

from tests.benchmarks.chromium import chromium, signed_in
from tests.benchmarks.measure import cpu_seconds
from tests.browser.conftest import ask
from tests.markup.answers import ANSWERS
from tests.replay import ReplayServer, chunk, ending
from tests.site import Site

PER_SECOND = 200
TOKEN = 4

WATCH_LONG_TASKS = """
    window.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((entry) => entry.duration)))
      .observe({ type: "longtask" });
"""
# Not a locator of Playwright's: while it waits it looks at every element, in the thread that is measured.
IS_COMPLETE = "document.querySelector('article:last-of-type').dataset.status === 'complete'"


@dataclass(frozen=True, slots=True)
class Cost:
    """In seconds; `behind` is how much later than the upstream's last byte the page showed the end."""

    tokens: int
    server: float
    main_thread: float
    lasted: float
    behind: float
    long_tasks: list[float]

    def __str__(self) -> str:
        server, main = (seconds / self.tokens * 1e6 for seconds in (self.server, self.main_thread))
        longest = max(self.long_tasks, default=0)
        return (
            f"{self.tokens:>7,} tokens: server {self.server:6.2f} s, {server:4.0f} µs a token; "
            f"main thread {main:4.0f} µs a token, {self.main_thread / self.lasted:4.0%} busy; "
            f"{len(self.long_tasks)} long tasks, longest {longest:.0f} ms; end {self.behind * 1000:.0f} ms behind"
        )


def busy(devtools: CDPSession) -> float:
    metrics = {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def cost(context: BrowserContext, site: Site, upstream: ReplayServer, tokens: int) -> Cost:
    upstream.answer(pieces_of(tokens), delay=1 / PER_SECOND)
    page = context.new_page()
    page.add_init_script(WATCH_LONG_TASKS)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    ask(page, f"{tokens} tokens")
    page.wait_for_url("**/c/*")
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    began, server, main = time.monotonic(), cpu_seconds(site.process.pid), busy(devtools)
    while not upstream.requests[-1].ended_at:
        page.wait_for_timeout(100)
    while not page.evaluate(IS_COMPLETE):
        page.wait_for_timeout(5)
    ended = time.monotonic()
    result = Cost(
        tokens,
        cpu_seconds(site.process.pid) - server,
        busy(devtools) - main,
        ended - began,
        ended - (upstream.requests[-1].ended_at or ended),
        page.evaluate("longTasks"),
    )
    page.close()
    return result


def pieces_of(tokens: int) -> list[bytes]:
    text = ANSWERS["mixed"][: tokens * TOKEN]
    texts = [text[start : start + TOKEN] for start in range(0, len(text), TOKEN)]
    return [chunk({"content": piece}) for piece in texts] + ending()


def main() -> None:
    counts = [int(each) for each in sys.argv[1:]] or [1_000, 16_000]
    with (
        ReplayServer() as upstream,
        tempfile.TemporaryDirectory() as data,
        Site(Path(data), COMPATIBLE_BASE_URL=upstream.base_url) as site,
        chromium() as browser,
        signed_in(browser, site, "visitor") as context,
    ):
        cost(context, site, upstream, 100)
        costs = [cost(context, site, upstream, count) for count in counts]
    for each in costs:
        print(each)
    first, last = costs[0], costs[-1]
    for name in ("server", "main_thread"):
        ratio = (getattr(last, name) / last.tokens) / (getattr(first, name) / first.tokens)
        print(
            f"{name.replace('_', ' ')}, a token of {last.tokens:,} against one of {first.tokens:,}: {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
