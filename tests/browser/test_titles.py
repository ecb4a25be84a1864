"""A conversation's title, edited where it stands."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import begin, hold


@pytest.fixture
def title(page, upstream) -> Locator:
    """That of a conversation on the page."""
    begin(page, upstream)
    return page.get_by_label("Title of this conversation")


@pytest.fixture
def row(page) -> Locator:
    """The conversation in the list."""
    return page.locator("#conversations [aria-current=page]")


def save(page: Page, title: Locator, text: str) -> None:
    title.fill(text)
    with page.expect_request("**/rename"):
        title.press("Enter")


def test_a_title_edited_again_while_it_is_saved_keeps_what_was_typed(page, title, row):
    held = hold(page, "**/rename")
    save(page, title, "  Bread ")
    title.fill("Bread and butter")
    held[0].continue_()
    expect(row).to_have_text("Bread")
    expect(title).to_have_value("Bread and butter")
    title.press("Escape")
    expect(title).to_have_value("Bread")
    save(page, title, "Bread and butter")
    held[1].continue_()
    expect(row).to_have_text("Bread and butter")


def test_a_title_saved_again_while_it_is_saved_is_the_one_that_stays(page, title, row):
    held = hold(page, "**/rename")
    save(page, title, "Bread")
    save(page, title, "Bread and butter")
    for route in held:
        with page.expect_response("**/rename"):
            route.continue_()
    expect(row).to_have_text("Bread and butter")
    expect(title).to_have_value("Bread and butter")
    page.reload()
    expect(title).to_have_value("Bread and butter")


def test_a_title_edited_in_the_list_while_that_is_made_anew_keeps_what_was_typed(page, title, row):
    held = hold(page, "**/library/pin")
    row.hover()
    options = row.locator("..").get_by_role("button").first
    options.click()
    with page.expect_request("**/library/pin"):
        page.get_by_role("button", name="Pin", exact=True).click()
    options.click()
    page.get_by_role("button", name="Rename").click()
    new = page.get_by_label("New title")
    new.fill("Bread and ")
    held[0].continue_()
    expect(page.get_by_role("heading", name="Pinned")).to_be_visible()
    expect(new).to_be_focused()
    page.keyboard.type("butter")
    expect(new).to_have_value("Bread and butter")
    new.press("Enter")
    expect(row).to_have_text("Bread and butter")
    page.reload()
    expect(row).to_have_text("Bread and butter")
