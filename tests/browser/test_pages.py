import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, WORDS, ask, last_answer

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def violations(page: Page) -> list[str]:
    page.wait_for_timeout(300)  # until what fades in has done so
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} {[node['html'][:120] for node in each['nodes']]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_account_pages_are_accessible(visit, path, scheme):
    page = visit(None, bypass_csp=True, color_scheme=scheme).new_page()
    assert page.goto(path).status == 200
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/api", "/keys", "/keys/new", "/accounts/password/change/"])
def test_the_pages_of_who_is_signed_in_are_accessible_and_fit_a_phone(visit, path, scheme):
    page = visit(bypass_csp=True, color_scheme=scheme, **PHONE).new_page()
    assert page.goto(path).status == 200
    assert violations(page) == []
    assert overflow(page) == 0


def test_the_guide_to_the_api_is_found_in_the_menu_and_its_examples_are_copied(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto("/")
    page.locator(".account-menu__button").click()
    page.get_by_role("link", name="API").click()
    expect(page.get_by_role("heading", name="API", exact=True)).to_be_visible()
    page.locator("figure", has_text="curl").get_by_role("button", name="Copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl http")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chat_is_accessible_in_every_state(visit, upstream, scheme):
    page = visit(bypass_csp=True, color_scheme=scheme).new_page()
    page.goto("/")
    assert violations(page) == []
    upstream.say(f"{WORDS} " * 100, reasoning="Hm. " * 5, tokens_per_second=60)
    ask(page, "Count")
    expect(last_answer(page)).to_contain_text("five")
    assert violations(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    upstream.say(
        "# A\n\n[link](https://example.org)\n\n```python\nx = 1  # one\n```\n\n|a|b|\n|-|-|\n|1|2|\n"
    )
    ask(page, "Show")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    assert violations(page) == []
    upstream.answer([b"{}"], status=500)
    ask(page, "Fail")
    expect(last_answer(page)).to_have_attribute("data-status", "failed")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(visit, upstream, width):
    page = visit(viewport={"width": width, "height": 700}).new_page()
    page.goto("/")
    assert overflow(page) <= 0
    upstream.say(f"```\n{'x' * 300}\n```\n\n{'y' * 300}\n\n|{'a|' * 20}\n|{'-|' * 20}\n|{'b|' * 20}\n")
    ask(page, "z" * 300)
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    assert overflow(page) <= 0


def test_the_appearance_follows_the_system(visit):
    def ground(scheme: str) -> str:
        page = visit(color_scheme=scheme).new_page()
        page.goto("/")
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert ground("light") != ground("dark")


def test_who_signs_in_with_a_wrong_password_is_told_so(visit):
    page = visit(None).new_page()
    page.goto("/")
    page.get_by_label("Username or e-mail").fill("olga")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("not correct")).to_be_visible()


def test_somebody_signs_up_chats_and_signs_out(visit, upstream):
    upstream.say("Welcome.")
    page = visit(None).new_page()
    page.goto("/accounts/signup/")
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    ask(page, "Hello")
    expect(last_answer(page)).to_contain_text("Welcome.")
    page.get_by_role("button", name="newcomer").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_conversation_is_listed_by_its_first_message_renamed_and_deleted(page, upstream):
    upstream.say("Yes.")
    page.goto("/")
    ask(page, "Are otters clever?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    entry = page.get_by_role("link", name="Are otters clever?")
    expect(entry).to_be_visible()
    item = page.locator("li", has=entry)
    item.hover()
    item.get_by_role("button").first.click()
    page.get_by_role("button", name="Rename").locator("visible=true").first.click()
    title = page.get_by_label("New title")
    title.fill("Otters")
    title.press("Enter")
    entry = page.get_by_role("link", name="Otters", exact=True)
    expect(entry).to_be_visible()
    item = page.locator("li", has=entry)
    item.hover()
    item.get_by_role("button").first.click()
    page.get_by_role("button", name="Delete").locator("visible=true").first.click()
    expect(page.get_by_role("link", name="Otters", exact=True)).to_have_count(0)


def test_up_edits_the_last_question(page, upstream):
    upstream.say("First.")
    page.goto("/")
    ask(page, "How is bread made?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    box = page.get_by_role("textbox", name="Message")
    box.focus()
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("How is bread made?")
    upstream.say("Second.")
    box.fill("How is cake made?")
    page.keyboard.press("Enter")
    expect(last_answer(page)).to_contain_text("Second.")
    expect(page.locator("article")).to_have_count(2)


def test_shift_and_enter_make_a_line(page):
    page.goto("/")
    box = page.get_by_role("textbox", name="Message")
    box.focus()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(box).to_have_value("one\ntwo")


def test_the_page_stays_where_the_reader_is_and_leads_to_the_latest(page, upstream):
    paragraphs = "".join(f"Paragraph {number} .\n\n" for number in range(200))
    upstream.say(paragraphs, tokens_per_second=400, holds=["Paragraph 100 ", "Paragraph 150 "])
    page.goto("/")
    ask(page, "Long")
    expect(last_answer(page)).to_contain_text("Paragraph 100")
    page.mouse.move(700, 400)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(300)
    jump = page.get_by_role("button", name="latest")
    expect(jump).to_be_visible()
    top = top_of(last_answer(page))
    for said in ("Paragraph 150", "Paragraph 199"):
        upstream.go_on()
        expect(last_answer(page)).to_contain_text(said)
        assert abs(top_of(last_answer(page)) - top) < 2
    jump.click()
    expect(jump).to_be_hidden()


def top_of(answer: Locator) -> float:
    """An answer has no place for the moment in which the whole of it takes the place of its pieces."""
    while (box := answer.bounding_box()) is None:
        answer.page.wait_for_timeout(20)
    return box["y"]


def test_a_picture_from_elsewhere_loads_on_a_click_only(visit, upstream):
    upstream.say("![A cat](http://127.0.0.1:9/cat.png)")
    asked: list[str] = []
    context = visit(tolerated=("127.0.0.1:9", "ERR_"))
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto("/")
    ask(page, "Cat")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    assert not any("cat.png" in url for url in asked)
    page.get_by_role("button", name="Load image").click()
    page.wait_for_timeout(300)
    assert any("cat.png" in url for url in asked)


def picker(page: Page):
    page.get_by_role("button", name="Model:").click()
    return page.get_by_role("combobox", name="Search models")


def test_enter_right_after_typing_takes_what_was_typed(page, upstream):
    page.goto("/")
    for model_id in ("another-model", "replayed", "another-model"):
        search = picker(page)
        expect(page.get_by_role("option", name="another-model")).to_be_visible()
        search.press_sequentially(model_id[:5])
        search.press("Enter")
        expect(search).to_be_hidden()
        expect(page.get_by_role("button", name=f"Model: {model_id}")).to_be_visible()
        expect(page.locator("#composer-form [name=model]")).to_have_value(model_id)
    expect(page.locator("#page-notice")).to_be_empty()


def test_the_list_of_models_opens_whole_again(page):
    page.goto("/")
    search = picker(page)
    expect(page.get_by_role("option", name="replayed")).to_be_visible()
    search.fill("another")
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("heading", name="Ask anything").click()
    search = picker(page)
    expect(search).to_have_value("")
    expect(page.get_by_role("option", name="replayed")).to_be_visible()


def test_what_is_typed_in_the_moment_that_the_list_opens_stays(page):
    # The search for it takes the place of the one that the list opens with.
    page.goto("/")
    page.evaluate("""() => {
        const menu = document.getElementById("model-picker");
        menu.showPopover();
        const search = menu.querySelector("[role=combobox]");
        search.value = "another";
        search.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Search models")).to_have_value("another")


def test_a_model_is_found_by_typing_and_chosen_by_keyboard(page, upstream):
    upstream.say("From the other one.")
    page.goto("/")
    page.get_by_role("button", name="replayed").or_(
        page.get_by_role("button", name="another-model")
    ).first.click()
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.fill("another")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ask(page, "Who are you?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    assert upstream.requests[-1].json["model"] == "another-model"
