"""Versions of a message: arrows, retry with another model, edits, deletion with undo, two tabs."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import WORDS, ask, last_answer

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def answered(page: Page, upstream, question: str, answer: str) -> None:
    upstream.say(answer)
    ask(page, question)
    expect(last_answer(page)).to_contain_text(answer)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")


def retry(page: Page, upstream, answer: str) -> None:
    upstream.say(answer)
    last_answer(page).get_by_role("button", name="Retry", exact=True).click()
    expect(last_answer(page)).to_contain_text(answer)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")


def begun(page: Page, upstream) -> None:
    page.goto("/")
    answered(page, upstream, "How is bread made?", "With flour.")


def place(page: Page):
    return page.locator(".versions__place")


def arrow(page: Page, name: str):
    return page.get_by_role("link", name=f"{name} version")


def test_arrows_lead_between_the_answers_and_the_address_and_a_reload_keep_the_one_shown(page, upstream):
    begun(page, upstream)
    retry(page, upstream, "With rye.")
    expect(place(page)).to_have_text("2/2")
    arrow(page, "Previous").click()
    expect(last_answer(page)).to_contain_text("With flour.")
    expect(place(page)).to_have_text("1/2")
    page.reload()
    expect(last_answer(page)).to_contain_text("With flour.")
    arrow(page, "Next").click()
    expect(last_answer(page)).to_contain_text("With rye.")
    page.go_back()
    expect(last_answer(page)).to_contain_text("With flour.")


def test_the_arrows_work_by_keyboard_and_keep_the_focus_and_their_place(page, upstream):
    begun(page, upstream)
    retry(page, upstream, "\n\n".join(["With rye."] * 60))
    previous = arrow(page, "Previous")
    previous.focus()
    before = previous.bounding_box()
    page.keyboard.press("Enter")
    expect(place(page)).to_have_text("1/2")
    expect(arrow(page, "Next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(place(page)).to_have_text("2/2")
    expect(arrow(page, "Previous")).to_be_focused()
    assert abs(previous.bounding_box()["y"] - before["y"]) <= 2


def test_any_question_can_be_edited_and_what_followed_the_first_stays_with_it(page, upstream):
    begun(page, upstream)
    answered(page, upstream, "And cake?", "With sugar.")
    first = page.locator('article[data-role="user"]').first
    first.hover()
    first.get_by_role("button", name="Edit").click()
    answered(page, upstream, "How is pie made?", "With apples.")
    expect(page.locator("article")).to_have_count(2)
    expect(place(page)).to_have_text("2/2")
    arrow(page, "Previous").click()
    expect(page.locator("article")).to_have_count(4)
    expect(last_answer(page)).to_contain_text("With sugar.")


def test_an_answer_is_asked_of_another_model(page, upstream):
    begun(page, upstream)
    upstream.say("With spelt.")
    last_answer(page).get_by_role("button", name="Retry with another model").click()
    page.locator("#retry-with").get_by_role("button", name="another-model").click()
    expect(last_answer(page)).to_contain_text("With spelt.")
    expect(last_answer(page)).to_have_attribute("aria-label", "another-model")
    expect(page.locator("#retry-with")).to_be_hidden()
    assert upstream.requests[-1].json["model"] == "another-model"


def test_an_answer_in_the_middle_is_retried_on_a_branch_of_its_own(page, upstream):
    begun(page, upstream)
    answered(page, upstream, "And cake?", "With sugar.")
    upstream.say("With rye.")
    first = page.locator('article[data-role="assistant"]').first
    first.hover()
    first.get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator("article")).to_have_count(2)
    expect(last_answer(page)).to_contain_text("With rye.")
    arrow(page, "Previous").click()
    expect(page.locator("article")).to_have_count(4)


def test_an_edited_answer_is_a_version_that_says_so(page, upstream):
    begun(page, upstream)
    asked = len(upstream.requests)
    last_answer(page).get_by_role("button", name="Edit").click()
    box = page.get_by_role("textbox", name="The answer")
    expect(box).to_be_focused()
    expect(box).to_have_value("With flour.")
    box.fill("With *love*.")
    page.get_by_role("button", name="Keep as a version").click()
    expect(last_answer(page).locator("em")).to_have_text("love")
    expect(last_answer(page)).to_contain_text("Edited by you")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(place(page)).to_have_text("2/2")
    assert len(upstream.requests) == asked
    arrow(page, "Previous").click()
    expect(last_answer(page)).to_contain_text("With flour.")


def test_a_stopped_answer_is_continued(page, upstream):
    page.goto("/")
    upstream.say(f"{WORDS} " * 100, tokens_per_second=60)
    ask(page, "Count")
    expect(last_answer(page)).to_contain_text("five")
    page.get_by_role("button", name="Stop").click()
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    upstream.say("and so on.")
    page.get_by_role("button", name="Continue").click()
    expect(last_answer(page)).to_contain_text("and so on.")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    expect(place(page)).to_have_count(0)


def test_a_deleted_version_can_be_brought_back(page, upstream):
    begun(page, upstream)
    retry(page, upstream, "With rye.")
    last_answer(page).get_by_role("button", name="Delete with what follows").click()
    expect(last_answer(page)).to_contain_text("With flour.")
    expect(place(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(last_answer(page)).to_contain_text("With rye.")
    expect(place(page)).to_have_text("2/2")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_a_deleted_turn_leaves_what_came_before_it(page, upstream):
    begun(page, upstream)
    answered(page, upstream, "And cake?", "With sugar.")
    last = page.locator('article[data-role="user"]').last
    last.hover()
    last.get_by_role("button", name="Delete with what follows").click()
    expect(page.locator("article")).to_have_count(2)
    page.reload()
    expect(page.locator("article")).to_have_count(2)
    answered(page, upstream, "And pie?", "With apples.")
    expect(page.locator("article")).to_have_count(4)


def test_two_tabs_on_two_branches_do_not_disturb_each_other(visit, upstream):
    context = visit()
    one, two = context.new_page(), context.new_page()
    begun(one, upstream)
    two.goto(one.url)
    expect(last_answer(two)).to_contain_text("With flour.")
    upstream.say(f"{WORDS} " * 15, tokens_per_second=100, holds=["five"])
    last_answer(one).get_by_role("button", name="Retry", exact=True).click()
    expect(last_answer(one)).to_contain_text("five")
    expect(two.get_by_text("being written on another branch")).to_be_visible()
    expect(place(two)).to_have_text("1/2")
    upstream.go_on()
    expect(last_answer(one)).to_have_attribute("data-status", "complete", timeout=10_000)
    expect(two.get_by_text("being written on another branch")).to_have_count(0)
    answered(two, upstream, "And cake?", "With sugar.")
    expect(one.locator("article")).to_have_count(2)
    answered(one, upstream, "And pie?", "With apples.")
    for page, answer in ((one, "With apples."), (two, "With sugar.")):
        expect(page.locator("article")).to_have_count(4)
        page.reload()
        expect(last_answer(page)).to_contain_text(answer)


def test_the_hint_leads_to_the_answer_that_is_being_written(visit, upstream):
    context = visit()
    one, two = context.new_page(), context.new_page()
    begun(one, upstream)
    two.goto(one.url)
    expect(last_answer(two)).to_contain_text("With flour.")
    upstream.say(f"{WORDS} " * 20, tokens_per_second=100, holds=["five"])
    last_answer(one).get_by_role("button", name="Retry", exact=True).click()
    two.get_by_role("link", name="Show it").click()
    expect(last_answer(two)).to_contain_text("five")
    upstream.go_on()
    expect(last_answer(two)).to_have_attribute("data-status", "complete", timeout=10_000)
    assert last_answer(two).inner_text().count("twelve") == 20


def test_an_arrow_opens_the_other_version_in_a_tab_of_its_own(visit, upstream):
    context = visit()
    page = context.new_page()
    begun(page, upstream)
    retry(page, upstream, "With rye.")
    with context.expect_page() as opened:
        arrow(page, "Previous").click(modifiers=["Control"])
    expect(last_answer(opened.value)).to_contain_text("With flour.")
    expect(last_answer(page)).to_contain_text("With rye.")


def test_on_a_phone_the_arrows_are_large_enough_and_nothing_is_too_wide(visit, upstream):
    page = visit(**PHONE).new_page()
    begun(page, upstream)
    retry(page, upstream, "With rye.")
    for name in ("Previous", "Next"):
        box = page.locator(f'[data-version="{name.lower()}"]').bounding_box()
        assert min(box["width"], box["height"]) >= 44
    first = page.locator('article[data-role="user"]').first
    first.get_by_role("button", name="Edit").click()
    answered(page, upstream, "How is pie made?", "With apples.")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_versions_dialogs_and_hints_are_accessible(visit, upstream, scheme):
    page = visit(bypass_csp=True, color_scheme=scheme).new_page()
    begun(page, upstream)
    retry(page, upstream, "With rye.")
    assert violations(page) == []
    last_answer(page).get_by_role("button", name="Retry with another model").click()
    expect(page.locator("#retry-with .menu__item").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    last_answer(page).get_by_role("button", name="Edit").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    last_answer(page).get_by_role("button", name="Delete with what follows").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def test_a_page_opened_at_a_message_far_up_shows_it_and_loads_what_follows(page, upstream):
    begun(page, upstream)
    first = page.locator("article").first.get_attribute("data-message")
    for number in range(16):
        answered(page, upstream, f"Question {number}?", "Yes.")
        expect(page.locator('article[data-role="assistant"]')).to_have_count(number + 2)
    address = re.sub(r"\?.*", "", page.url)
    page.goto(f"{address}?at={first}")
    expect(page.locator("article").first).to_be_in_viewport()
    answered(page, upstream, "And now?", "Indeed.")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator("[data-later]")).to_have_count(0)
    expect(page.locator("article")).to_have_count(36)
    asked = page.locator('article[data-role="user"] .message__said').all_inner_texts()
    assert asked == ["How is bread made?", *(f"Question {number}?" for number in range(16)), "And now?"]
