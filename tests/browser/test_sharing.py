"""A conversation on its way from its owner to a reader, in Chromium."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import ask, last_answer
from tests.browser.test_pages import overflow, violations
from tests.browser.test_phone import PHONE

SIZES = [{"viewport": {"width": 1280, "height": 900}}, PHONE]
ANSWER = (
    "With *flour*.\n\n```python\nx = 1\n```\n\n$x^2$\n\n|a|b|\n|-|-|\n|1|2|\n\nWrite to olga@example.org."
)


@pytest.fixture
def talk(visit, upstream):
    """A conversation with an answer, on a page of its owner's."""

    def talk(**options) -> Page:
        page = visit(bypass_csp=True, **options).new_page()
        upstream.say(ANSWER, reasoning="Think of bread.")
        page.goto("/")
        ask(page, "How is bread made?")
        expect(last_answer(page)).to_have_attribute("data-status", "complete")
        return page

    return talk


def open_dialog(page: Page):
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.locator("#share-dialog")
    expect(dialog.get_by_role("heading", level=2)).to_be_visible()
    return dialog


def make(dialog) -> str:
    dialog.get_by_role("button", name="Make the link").click()
    return dialog.get_by_label("Address of the link").input_value()


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_conversation_is_shared_and_read_by_somebody_without_script(talk, visit, size, scheme):
    page = talk(color_scheme=scheme, **size)
    dialog = open_dialog(page)
    expect(dialog).to_contain_text("E-mail address in message 2: olga@example.org")
    expect(dialog.get_by_text("Think of bread.")).to_have_count(0)
    dialog.get_by_label("The reasoning").check()
    expect(dialog.locator("summary", has_text="Reasoning")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) <= 0
    address = make(dialog)
    expect(dialog).to_contain_text("Anyone with the link")
    assert violations(page) == []

    asked: list[str] = []
    context = visit(None, bypass_csp=True, color_scheme=scheme, java_script_enabled=True, **size)
    context.on("request", lambda request: asked.append(request.url))
    reader = context.new_page()
    reader.goto(address)
    expect(reader.get_by_role("heading", name="How is bread made?", level=1)).to_be_visible()
    reader.get_by_text("Reasoning", exact=True).click()
    expect(reader.get_by_text("Think of bread.")).to_be_visible()
    expect(reader.locator("math")).to_be_visible()
    assert violations(reader) == []
    assert overflow(reader) <= 0
    assert not [url for url in asked if url.split("?")[0].endswith(".js")]
    assert len(asked) <= 3


