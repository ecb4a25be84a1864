from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, ask, last_answer, sign_in
from tests.site import Site


@contextmanager
def tabs(site: Site, browser: Browser, name: str) -> Iterator[tuple[Page, Page]]:
    """Two of somebody who has just signed in; in the first is a conversation."""
    site.manage("create_user", name, "--password", PASSWORD)
    with browser.new_context(base_url=site.url) as context:
        one, two = context.new_page(), context.new_page()
        sign_in(one, site, name)
        ask(one, "How is bread made?")
        expect(last_answer(one)).to_have_attribute("data-status", "complete")
        yield one, two


def test_a_new_password_leaves_the_other_tabs_signed_in(site, browser, upstream):
    upstream.say("Flour.")
    with tabs(site, browser, "petra") as (one, two):
        two.goto("/accounts/password/change/")
        two.get_by_label("Current Password").fill(PASSWORD)
        for box in two.locator("input[name^=password]").all():
            box.fill("a staple of another kind")
        two.get_by_role("button").last.click()
        expect(two.locator("body")).to_contain_text("has been changed")
        ask(one, "And cake?")
        expect(one.locator("article")).to_have_count(4)
        expect(one.locator("#connection")).to_have_attribute("data-state", "open")
        expect(one.get_by_role("textbox", name="Message")).to_have_value("")


def test_whoever_signs_out_in_one_tab_is_told_in_the_other(site, browser, upstream):
    upstream.say("Flour.")
    with tabs(site, browser, "paul") as (page, other):
        other.goto("/accounts/logout/")
        other.get_by_role("button", name="Sign out").click()
        expect(other.get_by_label("Password", exact=True)).to_be_visible()
        ask(page, "And cake?")
        expect(page.locator("#connection")).to_have_attribute("data-state", "signed-out")
        expect(page.get_by_role("textbox", name="Message")).to_have_value("And cake?")


def test_whoever_signs_in_anew_in_one_tab_goes_on_in_the_other(site, browser, upstream):
    upstream.say("Flour.")
    with tabs(site, browser, "petros") as (page, other):
        fresh = page.context.new_page()
        fresh.goto("/")
        other.goto("/accounts/logout/")
        other.get_by_role("button", name="Sign out").click()
        sign_in(other, site, "petros")
        title = page.get_by_label("Title of this conversation")
        title.fill("Bread")
        title.press("Enter")
        expect(page.locator("#conversations .conversation__link")).to_have_text("Bread")
        ask(fresh, "And cake?")
        expect(last_answer(fresh)).to_contain_text("Flour.")
