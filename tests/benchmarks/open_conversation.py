"""Opening a conversation of 1,000 messages: the server's time for the page, and when Chromium can use it.

    uv run --group dev python -m tests.benchmarks.open_conversation [MESSAGES]

One message in five has other versions beside it. The time of the request is as the browser sees it, from its first
byte out to the last byte in, the first time for answers that were never shown, then again; the server's CPU is for
the page with all that it loads and its socket.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from tests.benchmarks.chromium import chromium, signed_in
from tests.benchmarks.measure import cpu_seconds, show
from tests.benchmarks.page_weight import COMPOSER_IS_USABLE
from tests.site import Site

RUNS = 9
LENGTH = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
FILL = """
from chat.models import Conversation, Message, User
from tests.markup.answers import ANSWERS

owner = User.objects.get(username="visitor")
conversation = Conversation.objects.create(owner=owner, title="Long")
texts = [text[:1500] for text in ANSWERS.values()]
parent = None
for number in range({length}):
    role = "assistant" if number % 2 else "user"
    for _ in range(2 if number % 5 == 0 else 1):
        said = f"{{number}} " + texts[number % len(texts)]
        content = [{{"type": "text", "text": said if role == "assistant" else said[:200]}}]
        made = conversation.messages.create(role=role, parent=parent, content=content)
    parent = made
conversation.head = parent
conversation.save(update_fields=["head"])
first = conversation.branch().messages()[4].public_id
print(conversation.public_id, first)
"""
REQUEST_TIME = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  return page.responseEnd - page.requestStart;
}"""


def opened(context: BrowserContext, path: str) -> dict[str, float]:
    page = context.new_page()
    page.goto(path)
    usable = page.evaluate(COMPOSER_IS_USABLE)
    measured: dict[str, Any] = {
        "request, ms": page.evaluate(REQUEST_TIME),
        "usable, ms": usable,
        "messages on the page": page.locator("article").count(),
    }
    page.close()
    return measured


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as data,
        Site(Path(data)) as site,
        chromium() as browser,
        signed_in(browser, site, "visitor") as context,
    ):
        printed = site.manage("shell", "-v", "0", "-c", FILL.format(length=LENGTH))
        conversation, early = printed.split()[-2:]
        opened(context, "/")
        for path in (f"/c/{conversation}", f"/c/{conversation}?at={early}"):
            print(f"{LENGTH} messages, {'at an early one' if '?' in path else 'at the end'}")
            print("  first:", opened(context, path))
            used = cpu_seconds(site.process.pid)
            again = [opened(context, path) for _ in range(RUNS)]
            used = cpu_seconds(site.process.pid) - used
            print(f"  again, CPU of the server: {used / RUNS * 1000:.0f} ms")
            for name in again[0]:
                show(f"  again, {name}", [each[name] for each in again], "")


if __name__ == "__main__":
    main()
