"""From an empty data folder to the answer of a real upstream, as the first administrator goes there."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ask, last_answer
from tests.browser.test_pages import PHONE, overflow, violations
from tests.replay import ReplayServer
from tests.site import Site

KEY = "sk-of-the-administrator"
MODELS = ["small", "large", *(f"gpt-{number}" for number in range(1, 14))]


@pytest.fixture
def provider() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        server.models = MODELS
        yield server


@pytest.fixture
def empty_site(browser: Browser, tmp_path) -> Iterator[Site]:
    with Site(tmp_path / "data") as site:
        yield site


@pytest.fixture
def enter(browser: Browser, empty_site: Site):
    """`enter(color_scheme=…)` is a page of the administrator's, signed in by the link that was printed."""
    contexts = []
    states = []

    def enter(**options) -> Page:
        state = states[0] if states else None
        context = browser.new_context(base_url=empty_site.url, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        if not states:
            page.goto(empty_site.sign_in_link)
            states.append(context.storage_state())
        page.goto("/")
        return page

    yield enter
    for context in contexts:
        context.close()


def connect(page: Page, address: str) -> None:
    page.get_by_label("Address of the server").fill(address)
    page.get_by_role("button", name="Test and continue").click()


def test_the_first_administrator_gets_from_nothing_to_a_first_answer(enter, provider):
    provider.say("The answer of a real upstream.")
    page = enter()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Connect a model").click()
    page.get_by_role("link", name="Another server").click()
    expect(page.get_by_label("Address of the server")).to_be_focused()
    page.get_by_label("API key").fill(KEY)
    connect(page, "127.0.0.1:9/v1")
    expect(page.get_by_text("Nothing answers at 127.0.0.1:9.")).to_be_visible()
    expect(page.get_by_role("button", name="Keep it anyway")).to_be_visible()
    connect(page, provider.base_url)
    expect(page.get_by_text("It offers 15 models.")).to_be_visible()
    assert provider.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    page.get_by_role("searchbox", name="Search models").fill("gpt-7")
    expect(page.get_by_role("checkbox")).to_have_count(1)
    page.get_by_label("gpt-7", exact=True).check()
    page.get_by_label("Default: gpt-7").check()
    page.get_by_role("button", name="Start chatting").click()
    expect(page.get_by_role("button", name="Model: gpt-7")).to_be_visible()
    ask(page, "What is it?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete")
    expect(last_answer(page)).to_contain_text("The answer of a real upstream.")
    assert provider.requests[-1].json["model"] == "gpt-7"
    assert all(url.startswith(page.url.partition("/c/")[0]) for url in asked)


def test_it_works_without_scripts(enter, provider):
    page = enter(java_script_enabled=False)
    page.get_by_role("link", name="Connect a model").click()
    page.get_by_role("link", name="Another server").click()
    connect(page, "127.0.0.1:9/v1")
    expect(page.get_by_text("Nothing answers at 127.0.0.1:9.")).to_be_visible()
    connect(page, provider.base_url)
    expect(page.get_by_role("checkbox")).to_have_count(15)
    page.get_by_role("button", name="Start chatting").click()
    expect(page.get_by_role("button", name="Model: gpt-13")).to_be_visible()


def test_while_it_is_tested_the_page_says_so_and_sends_once(enter):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        page = enter()
        page.goto("/setup?family=compatible")
        sent: list[str] = []
        page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
        expect(page.get_by_text("Asking the server for its models…")).to_be_hidden()
        connect(page, f"127.0.0.1:{silent.getsockname()[1]}/v1")
        expect(page.get_by_text("Asking the server for its models…")).to_be_visible()
        expect(page.get_by_role("button", name="Test and continue")).to_be_disabled()
        page.get_by_label("API key").press("Enter")
        page.wait_for_timeout(200)
        assert len(sent) == 1


def test_later_leaves_the_samples_to_talk_to(enter):
    page = enter()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_role("heading", name="Connect your first model")).to_have_count(0)
    ask(page, "How do I add a key?")
    expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=20_000)
    with page.expect_popup() as opened:
        last_answer(page).get_by_role("link", name="Connect a model").first.click()
    expect(opened.value.get_by_role("heading", name="Choose a provider")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_is_accessible_and_fits_a_phone(enter, provider, scheme):
    page = enter(bypass_csp=True, color_scheme=scheme, **PHONE)
    steps = ["/", "/setup", "/setup?family=openai", "/setup?family=qwen", "/setup?family=compatible"]
    for step in steps:
        page.goto(step)
        assert violations(page) == []
        assert overflow(page) == 0
    connect(page, "127.0.0.1:9/v1")
    expect(page.get_by_role("button", name="Keep it anyway")).to_be_visible()
    assert violations(page) == []
    connect(page, provider.base_url)
    expect(page.get_by_role("button", name="Start chatting")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) == 0
    page.goto("/setup")
    assert violations(page) == []
    assert overflow(page) == 0
