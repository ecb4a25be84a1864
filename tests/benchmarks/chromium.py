"""A signed-in Chromium in front of a site of its own, for what is measured in the browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests import require
from tests.browser.conftest import ARGUMENTS, PASSWORD, sign_in
from tests.site import Site


@contextmanager
def chromium() -> Iterator[Browser]:
    program = require.program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=ARGUMENTS)


@contextmanager
def signed_in(browser: Browser, site: Site, name: str) -> Iterator[BrowserContext]:
    """A browser that has not cached anything but knows who it is."""
    site.manage("create_user", name, "--password", PASSWORD)
    with browser.new_context(base_url=site.url) as first:
        sign_in(first.new_page(), site, name)
        kept = first.storage_state()
    with browser.new_context(base_url=site.url, storage_state=kept) as context:
        yield context
