"""A conversation's title, edited where it stands."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import ask, hold, last_answer


@pytest.fixture
def title(page, upstream) -> Locator:
    """That of a conversation on the page."""
    upstream.say("Flour.")
    page.goto("/")
    ask(page, "How is bread made?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    return page.get_by_label("Title of this conversation")


@pytest.fixture
def row(page) -> Locator:
    """The conversation in the list."""
    return page.locator("#conversations [aria-current=page]")


def test_a_title_edited_again_while_it_is_saved_keeps_what_was_typed(page, title, row):
    held = hold(page, "**/rename")
    title.fill("  Bread ")
    with page.expect_request("**/rename"):
        title.press("Enter")
    title.fill("Bread and butter")
    held[0].continue_()
    expect(row).to_have_text("Bread")
    expect(title).to_have_value("Bread and butter")
    title.press("Escape")
    expect(title).to_have_value("Bread")
    title.fill("Bread and butter")
    with page.expect_request("**/rename"):
        title.press("Enter")
    held[1].continue_()
    expect(row).to_have_text("Bread and butter")


def test_a_title_saved_again_while_it_is_saved_is_the_one_that_stays(page, title, row):
    held = hold(page, "**/rename")
    title.fill("Bread")
    with page.expect_request("**/rename"):
        title.press("Enter")
    title.fill("Bread and butter")
    with page.expect_request("**/rename"):
        title.press("Enter")
    for route in held:
        with page.expect_response("**/rename"):
            route.continue_()
    expect(row).to_have_text("Bread and butter")
    expect(title).to_have_value("Bread and butter")
    page.reload()
    expect(title).to_have_value("Bread and butter")
