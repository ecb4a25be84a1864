"""A hidden tab lets go of its connection. Chromium without a screen hides none, so the page is told it was."""

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import ask, last_answer
from tests.replay import ReplayServer

LINES = "\n".join(f"{number}. This is line {number} of **many**." for number in range(1, 41))
BECOME = """(state) => {
  Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def sockets(page: Page) -> list[WebSocket]:
    """The connections of the page, the latest last."""
    opened: list[WebSocket] = []
    page.on("websocket", lambda socket: opened.append(socket))
    return opened


def begin(page: Page, upstream: ReplayServer, *holds: str) -> None:
    """In the middle of an answer, which goes on when it is told to."""
    upstream.say(LINES, tokens_per_second=120, holds=["line 5 ", *holds])
    page.goto("/")
    ask(page, "Count")
    expect(last_answer(page)).to_contain_text("line 5")


def hide(page: Page, socket: WebSocket) -> None:
    page.evaluate(BECOME, "hidden")
    wait_until_closed(socket)


def wait_until_closed(socket: WebSocket) -> None:
    if not socket.is_closed():
        socket.wait_for_event("close")


def show(page: Page) -> None:
    page.evaluate(BECOME, "visible")


def has_every_line_once(page: Page) -> bool:
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    lines = last_answer(page).locator(".message__content li").all_inner_texts()
    return lines == [f"This is line {number} of many." for number in range(1, 41)]


def test_a_tab_shown_again_in_mid_answer_goes_on_where_the_answer_is(page, upstream, sockets):
    begin(page, upstream, "line 20 ")
    hide(page, sockets[-1])
    upstream.go_on()
    page.wait_for_timeout(500)
    expect(last_answer(page)).not_to_contain_text("line 6")
    show(page)
    expect(last_answer(page)).to_contain_text("line 20")
    expect(last_answer(page)).to_have_attribute("data-status", "streaming")
    upstream.go_on()
    assert has_every_line_once(page)
    expect(page.locator("article")).to_have_count(2)


def test_a_tab_hidden_and_shown_many_times_in_mid_answer_doubles_nothing(page, upstream, sockets):
    begin(page, upstream)
    upstream.go_on()
    for _ in range(4):
        with page.expect_websocket():
            hide(page, sockets[-1])
            page.wait_for_timeout(100)
            show(page)
        page.wait_for_timeout(100)
    assert has_every_line_once(page)
    expect(page.locator("article")).to_have_count(2)


def test_a_tab_shown_after_the_answer_ended_shows_the_whole_of_it(visit, page, upstream, sockets):
    begin(page, upstream)
    hide(page, sockets[-1])
    upstream.go_on()
    other = visit().new_page()
    other.goto(page.url)
    assert has_every_line_once(other)
    expect(last_answer(page)).to_have_attribute("data-status", "streaming")
    show(page)
    assert has_every_line_once(page)
    expect(page.locator("article")).to_have_count(2)
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_question_asked_elsewhere_is_there_when_the_tab_is_shown(visit, page, upstream, sockets):
    upstream.say(LINES)
    page.goto("/")
    ask(page, "Count")
    assert has_every_line_once(page)
    hide(page, sockets[-1])
    other = visit().new_page()
    other.goto(page.url)
    ask(other, "Again")
    expect(other.locator("article")).to_have_count(4)
    expect(page.locator("article")).to_have_count(2)
    show(page)
    expect(page.locator("article")).to_have_count(4)
    assert has_every_line_once(page)


def test_a_tab_shown_before_its_connection_has_closed_connects_anew(page, upstream):
    begin(page, upstream)
    with page.expect_websocket():
        page.evaluate(f"(become => (become('hidden'), become('visible')))({BECOME})")
    upstream.go_on()
    assert has_every_line_once(page)


def test_a_tab_opened_in_the_background_connects_for_good_once_it_is_shown(visit, page, upstream):
    upstream.say(LINES)
    page.goto("/")
    ask(page, "Count")
    assert has_every_line_once(page)
    background = visit().new_page()
    background.add_init_script(f"({BECOME})('hidden')")
    with background.expect_websocket() as opened:
        background.goto(page.url)
    wait_until_closed(opened.value)
    with background.expect_websocket():
        show(background)
    ask(page, "Again")
    expect(background.locator("article")).to_have_count(4)
    assert has_every_line_once(background)


def test_a_tab_shown_again_where_nothing_gets_through_says_that_it_connects(line, visit, upstream):
    page = visit(base_url=line.url).new_page()
    upstream.say("Flour.")
    page.goto("/")
    with page.expect_websocket() as opened:
        ask(page, "How is bread made?")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    line.is_dead = True
    hide(page, opened.value)
    show(page)
    expect(page.get_by_text("Connecting…", exact=True)).to_be_visible()
