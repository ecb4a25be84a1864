import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, hold, last_answer

MARKDOWN = "## Bread\n\nFlour **and** water:\n\n```python\nbake('bread')\n\nif hungry < 1:\n    eat()\n```\n\nThe end."
CODE = "bake('bread')\n\nif hungry < 1:\n    eat()"
# As Safari has it: what a page copies later than in the moment of the click is refused.
ONLY_AT_A_CLICK = """
let isClicked = false;
addEventListener("click", () => {
    isClicked = true;
    setTimeout(() => (isClicked = false));
}, { capture: true });
for (const name of ["write", "writeText"]) {
    const copy = Clipboard.prototype[name];
    Clipboard.prototype[name] = function (given) {
        return isClicked ? copy.call(this, given) : Promise.reject(new DOMException("", "NotAllowedError"));
    };
}
"""
WITHOUT_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })"


@pytest.fixture
def page(visit) -> Page:
    return visit(permissions=["clipboard-read", "clipboard-write"]).new_page()


def clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def get_answer(page: Page, upstream) -> None:
    upstream.say(MARKDOWN)
    page.goto("/")
    ask(page, "How is *bread* made?\n\n    Slowly?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")


def test_a_block_of_code_is_copied_without_its_colours(page, upstream):
    get_answer(page, upstream)
    button = page.locator("figure").get_by_role("button", name="Copy")
    button.click()
    expect(page.locator("figure").get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(page).rstrip("\n") == CODE
    expect(button).to_have_text("Copy", timeout=3000)


def test_an_answer_is_copied_with_its_markdown(page, upstream):
    get_answer(page, upstream)
    last_answer(page).locator("[data-copy-from]").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert clipboard(page) == MARKDOWN


def test_an_answer_is_copied_as_it_is_shown_where_the_site_cannot_be_reached(visit, upstream):
    context = visit(tolerated=("Failed to", "ERR_"), permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    get_answer(page, upstream)
    page.route("**/m/*.md", lambda route: route.abort())
    last_answer(page).locator("[data-copy-from]").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert CODE.split("\n")[0] in clipboard(page)


def test_a_question_is_copied_as_it_was_typed(page, upstream):
    get_answer(page, upstream)
    question = page.locator('article[data-role="user"]')
    question.hover()
    question.get_by_role("button", name="Copy").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert clipboard(page) == "How is *bread* made?\n\n    Slowly?"


def test_code_is_copied_where_the_browser_has_no_clipboard_for_want_of_https(page, upstream):
    page.add_init_script(WITHOUT_CLIPBOARD)
    get_answer(page, upstream)
    page.locator("figure").get_by_role("button", name="Copy").click()
    expect(page.locator("figure").get_by_role("button", name="Copied")).to_be_visible()
    reader = page.context.new_page()
    reader.goto("/")
    assert clipboard(reader).rstrip("\n") == CODE


def test_an_answer_is_copied_where_a_page_may_copy_in_the_moment_of_a_click_only(page, upstream):
    page.add_init_script(ONLY_AT_A_CLICK)
    get_answer(page, upstream)
    held = hold(page, "**/m/*.md")
    with page.expect_request("**/m/*.md"):
        last_answer(page).locator("[data-copy-from]").click()
    page.evaluate("new Promise((resolve) => setTimeout(resolve))")
    held[0].continue_()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert clipboard(page) == MARKDOWN
    page.locator("figure").get_by_role("button", name="Copy").click()
    expect(page.locator("figure").get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(page).rstrip("\n") == CODE
