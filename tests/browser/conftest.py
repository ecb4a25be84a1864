"""Chromium in front of the running site, with a replayed upstream behind it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests import require
from tests.browser.line import Line
from tests.replay import ReplayServer
from tests.site import Site

ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PASSWORD = "correct horse battery"
WORDS = "one two three four five six seven eight nine ten eleven twelve"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = require.program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.fixture(scope="session")
def upstream_of_the_site() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        server.models = ["replayed", "another-model"]
        yield server


@pytest.fixture
def upstream(upstream_of_the_site: ReplayServer) -> Iterator[ReplayServer]:
    yield upstream_of_the_site
    # What this test did not ask for is not said in the next one.
    upstream_of_the_site.forget()


@pytest.fixture(scope="session")
def site(browser: Browser, upstream_of_the_site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("site")
    with Site(data, COMPATIBLE_BASE_URL=upstream_of_the_site.base_url, SIGN_UP="open") as site:
        site.manage("create_user", "olga", "--password", PASSWORD)
        site.manage("create_user", "stanislav", "--password", PASSWORD)
        yield site


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    """To be asked for before `visit`: it outlasts the pages on it then."""
    with Line(site.port) as line:
        yield line


def sign_in(page: Page, site: Site, name: str) -> None:
    page.goto(site.url)
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox", name="Message").wait_for()


@pytest.fixture(scope="session")
def sessions(browser: Browser, site: Site) -> dict[str, object]:
    """The cookies of each who signed in, through the form."""
    kept = {}
    for name in ("olga", "stanislav"):
        with browser.new_context() as context:
            sign_in(context.new_page(), site, name)
            kept[name] = context.storage_state()
    return kept


@pytest.fixture
def visit(browser: Browser, site: Site, sessions):
    """`visit("olga", viewport=…)` is a browser of hers. Its pages must not complain or ask anybody else."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    is_leaving = False

    def visit(name: str | None = "olga", *, tolerated: tuple[str, ...] = (), **options) -> BrowserContext:
        address = options.setdefault("base_url", site.url)
        context = browser.new_context(storage_state=sessions[name] if name else None, **options)
        contexts.append(context)

        def complain(text: str) -> None:
            # A page that is closed while it still connects complains of that.
            was_connecting = is_leaving and "htmx:ws:error" in text
            if not was_connecting and not any(each in text for each in tolerated):
                complaints.append(text)

        context.on("console", lambda message: message.type == "error" and complain(message.text))
        context.on("weberror", lambda error: complain(str(error.error)))
        context.on(
            "request",
            lambda request: request.url.startswith((address, "data:", "blob:")) or complain(request.url),
        )
        return context

    yield visit
    is_leaving = True
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(visit) -> Page:
    return visit().new_page()


@contextmanager
def ends_with(page: Page, status: str = "complete", timeout: float = 10_000) -> Iterator[None]:
    yield
    page.locator(f'article[data-role="assistant"][data-status="{status}"]').last.wait_for(timeout=timeout)


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()


def last_answer(page: Page):
    return page.locator('article[data-role="assistant"]').last


def begin(
    page: Page, upstream: ReplayServer, question: str = "How is bread made?", answer: str = "Flour."
) -> None:
    """A conversation with one answer that is complete."""
    upstream.say(answer)
    page.goto("/")
    ask(page, question)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")


def hold(page: Page, address: str) -> list[Route]:
    """The requests for an address, none of which goes on by itself."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    return held
