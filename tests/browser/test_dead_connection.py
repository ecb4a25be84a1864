"""A connection that is dead without a word, as behind a proxy that forgot it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, begin, last_answer


@pytest.fixture
def page(line, visit, upstream) -> Page:
    """One with a conversation on it."""
    page = visit(base_url=line.url).new_page()
    page.clock.install()
    begin(page, upstream)
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    return page


def test_a_question_that_a_dead_connection_swallowed_is_sent_again(page, line, upstream):
    line.websockets[-1].is_dead = True
    before = len(upstream.requests)
    ask(page, "And cake?")
    page.wait_for_timeout(300)
    expect(page.locator("article")).to_have_count(2)
    page.clock.fast_forward(11_000)
    expect(page.locator("article")).to_have_count(4)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    assert [each.path for each in upstream.requests[before:]] == ["/v1/chat/completions"]


def test_a_connection_that_answers_is_kept(page, line):
    ask(page, "And cake?")
    expect(page.locator("article")).to_have_count(4)
    page.clock.fast_forward(11_000)
    page.wait_for_timeout(300)
    assert len(line.websockets) == 1
