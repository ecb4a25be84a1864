"""A page whose scripts come late, and in whatever order the network brings them."""

import time

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import ask, last_answer


def scripts(page: Page) -> list[str]:
    return page.evaluate("[...document.scripts].map((script) => script.src).filter(Boolean)")


def come_late(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def test_the_page_connects_whichever_of_its_scripts_comes_last(visit, page, upstream):
    upstream.say("Flour, water and salt.")
    page.goto("/")
    ask(page, "How is bread made?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    for script in scripts(page):
        tab = visit().new_page()
        tab.route(script, come_late)
        with tab.expect_websocket(timeout=5_000):
            tab.goto(page.url)
        tab.close()
