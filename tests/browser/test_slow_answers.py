"""Searches that are answered late, and in whatever order the network brings the answers."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import begin, hold
from tests.browser.test_pages import picker

LATE = """(delays) => {
    const fetchAtOnce = window.fetch;
    window.fetch = async (address, request) => {
        const delay = delays.shift() ?? 0;
        const response = await fetchAtOnce(address, request);
        await new Promise((resolve, reject) => {
            request.signal.addEventListener("abort", () => reject(request.signal.reason));
            setTimeout(resolve, delay);
        });
        return response;
    };
}"""


def answer_late(page: Page, *delays: int) -> None:
    """Answers the next requests of the page after so many milliseconds each."""
    page.evaluate(LATE, list(delays))


def listed(page: Page) -> Locator:
    """The search of models, once their list is there."""
    page.goto("/")
    search = picker(page)
    expect(page.get_by_role("option", name="replayed")).to_be_visible()
    return search


def test_enter_in_a_slow_search_takes_the_model_once_it_is_found(visit):
    page = visit().new_page()
    page.goto("/")
    answer_late(page, 600, 600)
    search = picker(page)
    search.press_sequentially("anoth")
    search.press("Enter")
    expect(search).to_be_hidden()
    expect(page.locator("#composer-form [name=model]")).to_have_value("another-model")


def test_an_answer_that_was_overtaken_is_not_shown(visit):
    # The third search is answered before the second, which has taken the place of the first.
    page = visit().new_page()
    page.goto("/")
    answer_late(page, 5_000, 1_500, 0)
    search = picker(page)
    with page.expect_request("**/models?q=replay"):
        search.fill("replay")
    search.fill("another")
    expect(page.get_by_role("option", name="another-model")).to_be_visible()
    page.wait_for_timeout(1_600)
    expect(page.get_by_role("option", name="another-model")).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(1)


def test_hits_that_were_overtaken_are_not_shown(visit, upstream):
    page = visit().new_page()
    begin(page, upstream, "Where do thylacines live?", "Nowhere any more.")
    page.keyboard.press("Control+k")
    answer_late(page, 5_000, 1_500, 0)
    box = page.get_by_role("searchbox", name="Search titles and messages")
    for words in ("xylo", "xylophonist"):
        with page.expect_request(f"**/search?q={words}"):
            box.fill(words)
    box.fill("thylacines")
    expect(page.locator("#found mark").first).to_have_text("thylacines")
    page.wait_for_timeout(1_600)
    expect(page.locator("#found mark").first).to_have_text("thylacines")


def test_a_search_that_was_overtaken_may_fail(visit):
    page = visit(tolerated=("500",)).new_page()
    search = listed(page)
    held = hold(page, "**/models?q=*")
    with page.expect_request("**/models?q=replay"):
        search.fill("replay")
    with page.expect_request("**/models?q=another"):
        search.fill("another")
        search.press("Enter")
    with page.expect_response("**/models?q=replay"):
        held[0].fulfill(status=500)
    held[1].continue_()
    expect(search).to_be_hidden()
    expect(page.locator("#composer-form [name=model]")).to_have_value("another-model")
    expect(page.locator("#page-notice")).to_be_empty()


def test_enter_waits_for_the_search_that_is_under_way_and_asks_no_second_time(visit):
    page = visit().new_page()
    search = listed(page)
    held = hold(page, "**/models?q=*")
    with page.expect_request("**/models?q=another"):
        search.fill("another")
    search.press("Enter")
    held[0].continue_()
    expect(search).to_be_hidden()
    expect(page.locator("#composer-form [name=model]")).to_have_value("another-model")
    assert len(held) == 1


def test_a_search_without_an_answer_says_so_after_a_minute(visit):
    page = visit(tolerated=("AbortError",)).new_page()
    page.clock.install()
    search = listed(page)
    held = hold(page, "**/models?q=another")
    with page.expect_request("**/models?q=another"):
        search.fill("another")
        page.clock.run_for(1_000)
    page.clock.fast_forward(61_000)
    expect(page.locator("#page-notice")).to_contain_text("That did not work.")
    held[0].abort()
