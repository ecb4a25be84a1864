import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, last_answer

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def page(visit) -> Page:
    page = visit(**PHONE).new_page()
    page.goto("/")
    return page


def drawer(page: Page):
    return page.get_by_role("navigation", name="Conversations")


def open_drawer(page: Page) -> None:
    page.get_by_role("button", name="Conversations").tap()
    expect(drawer(page)).to_be_visible()


def test_the_conversations_are_a_drawer_that_its_buttons_open_and_close(page):
    expect(drawer(page)).to_be_hidden()
    open_drawer(page)
    expect(drawer(page).get_by_role("link", name="New chat")).to_be_in_viewport()
    drawer(page).get_by_role("button", name="Close").tap()
    expect(drawer(page)).to_be_hidden()


def test_escape_closes_the_drawer_and_leads_back_to_its_button(page):
    button = page.get_by_role("button", name="Conversations")
    button.focus()
    page.keyboard.press("Enter")
    expect(drawer(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer(page)).to_be_hidden()
    expect(button).to_be_focused()


def test_a_tap_beside_the_drawer_closes_it(page):
    open_drawer(page)
    page.touchscreen.tap(380, 400)
    expect(drawer(page)).to_be_hidden()


def test_choosing_a_conversation_shows_it_without_the_drawer(page, upstream):
    upstream.say("Under the bridge.")
    ask(page, "Where do otters sleep?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    page.get_by_role("link", name="New chat").locator("visible=true").tap()
    open_drawer(page)
    drawer(page).get_by_role("link", name="Where do otters sleep?").tap()
    expect(last_answer(page)).to_contain_text("Under the bridge.")
    expect(drawer(page)).to_be_hidden()


def test_a_long_name_of_a_model_leaves_room_for_the_title(page, upstream):
    upstream.say("Under the bridge.")
    ask(page, "Where do otters sleep?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    name = "a-reasoning-model-with-a-long-name-2026-05-01-instruct-fp8"
    page.locator("#model-name").evaluate("(element, name) => element.textContent = name", name)
    title = page.get_by_role("textbox", name="Title of this conversation").bounding_box()
    model = page.locator("#model-button").bounding_box()
    new = page.locator(".topbar").get_by_role("link", name="New chat").bounding_box()
    assert title["width"] > 50
    assert title["x"] + title["width"] <= model["x"]
    assert new["x"] + new["width"] <= 390


def test_a_short_name_of_a_model_is_shown_whole_beside_a_long_title(page, upstream):
    upstream.say("Under the bridge.")
    ask(page, "Where do otters sleep, and for how long?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    name = page.locator("#model-name")
    name.evaluate("element => element.textContent = 'Demo'")
    # Both as they are laid out, which a whole number of pixels hides.
    needs, has = name.evaluate(
        """element => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return [range.getBoundingClientRect().width, element.getBoundingClientRect().width];
        }"""
    )
    assert has >= needs - 0.02


def test_the_message_box_stays_in_sight_however_long_the_conversation_is(page, upstream):
    box = page.get_by_role("textbox", name="Message")
    expect(box).to_be_in_viewport(ratio=1)
    upstream.say("A paragraph of an answer.\n\n" * 60)
    ask(page, "Long")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    expect(box).to_be_in_viewport(ratio=1)
    page.evaluate("scrollTo(0, 0)")
    expect(box).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)


PARAGRAPH = "A paragraph of an answer, which is long enough to take more than one line on a phone.\n\n"
CODE = "```python\n" + "print('a line of code')\n" * 12 + "```\n\n"
ANSWER = "".join(f"## Part {number}\n\n{PARAGRAPH * 6}{CODE}- one\n- two\n\n" for number in range(40))
# After the page's own observer, and before what it did is painted.
WATCH = """() => {
    window.far = [];
    const root = document.documentElement;
    const look = () => far.push(Math.round(root.scrollHeight - innerHeight - scrollY));
    new ResizeObserver(look).observe(document.getElementById("messages"));
}"""
LEFT = "Math.round(document.documentElement.scrollHeight - innerHeight - scrollY)"


@pytest.mark.parametrize("speed", [1500, 0])
def test_the_page_follows_a_long_answer_to_its_end(page, upstream, speed):
    upstream.say(ANSWER, **({"tokens_per_second": speed} if speed else {}))
    ask(page, "Long")
    expect(page.locator("article")).to_have_count(2)
    # The first turn leads to a page whose own observer is made when it has been read to its end.
    page.wait_for_load_state()
    page.evaluate(WATCH)
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=60_000)
    page.wait_for_timeout(300)
    assert page.evaluate(LEFT) <= 2
    assert page.evaluate("far.filter((left) => left > 2)") == []
    expect(page.get_by_role("button", name="latest")).to_be_hidden()


def test_a_phone_that_is_turned_goes_on_following(page, upstream):
    upstream.say(ANSWER, tokens_per_second=800, holds=["Part 12"])
    ask(page, "Long")
    expect(last_answer(page)).to_contain_text("Part 12")
    page.set_viewport_size({"width": 844, "height": 390})
    upstream.go_on()
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=60_000)
    page.wait_for_timeout(300)
    assert page.evaluate(LEFT) <= 2
