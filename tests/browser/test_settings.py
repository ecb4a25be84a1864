from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, ends_with, hold
from tests.browser.test_pages import PHONE, overflow, violations


def open_settings(page: Page) -> None:
    page.get_by_role("button", name="Settings of this chat").click()
    page.get_by_role("dialog", name="Settings of this chat").wait_for()


def save(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("dialog").wait_for(state="hidden")


def sent(upstream) -> dict:
    return upstream.requests[-1].json


def test_settings_are_there_from_the_first_message_and_change_in_the_middle(page, upstream):
    upstream.say("Flour.")
    page.goto("/")
    open_settings(page)
    page.get_by_label("System prompt").fill("Speak plainly.")
    page.get_by_label("Temperature").fill("0.5")
    save(page)
    expect(page.get_by_role("button", name="Settings of this chat, changed")).to_be_visible()
    with ends_with(page):
        ask(page, "How is bread made?")
    assert sent(upstream)["messages"][0] == {"role": "system", "content": "Speak plainly."}
    assert sent(upstream)["temperature"] == 0.5

    open_settings(page)
    expect(page.get_by_label("System prompt")).to_have_value("Speak plainly.")
    page.get_by_label("System prompt").fill("Speak in verse.")
    save(page)
    ask(page, "And cake?")
    expect(page.locator('[data-role="assistant"][data-status="complete"]')).to_have_count(2)
    assert sent(upstream)["messages"][0]["content"] == "Speak in verse."


def test_the_panel_opens_again_with_what_a_new_chat_has_and_cancelling_changes_nothing(page):
    page.goto("/")
    open_settings(page)
    page.get_by_label("Temperature").fill("0.5")
    save(page)
    open_settings(page)
    expect(page.get_by_label("Temperature")).to_have_value("0.5")
    page.get_by_label("Temperature").fill("1.5")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    open_settings(page)
    expect(page.get_by_label("Temperature")).to_have_value("0.5")


def test_what_is_wrong_is_said_in_the_panel_which_fits_a_phone(visit):
    page = visit(bypass_csp=True, tolerated=("422",), **PHONE).new_page()
    page.goto("/")
    open_settings(page)
    page.get_by_label("Temperature").fill("9")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("less than or equal to 2")).to_be_visible()
    expect(page.get_by_label("Temperature")).to_be_focused()
    assert not overflow(page)
    assert not violations(page)


def test_a_preset_is_kept_from_the_panel_chosen_for_a_new_chat_edited_and_deleted(page, upstream):
    upstream.say("Arr.")
    page.goto("/")
    open_settings(page)
    page.get_by_label("System prompt").fill("Be a pirate.")
    page.get_by_text("Keep as a preset").click()
    page.get_by_label("Name of the preset").fill("Pirate")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("“Pirate” is kept.")).to_be_visible()

    page.goto("/")
    page.get_by_role("link", name="Pirate").click()
    expect(page.get_by_role("button", name="Settings of this chat, changed")).to_be_visible()
    with ends_with(page):
        ask(page, "Who are you?")
    assert sent(upstream)["messages"][0]["content"] == "Be a pirate."

    page.goto("/presets")
    page.get_by_role("link", name="Edit Pirate").click()
    page.get_by_label("Name").fill("Captain")
    page.get_by_role("combobox", name="Model").select_option("another-model")
    expect(page.get_by_label("System prompt")).to_have_value("Be a pirate.")
    page.get_by_role("button", name="Keep the preset").click()
    page.get_by_role("link", name="New chat with Captain").click()
    expect(page.get_by_role("button", name="Model: another-model")).to_be_visible()

    page.goto("/presets")
    page.get_by_role("link", name="Delete Captain").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("You have no preset yet")).to_be_visible()


def test_the_pages_of_presets_are_in_order(visit):
    page = visit(bypass_csp=True, **PHONE).new_page()
    for address in ("/presets", "/presets/new", "/temporary"):
        page.goto(address)
        assert not overflow(page)
        assert not violations(page)


def test_what_is_typed_while_the_fields_of_another_model_come_stays(page):
    page.goto("/presets/new")
    page.get_by_label("Temperature").fill("0.5")
    held = hold(page, "**/presets/settings")
    with page.expect_request("**/presets/settings"):
        page.get_by_role("combobox", name="Model").select_option("another-model")
    page.get_by_label("Temperature").fill("0.7")
    prompt = page.get_by_label("System prompt")
    prompt.fill("Be brief.")
    page.evaluate("document.getElementById('id_system_prompt').isOld = true")
    held[0].continue_()
    expect(page.locator("#id_system_prompt")).not_to_have_js_property("isOld", True)
    expect(prompt).to_have_value("Be brief.")
    expect(prompt).to_be_focused()
    expect(page.get_by_label("Temperature")).to_have_value("0.7")


def test_the_fields_of_a_preset_are_those_of_the_last_of_several_models(page):
    page.goto("/presets/new")
    model = page.get_by_role("combobox", name="Model")
    held = hold(page, "**/presets/settings")
    for choice in ("another-model", "replayed", ""):
        with page.expect_request("**/presets/settings"):
            model.select_option(choice)
    for route in held:
        with page.expect_response("**/presets/settings"):
            route.continue_()


def test_what_is_chosen_for_a_new_chat_survives_a_reload_and_ends_with_it(page, upstream):
    upstream.say("Flour.")
    page.goto("/?model=replayed")
    open_settings(page)
    page.get_by_label("System prompt").fill("Speak plainly.")
    save(page)
    expect(page.get_by_role("button", name="Settings of this chat, changed")).to_be_visible()
    page.get_by_role("button", name="Model:").click()
    page.get_by_role("option", name="another-model").click()
    page.reload()
    expect(page.get_by_role("button", name="Settings of this chat, changed")).to_be_visible()
    expect(page.get_by_role("button", name="Model: another-model")).to_be_visible()
    with ends_with(page):
        ask(page, "How is bread made?")
    assert sent(upstream)["messages"][0] == {"role": "system", "content": "Speak plainly."}
    assert sent(upstream)["model"] == "another-model"
    page.goto("/")
    page.reload()
    expect(page.get_by_role("button", name="Settings of this chat", exact=True)).to_be_visible()
