import json

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, ask, ends_with, sign_in
from tests.browser.test_pages import PHONE, overflow, violations
from tests.transfer.exports import chatgpt, chatgpt_node


def export(*numbers: int) -> bytes:
    nodes = (
        chatgpt_node("1", "root", "system", "Be brief."),
        chatgpt_node("2", "1", "user", "How is bread made?"),
        chatgpt_node("3", "2", "assistant", "With **flour**."),
    )
    conversations = [
        chatgpt(*nodes, conversation_id=str(number), title=f"Imported bread {number}") for number in numbers
    ]
    return json.dumps(conversations).encode()


def bring(page, *numbers: int) -> None:
    page.goto("/transfer")
    page.get_by_label("Exported file").set_input_files(
        {"name": "conversations.json", "mimeType": "application/json", "buffer": export(*numbers)}
    )
    page.get_by_role("button", name="Import", exact=True).click()


def test_an_export_of_another_product_is_imported_and_read(visit):
    page = visit().new_page()
    bring(page, 1)
    expect(page.get_by_text("1 conversation taken").first).to_be_visible(timeout=15_000)
    page.get_by_text("What could not be taken").first.click()
    expect(page.get_by_text("A system prompt")).to_be_visible()
    expect(page.get_by_role("link", name="See them").first).to_be_visible()
    # Others that have talked here since stand before it in the list.
    page.goto("/search?q=Imported+bread")
    page.get_by_role("link", name="Imported bread 1").first.click()
    expect(page.locator("article strong")).to_have_text("flour")


def test_what_was_imported_first_can_be_exported_at_once(visit, site):
    pages = []
    for name in ("nadia", "bruno"):
        site.manage("create_user", name, "--password", PASSWORD)
        pages.append(visit(None).new_page())
        sign_in(pages[-1], site, name)
    page, before = pages
    # It waits behind a longer one, so that its end comes to a page that has begun to ask for it.
    bring(before, *range(1000))
    bring(page, 2)
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    expect(page.get_by_text("1 conversation taken")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Export", exact=True)).to_be_visible()


def test_a_conversation_is_exported_from_its_menu(visit, upstream):
    page = visit().new_page()
    page.goto("/")
    upstream.say("With flour.")
    with ends_with(page):
        ask(page, "How is bread exported?")
    page.get_by_role("button", name="Options for How is bread exported?").first.click()
    page.get_by_role("button", name="Export", exact=True).first.click()
    page.get_by_label("HTML").check()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    assert download.value.suggested_filename == "how-is-bread-exported.html"
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.goto("about:blank")
    page.set_content(download.value.path().read_text())
    expect(page.get_by_role("heading", name="How is bread exported?")).to_be_visible()


def test_the_page_fits_a_phone_and_says_what_is_what(visit):
    page = visit(bypass_csp=True, **PHONE).new_page()
    bring(page, 2)
    expect(page.get_by_text("1 conversation taken").first).to_be_visible(timeout=15_000)
    assert overflow(page) <= 0
    assert not violations(page)


def test_an_import_can_be_sent_again_when_it_was_stopped(visit):
    page = visit(tolerated=("Failed to",)).new_page()
    page.clock.install()
    page.route("**/transfer/import", lambda route: route.abort("aborted"))
    with page.expect_event("requestfailed"):
        bring(page, 3)
    page.unroute_all()
    button = page.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_disabled()
    page.clock.fast_forward(6_000)
    button.click()
    page.clock.resume()
    expect(page.get_by_text("1 conversation taken").first).to_be_visible(timeout=15_000)
