import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import begin, last_answer
from tests.browser.test_pages import PHONE, overflow, violations


def sidebar(page: Page):
    return page.locator("#conversations")


def choose(page: Page, title: str, item: str) -> None:
    sidebar(page).get_by_role("link", name=title, exact=True).hover()
    page.get_by_role("button", name=f"Options for {title}", exact=True).click()
    page.get_by_role("button", name=item).locator("visible=true").click()


def test_ctrl_k_finds_a_message_and_opens_it(page, upstream):
    begin(page, upstream, "Where do quokkas live?", "On Rottnest Island.")
    page.goto("/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("searchbox", name="Search titles and messages")
    expect(box).to_be_focused()
    box.press_sequentially("rottn")
    expect(page.locator("#found mark")).to_have_text(["Rottnest"])
    box.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/*")
    expect(last_answer(page)).to_contain_text("Rottnest")
    expect(page.locator("dialog#search")).to_be_hidden()


def test_nothing_found_says_so_and_escape_closes(page):
    page.goto("/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("xylophonist")
    expect(page.get_by_text("Nothing has all these words")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#search")).to_be_hidden()


def test_it_is_pinned_sorted_deleted_and_brought_back(page, upstream):
    begin(page, upstream, "A question about numbats", "Yes.")
    page.goto("/")
    choose(page, "A question about numbats", "Pin")
    expect(sidebar(page).get_by_role("heading", name="Pinned")).to_be_visible()
    choose(page, "A question about numbats", "Unpin")
    choose(page, "A question about numbats", "Move or tag…")
    page.get_by_role("textbox", name="New folder").fill("Marsupials")
    page.get_by_role("button", name="Save").click()
    folder = sidebar(page).locator(".folder", has_text="Marsupials")
    expect(sidebar(page).get_by_role("link", name="A question about numbats")).to_be_hidden()
    folder.locator("summary").click()
    expect(folder.get_by_role("link", name="A question about numbats")).to_be_visible()
    choose(page, "A question about numbats", "Delete")
    expect(sidebar(page).get_by_role("link", name="A question about numbats")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Back from the trash.")).to_be_visible()
    page.reload()
    folder.locator("summary").click()
    expect(folder.get_by_role("link", name="A question about numbats")).to_be_visible()


def press(page: Page, title: str, item: str) -> None:
    """As `choose` does, without a pointer."""
    page.get_by_role("button", name=f"Options for {title}", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=item, exact=True).locator("visible=true").focus()
    page.keyboard.press("Enter")


def test_the_focus_stays_in_the_list_when_it_is_made_anew(page, upstream):
    begin(page, upstream, "A question about kowaris", "Yes.")
    begin(page, upstream, "A question about mulgaras", "Yes.")
    page.goto("/")
    press(page, "A question about kowaris", "Pin")
    expect(sidebar(page).get_by_role("heading", name="Pinned")).to_be_visible()
    expect(sidebar(page).get_by_role("link", name="A question about kowaris")).to_be_focused()
    press(page, "A question about kowaris", "Unpin")
    expect(sidebar(page).get_by_role("heading", name="Pinned")).to_have_count(0)
    press(page, "A question about mulgaras", "Move or tag…")
    page.get_by_role("textbox", name="New tag").press_sequentially("small")
    page.keyboard.press("Enter")
    expect(sidebar(page).get_by_role("link", name="A question about mulgaras")).to_be_focused()
    press(page, "A question about mulgaras", "Delete")
    expect(sidebar(page).get_by_role("link", name="A question about kowaris")).to_be_focused()


def test_an_undo_stays_while_it_has_the_focus_and_leaves_once_it_is_done(page, upstream):
    begin(page, upstream, "A question about ningauis", "Yes.")
    page.clock.install()
    page.goto("/")
    choose(page, "A question about ningauis", "Delete")
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.clock.fast_forward(20_000)
    undo.press("Enter")
    expect(page.get_by_text("Back from the trash.")).to_be_visible()
    page.clock.fast_forward(20_000)
    expect(page.get_by_text("Back from the trash.")).to_have_count(0)


def test_the_undo_of_the_open_conversation_leaves_once_it_is_done(page, upstream):
    begin(page, upstream, "A question about planigales", "Yes.")
    choose(page, "A question about planigales", "Delete")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Back from the trash.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_what_was_done_is_told_above_the_message_box(page, upstream):
    begin(page, upstream, "A question about dunnarts", "Yes.")
    choose(page, "A question about dunnarts", "Pin")
    told = page.get_by_text("Pinned.")
    expect(told).to_be_visible()
    box = page.locator(".composer__box").bounding_box()
    place = told.bounding_box()
    assert place["y"] + place["height"] <= box["y"]
    assert abs(place["x"] + place["width"] / 2 - box["x"] - box["width"] / 2) < 2


def test_several_are_chosen_and_deleted_at_once(page, upstream):
    begin(page, upstream, "First of two", "Yes.")
    begin(page, upstream, "Second of two", "Yes.")
    page.goto("/library")
    page.get_by_role("checkbox", name="Choose First of two").check()
    page.get_by_role("checkbox", name="Choose Second of two").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Moved to the trash.")).to_be_visible()
    page.goto("/trash")
    expect(page.get_by_text("Second of two")).to_be_visible()


def test_enter_in_the_box_of_a_tag_tags(page, upstream):
    begin(page, upstream, "A question about bilbies", "Yes.")
    page.goto("/library")
    page.get_by_role("checkbox", name="Choose A question about bilbies").check()
    page.get_by_role("textbox", name="Tag").or_(page.get_by_role("combobox", name="Tag")).fill("ears")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tagged “ears”.")).to_be_visible()
    expect(page.get_by_role("link", name="A question about bilbies")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "options", [PHONE, {"viewport": {"width": 1440, "height": 900}}], ids=["phone", "desktop"]
)
def test_the_pages_are_accessible_and_fit(visit, upstream, scheme, options, tmp_path):
    page = visit(bypass_csp=True, color_scheme=scheme, **options).new_page()
    begin(page, upstream, f"How do echidnas sleep in {scheme}?", "Echidnas sleep in burrows.")
    for path in ("/search?q=echidna", "/search?q=xylophonist", "/library", "/trash", "/labels"):
        page.goto(path)
        if path == "/library":
            page.locator("[name=conversations]").first.check()
        assert violations(page) == []
        assert overflow(page) <= 0
        page.screenshot(path=tmp_path / f"{path.strip('/').replace('?', '-')}.png")
    page.goto("/")
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill("echid")
    expect(page.locator("#found mark").first).to_be_visible()
    assert violations(page) == []
    page.screenshot(path=tmp_path / "dialog.png")
