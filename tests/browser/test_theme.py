import pytest
from playwright.sync_api import Page, expect

OPPOSITE = {"dark": "light", "light": "dark"}


def ground(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def choose(page: Page, theme: str) -> None:
    page.get_by_role("button", name="olga").click()
    page.get_by_text(theme.title(), exact=True).click()
    page.keyboard.press("Escape")


def ground_of_the_system(visit, scheme: str) -> str:
    page = visit(color_scheme=scheme).new_page()
    page.goto("/")
    return ground(page)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_appearance_is_switched_against_the_system_and_stays_after_a_reload(visit, theme):
    wanted = ground_of_the_system(visit, theme)
    page = visit(color_scheme=OPPOSITE[theme]).new_page()
    page.goto("/")
    assert ground(page) != wanted
    choose(page, theme)
    assert ground(page) == wanted
    page.reload()
    assert ground(page) == wanted
    page.get_by_role("button", name="olga").click()
    expect(page.get_by_role("radio", name=theme.title())).to_be_checked()


def test_the_appearance_can_be_left_to_the_system_again(visit):
    page = visit(color_scheme="light").new_page()
    page.goto("/")
    light = ground(page)
    choose(page, "dark")
    assert ground(page) != light
    choose(page, "system")
    assert ground(page) == light
    page.emulate_media(color_scheme="dark")
    assert ground(page) != light


def test_a_page_comes_in_the_chosen_colours_before_any_script_has_run(visit):
    wanted = ground_of_the_system(visit, "dark")
    context = visit(color_scheme="light", tolerated=("ERR_",))
    page = context.new_page()
    page.goto("/")
    choose(page, "dark")
    context.route("**/*.js", lambda route: route.abort())
    page.reload()
    assert ground(page) == wanted
    context.unroute_all()
