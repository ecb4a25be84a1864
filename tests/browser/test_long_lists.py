"""What is longer than a page of it: a conversation of 80 messages, and a sidebar of 96 conversations."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.site import Site

QUESTIONS = [f"Question {number}" for number in range(40)]
TITLES = [f"Conversation {number}" for number in range(95, 0, -1)]
FILL = """
from uuid import uuid4
from chat.models import Conversation, LanguageModel, User
reader = User.objects.get(username="reader")
for number in range(1, 96):
    Conversation.objects.create(owner=reader, title=f"Conversation {number}")
model = LanguageModel.objects.get(model_id="replayed")
conversation = Conversation.objects.create(owner=reader, title="The long one")
for number in range(40):
    turn = conversation.ask(f"Question {number}", model=model, turn_id=uuid4())
    turn.answer.status = "complete"
    turn.answer.content = [{"type": "text", "text": "A paragraph.\\n\\n" * (1 + number % 5)}]
    turn.answer.save(update_fields=["status", "content"])
"""
# The message that is being read, and where in the window it stands.
READ = """() => {
  const article = [...document.querySelectorAll("article")].find((each) => each.getBoundingClientRect().bottom > 400);
  return [article.id, article.getBoundingClientRect().top];
}"""


@pytest.fixture(scope="module")
def cookies(browser, site: Site):
    site.manage("create_user", "reader", "--password", PASSWORD)
    site.manage("shell", "-c", FILL)
    with browser.new_context() as context:
        sign_in(context.new_page(), site, "reader")
        return context.cookies()


@pytest.fixture
def page(visit, cookies) -> Page:
    context = visit(None)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/")
    return page


def questions(page: Page):
    return page.locator('article[data-role="user"] .message__said')


def titles(page: Page):
    return page.locator(".conversation__link")


def open_the_long_one(page: Page) -> None:
    page.get_by_role("link", name="The long one").click()
    expect(page.get_by_role("heading", name="The long one")).to_be_attached()
    # Where its script takes the reader, and would take back one who is faster.
    expect(page.locator("article").last).to_be_in_viewport()


def test_a_long_conversation_opens_at_its_end_with_the_latest_messages_only(page):
    open_the_long_one(page)
    page.wait_for_timeout(300)
    assert questions(page).all_inner_texts() == QUESTIONS[-15:]


def test_scrolling_up_loads_every_earlier_message_once_and_in_order(page):
    open_the_long_one(page)
    page.mouse.move(700, 300)
    deadline = time.monotonic() + 20
    while page.evaluate("scrollY") or page.locator("[data-earlier]").count():
        assert time.monotonic() < deadline
        page.mouse.wheel(0, -700)
        page.wait_for_timeout(30)
    assert questions(page).all_inner_texts() == QUESTIONS
    expect(page.locator("article")).to_have_count(80)
    assert (
        page.evaluate("new Set([...document.querySelectorAll('article')].map((each) => each.id)).size") == 80
    )


def test_what_is_being_read_stays_in_place_while_earlier_messages_come_in(page):
    open_the_long_one(page)
    # By hand, or else the page could take it for the browser's doing, and go back to the end.
    message, top = page.evaluate(f"dispatchEvent(new WheelEvent('wheel')), scrollTo(0, 0), ({READ})()")
    expect(page.locator("article")).not_to_have_count(30)
    page.wait_for_timeout(200)
    assert page.evaluate(READ) == [message, pytest.approx(top, abs=2)]


def test_the_list_of_conversations_begins_with_the_latest_and_grows_as_it_is_scrolled(page):
    page.wait_for_timeout(300)
    assert titles(page).all_inner_texts() == ["The long one", *TITLES[:39]]
    for length in (80, 96):
        titles(page).last.scroll_into_view_if_needed()
        expect(titles(page)).to_have_count(length)
    assert titles(page).all_inner_texts() == ["The long one", *TITLES]
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    expect(page.locator(".sidebar__day")).to_have_count(1)


def test_the_edit_of_a_question_far_up_survives_a_reload(page):
    open_the_long_one(page)
    page.get_by_role("button", name="Show earlier messages").evaluate("(button) => button.click()")
    question = page.locator("article", has=page.get_by_text("Question 12", exact=True))
    question.get_by_role("button", name="Edit").click()
    message = page.get_by_role("textbox", name="Message")
    message.fill("Another question")
    page.reload()
    expect(page.locator("#composer-editing")).to_be_visible()
    expect(message).to_have_value("Another question")


def test_the_edit_of_a_question_that_is_gone_is_a_draft_after_a_reload(page):
    open_the_long_one(page)
    page.locator("article[data-role=user]").last.get_by_role("button", name="Edit").click()
    message = page.get_by_role("textbox", name="Message")
    message.fill("Another question")
    edit = "JSON.parse(sessionStorage.getItem(`edit:${location.pathname}`))"
    gone = "{ message: 'AAAAAAAAAAAAAAAAAAAAAA' }"
    page.evaluate(
        f"sessionStorage.setItem(`edit:${{location.pathname}}`, JSON.stringify({{ ...{edit}, ...{gone} }}))"
    )
    page.reload()
    expect(message).to_have_value("Another question")
    expect(page.locator("#composer-editing")).to_be_hidden()
