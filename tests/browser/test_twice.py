"""What is pressed twice, or again after it failed, on a network that takes its time."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import ask, begin, last_answer
from tests.browser.test_attachments import NOTES, choose

FAILURE = "That did not work."


def press_twice(page: Page, button: Locator, address: str) -> None:
    """The second time before the first has its answer."""
    held: list[Route] = []
    page.route(address, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(address):
        button.dblclick()
    with page.expect_response(address):
        held[0].continue_()


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


def test_what_is_taken_off_twice_is_not_a_failure(visit):
    page = visit().new_page()
    page.goto("/")
    choose(page, NOTES)
    press_twice(page, page.get_by_role("button", name="Remove notes.txt"), "**/remove")
    expect(page.locator("#composer-attachments .chip")).to_have_count(0)
    page.wait_for_timeout(300)
    expect(page.locator("#page-notice")).to_be_empty()


def test_what_is_brought_back_twice_is_not_a_failure(page, upstream):
    begin(page, upstream)
    page.goto("/")
    row = page.locator("#conversations .conversation").first
    row.hover()
    row.get_by_role("button").first.click()
    row.get_by_role("button", name="Delete").click()
    press_twice(page, page.get_by_role("button", name="Undo"), "**/restore")
    expect(page.locator("#page-notice")).to_contain_text("Back from the trash.")
    page.wait_for_timeout(300)
    expect(page.locator("#page-notice")).to_contain_text("Back from the trash.")


def test_a_deleted_turn_is_brought_back_once(page, upstream):
    begin(page, upstream)
    ask(page, "And cake?")
    expect(page.locator("article")).to_have_count(4)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    question = page.locator("article[data-role=user]").last
    question.hover()
    question.get_by_role("button", name="Delete with what follows").click()
    expect(page.locator("article")).to_have_count(2)
    page.get_by_role("button", name="Undo").dblclick()
    expect(page.locator("article")).to_have_count(4)
    page.wait_for_timeout(300)
    expect(page.locator("#composer-notice")).to_be_empty()


def test_a_dialog_that_is_opened_twice_keeps_what_is_written_in_it(page, upstream):
    begin(page, upstream)
    edit = last_answer(page).get_by_role("button", name="Edit")
    press_twice(page, edit, "**/revision")
    answer = page.get_by_label("The answer, with its markdown")
    answer.fill("Flour and water.")
    page.wait_for_timeout(300)
    expect(answer).to_have_value("Flour and water.")
    page.get_by_role("button", name="Cancel").click()
    press_twice(page, page.get_by_role("button", name="Settings of this chat"), "**/settings?*")
    prompt = page.get_by_label("System prompt")
    prompt.fill("Be brief.")
    page.wait_for_timeout(300)
    expect(prompt).to_have_value("Be brief.")


def name_a_preset(page: Page, name: str) -> Locator:
    page.goto("/")
    page.get_by_role("button", name="Settings of this chat").click()
    page.get_by_text("Keep as a preset").click()
    box = page.get_by_label("Name of the preset")
    box.fill(name)
    return box


def forget_presets(page: Page) -> None:
    page.goto("/presets")
    while page.get_by_role("link", name="Delete").count():
        page.get_by_role("link", name="Delete").first.click()
        page.get_by_role("button", name="Delete it").click()
        page.wait_for_url("**/presets")


def test_enter_in_the_name_of_a_preset_keeps_it(page):
    name_a_preset(page, "Bakery").press("Enter")
    expect(page.get_by_text("“Bakery” is kept.")).to_be_visible()
    expect(page.locator("#settings")).to_be_visible()
    forget_presets(page)


def test_a_preset_that_is_kept_twice_is_kept_once(page):
    name_a_preset(page, "Bakery")
    press_twice(page, page.get_by_role("button", name="Keep", exact=True), "**/presets/new")
    expect(page.get_by_text("“Bakery” is kept.")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.get_by_text("“Bakery” is kept.")).to_be_visible()
    forget_presets(page)


def test_a_failure_is_told_in_front_of_the_dialog_in_which_it_happened(visit):
    page = visit(tolerated=("Failed to",)).new_page()
    page.goto("/")
    page.get_by_role("button", name="Settings of this chat").click()
    page.get_by_label("System prompt").fill("Be brief.")
    page.route("**/settings", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#page-notice:popover-open")).to_contain_text(FAILURE)


def test_an_answer_that_could_not_be_kept_by_hand_says_so_and_can_be_kept_again(visit, upstream):
    page = visit(tolerated=("htmx:ws:error",)).new_page()
    begin(page, upstream)
    last_answer(page).get_by_role("button", name="Edit").click()
    page.get_by_label("The answer, with its markdown").fill("Flour and water.")
    with page.expect_websocket():
        page.evaluate("""() => {
            htmx.ext.ws.getRegistry().get(`/ws${location.pathname}`).socket.close();
            document.querySelector("#revision button[type=submit]").click();
        }""")
        expect(page.get_by_text(FAILURE)).to_be_visible()
    page.get_by_role("button", name="Keep as a version").click()
    expect(last_answer(page)).to_contain_text("Flour and water.")
