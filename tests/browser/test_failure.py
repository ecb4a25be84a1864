from playwright.sync_api import expect

from tests.browser.conftest import WORDS, ask, last_answer
from tests.site import Site


def test_a_rate_limit_says_how_long_to_wait_and_retry_works(page, upstream):
    upstream.answer([b'{"error":{"message":"Slow down"}}'], status=429, headers={"retry-after": "20"})
    page.goto("/")
    ask(page, "Hurry")
    expect(last_answer(page)).to_have_attribute("data-status", "failed")
    expect(last_answer(page)).to_contain_text("20 s")
    upstream.say("Here it is.")
    last_answer(page).get_by_role("button", name="Retry").first.click()
    expect(last_answer(page)).to_contain_text("Here it is.")
    expect(page.locator("article")).to_have_count(2)


def test_a_failed_answer_offers_another_model_in_words(page, upstream):
    upstream.answer([b'{"error":{"message":"No"}}'], status=400)
    page.goto("/")
    ask(page, "Try")
    expect(last_answer(page)).to_have_attribute("data-status", "failed")
    expect(last_answer(page).get_by_role("button", name="Retry with another model")).to_be_hidden()
    upstream.say("From the other one.")
    last_answer(page).get_by_role("button", name="Another model").click()
    page.locator("#retry-with").get_by_role("button", name="another-model").click()
    expect(last_answer(page)).to_contain_text("From the other one.")
    expect(last_answer(page)).to_have_attribute("aria-label", "another-model")
    expect(last_answer(page).get_by_role("button", name="Retry with another model")).to_be_visible()


def test_a_refused_key_is_explained_and_not_used_again(browser, upstream, tmp_path):
    upstream.answer([b'{"error":{"message":"Incorrect API key provided: sk-1234"}}'], status=401)
    with Site(tmp_path, COMPATIBLE_BASE_URL=upstream.base_url) as site, browser.new_context() as context:
        site.wait_for_output("model")
        page = context.new_page()
        page.goto(site.sign_in_link)
        ask(page, "Anything")
        expect(last_answer(page)).to_have_attribute("data-status", "failed")
        expect(last_answer(page)).to_contain_text("administrator")
        expect(last_answer(page)).not_to_contain_text("sk-1234")
        page.goto(site.url)
        expect(page.get_by_text("Key refused on")).to_be_visible()


def test_an_answer_that_breaks_off_keeps_its_text(page, upstream):
    event = b'data: {"choices":[{"index":0,"delta":{"content":"Half of it"},"finish_reason":null}]}\n\n'
    upstream.answer([event], then="close")
    page.goto("/")
    ask(page, "Anything")
    expect(last_answer(page)).to_have_attribute("data-status", "failed")
    expect(last_answer(page)).to_contain_text("Half of it")
    expect(last_answer(page).get_by_role("button", name="Continue")).to_be_visible()


def test_a_killed_process_keeps_what_was_written_and_goes_on(browser, upstream, tmp_path):
    upstream.say(f"{WORDS} " * 200, tokens_per_second=50)
    with Site(tmp_path, COMPATIBLE_BASE_URL=upstream.base_url) as site, browser.new_context() as context:
        page = context.new_page()
        page.goto(site.sign_in_link)
        ask(page, "Count")
        expect(last_answer(page)).to_contain_text("twelve one two")
        page.wait_for_timeout(1000)
        site.kill()
        site.start()
        page.reload()
        expect(last_answer(page)).to_have_attribute("data-status", "interrupted")
        expect(last_answer(page)).to_contain_text("twelve one two")
        upstream.say("and so on")
        last_answer(page).get_by_role("button", name="Continue").click()
        expect(last_answer(page)).to_contain_text("and so on")
        expect(last_answer(page)).to_have_attribute("data-status", "complete")


def test_a_tab_comes_back_by_itself_when_the_site_does(browser, upstream, tmp_path):
    upstream.say("An answer.")
    with Site(tmp_path, COMPATIBLE_BASE_URL=upstream.base_url) as site, browser.new_context() as context:
        page = context.new_page()
        page.goto(site.sign_in_link)
        ask(page, "First")
        expect(last_answer(page)).to_have_attribute("data-status", "complete")
        site.stop()
        page.get_by_role("textbox", name="Message").fill("While it is away")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Will be sent when the connection is back.")).to_be_visible()
        site.start()
        expect(page.locator('article[data-role="user"]', has_text="While it is away")).to_have_count(
            1, timeout=15_000
        )
        expect(last_answer(page)).to_have_attribute("data-status", "complete")
        expect(page.get_by_text("Will be sent when the connection is back.")).to_be_hidden()
