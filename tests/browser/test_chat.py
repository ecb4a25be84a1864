import re

from playwright.sync_api import expect

from tests.browser.conftest import WORDS, ask, begin, last_answer
from tests.markup.answers import ANSWERS


def test_a_question_is_answered_word_by_word_on_a_page_of_its_own(page, upstream):
    upstream.say(f"{WORDS} " * 10, tokens_per_second=60, holds=["five"])
    page.goto("/")
    ask(page, "Count for me")
    expect(page).to_have_url(re.compile("/c/"))
    expect(page.locator('article[data-role="user"]')).to_contain_text("Count for me")
    expect(last_answer(page)).to_have_attribute("data-status", "streaming")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    expect(last_answer(page)).to_contain_text("five")
    upstream.go_on()
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert last_answer(page).inner_text().count("twelve") == 10


def test_the_end_of_an_answer_leaves_its_text_in_place(page, upstream):
    begin(page, upstream)
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    upstream.say(ANSWERS["mixed"][:2_000], tokens_per_second=200)
    ask(page, "Count for me")
    expect(last_answer(page).locator(".message__content h2").first).to_be_visible()
    page.evaluate("read = document.querySelector('article:last-of-type h2')")
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    assert page.evaluate("read.isConnected")
    looks = (last_answer(page).inner_text(), last_answer(page).bounding_box()["height"])
    page.reload()
    assert (last_answer(page).inner_text(), last_answer(page).bounding_box()["height"]) == looks


def test_the_second_question_is_answered_on_the_same_page(page, upstream):
    upstream.say("First answer.")
    page.goto("/")
    ask(page, "First")
    expect(last_answer(page)).to_contain_text("First answer.")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    upstream.say("Second answer.")
    ask(page, "Second")
    expect(last_answer(page)).to_contain_text("Second answer.")
    expect(page.locator("article")).to_have_count(4)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")


def test_stop_keeps_what_was_written(page, upstream):
    upstream.say(f"{WORDS} " * 100, tokens_per_second=60)
    page.goto("/")
    ask(page, "Count")
    expect(last_answer(page)).to_contain_text("five")
    page.get_by_role("button", name="Stop").click()
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(last_answer(page)).to_contain_text("five")
    assert upstream.wait_closed(1)


def test_a_second_tab_shows_the_same_and_can_stop_it(visit, upstream):
    upstream.say(f"{WORDS} " * 100, tokens_per_second=60)
    context = visit()
    first, second = context.new_page(), context.new_page()
    first.goto("/")
    ask(first, "Count")
    expect(last_answer(first)).to_contain_text("five")
    second.goto(first.url)
    expect(last_answer(second)).to_contain_text("twelve one two")
    second.get_by_role("button", name="Stop").click()
    expect(last_answer(first)).to_have_attribute("data-status", "stopped")
    expect(last_answer(second)).to_have_attribute("data-status", "stopped")


def test_a_reload_in_mid_answer_neither_loses_nor_doubles_text(page, upstream):
    upstream.say(f"{WORDS} " * 20, tokens_per_second=100, holds=["five"])
    page.goto("/")
    ask(page, "Count")
    expect(last_answer(page)).to_contain_text("five")
    page.reload()
    expect(last_answer(page)).to_contain_text("one two three four five")
    upstream.go_on()
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    assert last_answer(page).inner_text().split("one two")[1:].__len__() == 20


def test_a_double_click_sends_once(page, upstream):
    upstream.say("Once.")
    page.goto("/")
    ask(page, "First")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    page.get_by_role("textbox", name="Message").fill("Only once")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.locator("article")).to_have_count(4)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    expect(page.locator('article[data-role="user"]', has_text="Only once")).to_have_count(1)


def test_reasoning_streams_into_a_block_that_folds(page, upstream):
    upstream.say("The answer.", reasoning="Let me think about it. " * 10, tokens_per_second=40)
    page.goto("/")
    ask(page, "Think")
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    summary = last_answer(page).locator("summary")
    expect(summary).to_contain_text(re.compile(r"Thought\s*[\d.]+ s"))
    summary.click()
    expect(last_answer(page).locator("details")).to_contain_text("Let me think about it.")


def test_markdown_that_streams_ends_as_the_page_shows_it_after_a_reload(page, upstream):
    upstream.say(
        "## Title\n\n1. one\n2. two\n\nA sum $a^2$:\n\n$$x = 1$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```python\nprint('hello')\nprint('again')\n```\n\nThe end.",
        tokens_per_second=100,
    )
    page.goto("/")
    ask(page, "Show")
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    # While what came last settles, htmx has it in classes of its own.
    expect(last_answer(page).locator(".message__content [class*=htmx-]")).to_have_count(0)
    streamed = last_answer(page).locator(".message__content").inner_html()
    page.reload()
    assert last_answer(page).locator(".message__content").inner_html() == streamed
    expect(last_answer(page).locator("math")).to_have_count(2)
    expect(last_answer(page).locator("figure pre")).to_contain_text("print('again')")


def test_html_in_what_anybody_writes_is_shown_and_not_run(page, upstream):
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    upstream.say(f"{attack} and text", reasoning=attack)
    page.goto("/")
    ask(page, f"{attack} from me")
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
    expect(last_answer(page)).to_contain_text("<img src=x")
    expect(page.locator('article[data-role="user"]')).to_contain_text("<script>")
    assert "owned" not in page.title()
    assert page.locator("article img").count() == 0


def test_a_conversation_of_somebody_else_does_not_exist(visit, upstream):
    upstream.say("Hers.")
    hers = visit().new_page()
    hers.goto("/")
    ask(hers, "Mine")
    expect(last_answer(hers)).to_have_attribute("data-status", "complete")
    his = visit("stanislav", tolerated=("404",)).new_page()
    assert his.goto(hers.url).status == 404
