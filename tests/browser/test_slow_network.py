"""A page whose scripts come late, and in whatever order the network brings them."""

import time

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import ask, begin, hold, last_answer

OFFLINE = ("ERR_INTERNET_DISCONNECTED",)
WAITS = "Will be sent when the connection is back."


def scripts(page: Page) -> list[str]:
    return page.evaluate("[...document.scripts].map((script) => script.src).filter(Boolean)")


def come_late(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def test_the_page_connects_whichever_of_its_scripts_comes_last(visit, page, upstream):
    upstream.say("Flour, water and salt.")
    page.goto("/")
    ask(page, "How is bread made?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    for script in scripts(page):
        tab = visit().new_page()
        tab.route(script, come_late)
        with tab.expect_websocket(timeout=5_000):
            tab.goto(page.url)
        tab.close()


def test_what_is_written_before_the_scripts_are_there_is_kept_and_sent_by_them(visit, page, upstream):
    begin(page, upstream)
    tab = visit().new_page()
    held = hold(tab, "**/*.js*")
    tab.goto(page.url, wait_until="commit")
    tab.get_by_role("textbox", name="Message").fill("And cake?")
    send = tab.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    send.evaluate("button => button.form.submit()")
    upstream.say("Sugar.")
    for route in held:
        route.continue_()
    tab.unroute("**/*.js*")
    send.click()
    expect(last_answer(tab)).to_contain_text("Sugar.")
    expect(tab.locator(".message__said").last).to_have_text("And cake?")


def test_the_first_message_of_a_chat_waits_for_the_network(visit, upstream):
    upstream.say("Flour.")
    context = visit(tolerated=OFFLINE)
    page = context.new_page()
    page.goto("/")
    context.set_offline(True)
    ask(page, "How is bread made?")
    expect(page.get_by_text(WAITS)).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("How is bread made?")
    context.set_offline(False)
    expect(last_answer(page)).to_contain_text("Flour.")
    expect(page.locator("article")).to_have_count(2)


def asked_offline(context: BrowserContext) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    context.set_offline(True)
    ask(page, "How is bread made?")
    expect(page.get_by_text(WAITS)).to_be_visible()
    return page


def test_the_first_message_says_that_it_waits_for_as_long_as_it_does(visit):
    page = asked_offline(visit(tolerated=OFFLINE))
    page.clock.fast_forward(6_000)
    page.clock.run_for(2_000)
    expect(page.get_by_text(WAITS)).to_be_visible()


def test_a_first_message_that_was_wiped_out_is_not_followed_by_what_is_written_next(visit):
    context = visit(tolerated=OFFLINE)
    page = asked_offline(context)
    message = page.get_by_role("textbox", name="Message")
    message.fill("")
    expect(page.get_by_text(WAITS)).to_be_hidden()
    message.fill("Half a question")
    context.set_offline(False)
    page.clock.run_for(2_000)
    page.reload()
    expect(message).to_have_value("Half a question")