def test_the_page_reads_without_script(talk, visit):
    address = make(open_dialog(talk()))
    reader = visit(None, java_script_enabled=False).new_page()
    reader.goto(address)
    expect(reader.get_by_text("With flour.")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_passphrase_is_asked_for_and_opens_it(talk, visit, size):
    dialog = open_dialog(talk(**size))
    dialog.get_by_label("Passphrase").fill("open sesame")
    address = make(dialog)
    reader = visit(None, tolerated=("403",), java_script_enabled=False, **size).new_page()
    reader.goto(address)
    expect(reader.get_by_text("flour")).to_have_count(0)
    reader.get_by_label("Passphrase").fill("wrong")
    reader.get_by_role("button", name="Open").click()
    expect(reader.get_by_role("alert")).to_contain_text("not the passphrase")
    reader.get_by_label("Passphrase").fill("open sesame")
    reader.get_by_role("button", name="Open").click()
    expect(reader.get_by_text("With flour.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("With flour.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_asks_for_a_passphrase_is_accessible(talk, visit, scheme):
    dialog = open_dialog(talk())
    dialog.get_by_label("Passphrase").fill("open sesame")
    address = make(dialog)
    reader = visit(None, bypass_csp=True, color_scheme=scheme, tolerated=("403",), **PHONE).new_page()
    reader.goto(address)
    assert violations(reader) == []
    reader.get_by_label("Passphrase").fill("wrong")
    reader.get_by_role("button", name="Open").click()
    assert violations(reader) == []
    assert overflow(reader) <= 0


def test_another_user_goes_on_with_it_and_asks_on(talk, visit, upstream):
    address = make(open_dialog(talk()))
    reader = visit("stanislav").new_page()
    reader.goto(address)
    reader.get_by_role("link", name="Continue in a chat of your own").click()
    reader.get_by_role("button", name="Continue it").click()
    reader.get_by_role("textbox", name="Message").wait_for()
    expect(last_answer(reader)).to_contain_text("With flour.")
    upstream.say("Yes.")
    ask(reader, "Also with rye?")
    expect(last_answer(reader)).to_contain_text("Yes.")
    roles = [message["role"] for message in upstream.requests[-1].json["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_a_link_for_one_person_is_for_nobody_else(talk, visit):
    dialog = open_dialog(talk(tolerated=("422",)))
    dialog.get_by_label("People and groups").check()
    dialog.get_by_label("Usernames").fill("nobody-of-this-name")
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog).to_contain_text("There is nobody called nobody-of-this-name here.")
    dialog.get_by_label("Usernames").fill("stanislav")
    address = make(dialog)
    reader = visit("stanislav").new_page()
    reader.goto(address)
    expect(reader.get_by_text("With flour.")).to_be_visible()
    signed_out = visit(None).new_page()
    signed_out.goto(address)
    expect(signed_out.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_links_copies_updates_and_revokes(talk, visit, upstream, size, scheme):
    page = talk(color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"], **size)
    address = make(open_dialog(page))
    page.locator("#share-dialog").get_by_role("button", name="Done").click()
    upstream.say("It keeps for days.")
    ask(page, "How long does it keep?")
    expect(last_answer(page)).to_contain_text("days")
    page.goto("/links")
    link = page.locator(".share-link").first
    link.get_by_role("button", name="Copy").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert violations(page) == []
    assert overflow(page) <= 0
    link.get_by_role("button", name="Update").click()
    expect(page.locator("#share-dialog")).to_contain_text("It keeps for days.")
    with page.expect_navigation():
        page.get_by_role("button", name="Update the link").click()
    reader = visit(None, tolerated=("404",)).new_page()
    reader.goto(address)
    expect(reader.get_by_text("It keeps for days.")).to_be_visible()
    page.locator(".share-link").first.get_by_role("button", name="Revoke").click()
    expect(page.locator(".share-link").first).to_contain_text("Revoked")
    assert violations(page) == []
    assert reader.goto(address).status == 404


def test_the_focus_is_where_it_was_after_a_link_was_made_and_where_one_was_that_is_revoked(talk):
    page = talk()
    page.get_by_role("button", name="Share", exact=True).focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#share-dialog")
    dialog.get_by_role("button", name="Make the link").press("Enter")
    revoke = dialog.get_by_role("button", name="Revoke")
    revoke.press("Enter")
    expect(dialog.get_by_text("Revoked.")).to_be_focused()
    dialog.get_by_role("button", name="Done").press("Enter")
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_focused()


def test_the_branch_that_stands_on_the_page_is_the_one_that_is_shared(talk, upstream):
    page = talk()
    upstream.say("With rye.")
    page.get_by_role("button", name="Retry", exact=True).last.click()
    expect(last_answer(page)).to_contain_text("rye")
    dialog = open_dialog(page)
    expect(dialog.locator(".share-preview__page")).to_contain_text("With rye.")
    expect(dialog.locator(".share-preview__page")).not_to_contain_text("flour")
    dialog.get_by_label("The other branches too").check()
    expect(dialog.locator(".share-preview__page")).to_contain_text("Branch 1")


def test_the_preview_shows_what_is_ticked_however_quickly(talk, upstream):
    page = talk()
    upstream.say("With rye.", reasoning="Think of rye.")
    page.get_by_role("button", name="Retry", exact=True).last.click()
    expect(last_answer(page)).to_contain_text("rye")
    dialog = open_dialog(page)
    held: list[Route] = []
    page.route("**/preview?*", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/preview?*"):
        dialog.get_by_label("The reasoning").check()
    dialog.get_by_label("The other branches too").check()
    dialog.get_by_label("The reasoning").uncheck()
    held[0].continue_()
    expect(dialog.locator(".share-preview__page")).to_contain_text("Branch 1")
    expect(dialog.locator("summary", has_text="Reasoning")).to_have_count(0)


def test_an_empty_list_says_how_to_share(visit):
    page = visit("stanislav", bypass_csp=True, **PHONE).new_page()
    page.goto("/links")
    expect(page.get_by_text("You share nothing at the moment")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) <= 0
