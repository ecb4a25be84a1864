"""What was sent without a connection, and is no longer to be sent when there is one."""

import json

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import ask, last_answer
from tests.browser.test_hidden_tab import BECOME, wait_until_closed


class Tab:
    """One with a conversation on it, which lets go of its connection when it is hidden."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[dict[str, str]] = []
        self.sockets: list[WebSocket] = []
        page.on("websocket", self.watch)

    def watch(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framesent", lambda frame: self.frames.append(json.loads(frame)["body"]))

    def hide(self) -> None:
        self.page.evaluate(BECOME, "hidden")
        wait_until_closed(self.sockets[-1])

    def show(self) -> None:
        """Until it has caught up, which is what it asks for after what it has to send."""
        before = len(self.frames)
        self.page.evaluate(BECOME, "visible")
        while not any(frame["action"] == "catch_up" for frame in self.frames[before:]):
            self.page.wait_for_timeout(50)

    @property
    def asked(self) -> list[str]:
        return [frame["text"] for frame in self.frames if frame["action"] == "ask"]


@pytest.fixture
def tab(visit, upstream) -> Tab:
    tab = Tab(visit(tolerated=("htmx:ws:error",)).new_page())
    upstream.say("Flour.")
    tab.page.goto("/")
    ask(tab.page, "How is bread made?")
    expect(last_answer(tab.page)).to_have_attribute("data-status", "complete")
    expect(tab.page.locator("#connection")).to_have_attribute("data-state", "open")
    return tab


def box(page: Page):
    return page.get_by_role("textbox", name="Message")


def edit(page: Page) -> None:
    question = page.locator("article[data-role=user]")
    question.hover()
    question.get_by_role("button", name="Edit").click()
    expect(box(page)).to_have_value("How is bread made?")


def test_what_was_wiped_out_is_not_followed_by_what_is_written_next(tab):
    tab.hide()
    ask(tab.page, "And cake?")
    box(tab.page).fill("")
    tab.show()
    box(tab.page).fill("Half a question")
    tab.hide()
    tab.show()
    assert tab.asked == []


def test_what_is_still_there_is_sent(tab):
    tab.hide()
    ask(tab.page, "And cake?")
    tab.show()
    expect(tab.page.locator("article")).to_have_count(4)
    assert tab.asked == ["And cake?"]


def test_an_edit_that_is_cancelled_is_not_followed_by_the_draft(tab):
    box(tab.page).fill("A long draft")
    tab.hide()
    edit(tab.page)
    ask(tab.page, "How is cake made?")
    tab.page.get_by_role("button", name="Cancel").click()
    expect(box(tab.page)).to_have_value("A long draft")
    tab.show()
    assert tab.asked == []


def test_an_edit_that_is_begun_is_not_sent_instead(tab):
    tab.hide()
    ask(tab.page, "And cake?")
    edit(tab.page)
    tab.show()
    assert tab.asked == []
