import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.browser.test_pages import PHONE, overflow, violations


def create(page: Page, name: str) -> str:
    page.goto("/keys")
    page.get_by_role("link", name="Create a key").click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Create the key").press("Enter")
    page.get_by_role("heading", name="Your new key").wait_for()
    return page.locator(".key-secret code").inner_text()


def card(page: Page, name: str):
    return page.locator(".key-card", has=page.get_by_role("heading", name=name, exact=True))


def opens(page: Page, secret: str) -> bool:
    headers = {"Authorization": f"Bearer {secret}"}
    return page.request.get("/v1/models", headers=headers).status == 200


def test_a_key_is_created_copied_by_keyboard_rotated_and_revoked(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"]).new_page()
    first = create(page, "Keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == first
    assert opens(page, first)

    page.get_by_role("link", name="Rotate Keyboard").click()
    page.get_by_label("stops working").select_option("At once")
    page.get_by_role("button", name="Rotate").click()
    second = page.locator(".key-secret code").inner_text()
    assert opens(page, second)
    assert not opens(page, first)

    page.get_by_role("link", name="Revoke Keyboard").click()
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("status").filter(has_text="is revoked")).to_be_visible()
    assert not opens(page, second)


def test_a_secret_is_gone_after_a_reload_and_no_second_key_is_made(visit):
    page = visit().new_page()
    secret = create(page, "Once")
    page.reload()
    expect(card(page, "Once")).to_have_count(1)
    assert secret not in page.content()


def test_a_reload_in_the_administration_makes_no_second_key_either(visit, site):
    site.manage("create_user", "ada", "--password", PASSWORD, "--admin")
    page = visit(None, permissions=["clipboard-read", "clipboard-write"]).new_page()
    sign_in(page, site, "ada")
    create(page, "First")
    page.goto("/admin/chat/apikey/")
    page.get_by_role("row", name="First").get_by_role("checkbox").check()
    page.get_by_role("combobox", name="Action").select_option(
        label="Rotate: a new secret, the old one works for a day"
    )
    page.get_by_role("button", name="Go").click()
    secret = page.get_by_label("The new secret of First of ada").input_value()
    page.wait_for_load_state()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.reload()
    expect(page.get_by_role("heading", name="Select API key to change")).to_be_visible()
    expect(page.get_by_role("row", name="First")).to_contain_text(secret[:12])
    assert secret not in page.content()


def test_what_is_wrong_is_shown_where_it_is_on_a_phone(visit):
    page = visit(bypass_csp=True, tolerated=("422",), **PHONE).new_page()
    page.goto("/keys/new")
    page.get_by_role("textbox", name="Name").fill("Phone")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Addresses").fill("everywhere")
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_text(re.compile("Not an IP address"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Phone")
    assert violations(page) == []
    assert overflow(page) == 0
