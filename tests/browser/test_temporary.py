from playwright.sync_api import expect

from tests.browser.conftest import ask, ends_with, last_answer


def begin(page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Temporary chat").click()
    expect(page.get_by_text("This chat is not kept")).to_be_visible()


def test_it_is_answered_leaves_no_entry_and_is_gone_after_a_reload(page, upstream):
    upstream.say("Under the oak.")
    begin(page)
    with ends_with(page):
        ask(page, "Where is the treasure?")
    expect(last_answer(page)).to_contain_text("Under the oak.")
    expect(page.locator("#conversations")).not_to_contain_text("treasure")
    expect(page.get_by_role("button", name="Attach files")).to_have_count(0)
    page.reload()
    expect(page.locator("article")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    page.goto("/")
    expect(page.locator("#conversations")).not_to_contain_text("treasure")


def test_its_answer_is_copied_and_its_question_edited(visit, upstream):
    page = visit(permissions=["clipboard-read", "clipboard-write"]).new_page()
    upstream.say("Under the oak.")
    begin(page)
    with ends_with(page):
        ask(page, "Where is the treasure?")
    last_answer(page).hover()
    last_answer(page).get_by_role("button", name="Copy").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Under the oak."
    upstream.say("Flour.")
    page.locator('article[data-role="user"]').hover()
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Message").fill("How is bread made?")
    page.get_by_role("button", name="Send").click()
    expect(last_answer(page)).to_contain_text("Flour.")
    expect(page.locator("article")).to_have_count(2)


def test_settings_hold_for_it(page, upstream):
    upstream.say("Aye.")
    begin(page)
    page.get_by_role("button", name="Settings of this chat").click()
    page.get_by_label("System prompt").fill("Be a pirate.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    with ends_with(page):
        ask(page, "Who are you?")
    assert upstream.requests[-1].json["messages"][0]["content"] == "Be a pirate."
