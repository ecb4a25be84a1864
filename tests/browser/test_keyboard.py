from playwright.sync_api import Page, expect

from tests.browser.conftest import WORDS, ask, last_answer

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# A machine that nobody moves a pointer on: nothing hovers there, and Enter is as good as elsewhere.
NO_POINTER = """
const asked = window.matchMedia.bind(window);
window.matchMedia = (query) => (query === "(hover: none)" ? { matches: true } : asked(query));
"""


def box(page: Page):
    return page.get_by_role("textbox", name="Message")


def streaming(page: Page, upstream) -> None:
    upstream.say(f"{WORDS} " * 100, tokens_per_second=60)
    page.goto("/")
    ask(page, "Count")
    expect(last_answer(page)).to_contain_text("five")


def test_enter_sends_where_there_is_no_pointer(visit, upstream):
    upstream.say("Yes.")
    page = visit().new_page()
    page.add_init_script(NO_POINTER)
    page.goto("/")
    box(page).fill("Does it?")
    box(page).press("Enter")
    expect(last_answer(page)).to_contain_text("Yes.")


def test_on_a_phone_enter_makes_a_line_and_with_ctrl_it_sends(visit, upstream):
    upstream.say("Yes.")
    page = visit(**PHONE).new_page()
    page.goto("/")
    box(page).press_sequentially("one")
    box(page).press("Enter")
    box(page).press_sequentially("two")
    expect(box(page)).to_have_value("one\ntwo")
    box(page).press("Control+Enter")
    expect(last_answer(page)).to_contain_text("Yes.")


def test_what_could_not_be_sent_during_an_answer_is_no_longer_wrong_after_it(page, upstream):
    streaming(page, upstream)
    box(page).fill("And now?")
    box(page).press("Enter")
    expect(page.get_by_text("An answer is still being written")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(page.get_by_text("An answer is still being written")).to_have_count(0)
    expect(box(page)).to_have_value("And now?")


def test_who_stops_by_keyboard_goes_on_in_the_message_box(page, upstream):
    streaming(page, upstream)
    box(page).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(box(page)).to_be_focused()


def test_escape_closes_what_is_open_and_then_stops(page, upstream):
    streaming(page, upstream)
    page.get_by_role("button", name="Model:").click()
    page.keyboard.press("Escape")
    expect(page.locator("#model-picker")).to_be_hidden()
    page.get_by_role("button", name="olga").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#account-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#account-menu")).to_be_hidden()
    expect(last_answer(page)).to_have_attribute("data-status", "streaming")
    page.keyboard.press("Escape")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")


def test_escape_in_the_message_box_stops_and_keeps_what_is_written(page, upstream):
    streaming(page, upstream)
    box(page).fill("And then?")
    box(page).press("Escape")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(box(page)).to_have_value("And then?")


def test_arrows_move_in_the_account_menu(page):
    page.goto("/")
    page.get_by_role("button", name="olga").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="System")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("stop the answer")


def test_keys_that_an_input_method_takes_do_nothing_else(page, upstream):
    upstream.say("小麦粉。")
    page.goto("/")
    ask(page, "パンの作り方は")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    page.keyboard.press("ArrowUp")
    text = page.get_by_role("textbox", name="Message")
    text.fill("ケーキの作り方は")
    for key in ({"key": "Escape", "isComposing": True}, {"key": "Enter", "keyCode": 229}):
        text.evaluate(
            "(box, key) => box.dispatchEvent(new KeyboardEvent('keydown', {...key, bubbles: true}))", key
        )
    expect(text).to_have_value("ケーキの作り方は")
    expect(page.locator("#composer-editing")).to_be_visible()
    expect(page.locator("#composer-form")).not_to_have_attribute("data-sending", "")
