"""Usage and details in Chromium: the plots are drawn under the site's policy, and everybody can read them."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import ask, last_answer
from tests.browser.test_pages import PHONE, overflow, violations

FILL = """
from chat.models import User
from tests.traffic import asked
asked(User.objects.get(username="olga"), model_name="drawn")
"""
PAINTED = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value !== 0);
}"""


def test_usage_is_drawn_told_beside_it_and_fits_a_phone(visit, site):
    site.manage("shell", "-v", "0", "-c", FILL)
    for scheme in ("light", "dark"):
        page = visit(bypass_csp=True, color_scheme=scheme, **PHONE).new_page()
        page.goto("/usage")
        expect(page.get_by_role("row", name="drawn")).to_contain_text("$0.01")
        assert violations(page) == []
        assert overflow(page) <= 0


def test_the_plots_are_drawn_under_the_policy_of_the_site(visit, site):
    site.manage("shell", "-v", "0", "-c", FILL)
    page = visit().new_page()
    page.goto("/")
    page.locator(".account-menu__button").click()
    page.get_by_role("link", name="Usage").click()
    plots = page.locator("canvas[data-plot]")
    expect(plots).to_have_count(3)
    page.wait_for_function("document.querySelector('canvas[data-plot]').style.display === 'block'")
    assert all(plot.evaluate(PAINTED) for plot in plots.all())


def test_an_administrator_reads_usage_and_a_request_on_a_phone(browser, site):
    name = f"req_{'0123456789abcdef' * 2}"
    site.manage("shell", "-v", "0", "-c", FILL.replace('"drawn"', f'"drawn", public_id="{name}"'))
    path = urlsplit(site.manage("create_user", "phone-admin", "--admin").strip()).path
    with browser.new_context(bypass_csp=True, base_url=site.url, **PHONE) as context:
        page = context.new_page()
        page.goto(path)
        page.goto("/admin/usage/")
        contrast = page.get_by_role("link", name="30 days").evaluate("link => getComputedStyle(link).color")
        assert contrast == page.locator("#content").evaluate("text => getComputedStyle(text).color")
        page.goto("/admin/chat/modelrequest/")
        page.locator("#result_list tbody a").first.click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert overflow(page) <= 0


def test_the_details_of_an_answer_come_when_they_are_asked_for(page, upstream):
    upstream.say("Yes.")
    page.goto("/")
    ask(page, "Are there details?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    details = last_answer(page).locator(".details")
    expect(details).to_be_empty()
    last_answer(page).get_by_role("button", name="Details").click()
    expect(details).to_contain_text("Tokens written")
    expect(details).to_contain_text("Complete")
