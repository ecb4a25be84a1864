"""What is pressed twice, or again after it failed, on a network that takes its time."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, last_answer

FAILURE = "That did not work."


def begin(page: Page, upstream) -> None:
    upstream.say("Flour.")
    page.goto("/")
    ask(page, "How is bread made?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")


@pytest.mark.parametrize(
    ("address", "name", "shown"),
    [
        ("**/menu", re.compile("^Options for"), "#conversations .menu__item"),
        ("**/details", "Details", "dl.details > *"),
        ("**/retry*", "Retry with another model", "#retry-with .menu__item"),
    ],
)
def test_what_could_not_be_fetched_is_fetched_when_it_is_opened_again(visit, upstream, address, name, shown):
    page = visit(tolerated=("Failed to",)).new_page()
    begin(page, upstream)
    page.route(address, lambda route: route.abort())
    button = page.get_by_role("button", name=name).first
    button.click()
    expect(page.locator("#page-notice")).to_contain_text(FAILURE)
    page.unroute(address)
    page.keyboard.press("Escape")
    button.click()
    expect(page.locator(shown).first).to_be_visible()
