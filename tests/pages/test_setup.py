"""From nothing to a first answer: what each step takes, and from whom."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import IntegrityError
from django.test import Client

from chat.models import LanguageModel, Upstream, User
from chat.upstreams import local
from tests.pages.conftest import begun, routed, signed_in
from tests.replay import ReplayServer
from tests.unclosed import forget_clients

KEY = "sk-secret-of-the-operator"
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def _nothing_runs_here(monkeypatch):
    monkeypatch.setattr(local, "USUAL_PORTS", {})


@pytest.fixture
def admins(administrator) -> Client:
    return signed_in(administrator)


@pytest.fixture
def server():
    with ReplayServer() as server:
        server.models = ["small", "large"]
        yield server
    forget_clients()


@pytest.fixture
def upstream(db) -> Upstream:
    upstream = Upstream.objects.create(name="Mine", family="compatible", base_url=NOWHERE)
    for model_id in ("small", "large"):
        routed(model_id, upstream)
    return upstream


@pytest.fixture
def sample(db) -> LanguageModel:
    built_in = Upstream.objects.create(name="Demo", family="demo", origin="built-in")
    return routed("demo", built_in, is_sample=True)


def connect(client: Client, **fields: str):
    return client.post("/setup", {"family": "compatible", "base_url": "", "api_key": ""} | fields)


def choose(client: Client, upstream: Upstream, *models: str, default: str = ""):
    pks = dict(LanguageModel.objects.values_list("model_id", "pk"))
    sent = {"models": [pks[model] for model in models], "default": pks.get(default, "")}
    return client.post(f"/setup/{upstream.pk}", sent)


def ticked(html: str) -> list[str]:
    rows = re.findall(r'<li class="offered__one".*?</li>', html, re.DOTALL)
    return [row.split('data-text="')[1].split()[0] for row in rows if re.search(r'"models"[^>]*checked', row)]


def on() -> set[str]:
    return set(LanguageModel.objects.filter(enabled=True).values_list("model_id", flat=True))


# The way there


def test_the_first_page_leads_there_while_only_a_sample_answers(admins, sample):
    html = admins.get("/").content.decode()
    assert "Connect your first model" in html
    assert 'href="/setup"' in html
    assert 'aria-label="Message"' in html


def test_a_conversation_with_a_sample_leads_there_too(admins, administrator, sample):
    conversation = begun(administrator, sample, "Hello", "Hello", "I am a sample.")
    html = admins.get(conversation.get_absolute_url()).content.decode()
    assert re.search(r'built-in sample\.\s+<a href="/setup">', html)


def test_later_leaves_the_samples_and_the_page_is_found_again(admins, sample):
    assert admins.post("/setup/later").url == "/"
    html = admins.get("/").content.decode()
    assert "Connect your first model" not in html
    assert re.search(r'built-in sample\.\s+<a href="/setup">', html)
    assert re.search(r'class="menu__item" href="/setup"', html)
    assert admins.get("/setup").status_code == 200


def test_with_an_upstream_the_first_page_is_the_chat(admins, sample, upstream):
    assert "Connect your first model" not in admins.get("/").content.decode()


def test_the_first_page_leads_nobody_else_there(owners, owner, sample):
    assert "/setup" not in owners.get("/").content.decode()
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    assert "/setup" not in owners.get("/").content.decode()


@pytest.mark.parametrize("is_staff", [False, True])
def test_to_anyone_but_an_administrator_it_does_not_exist(strangers, stranger, upstream, server, is_staff):
    User.objects.filter(pk=stranger.pk).update(is_staff=is_staff)
    for path in ("/setup", f"/setup/{upstream.pk}"):
        assert strangers.get(path).status_code == 404
    assert connect(strangers, base_url=server.base_url).status_code == 404
    assert choose(strangers, upstream, "small").status_code == 404
    assert strangers.post("/setup/later").status_code == 404
    assert not server.requests
    assert on() == {"small", "large"}


def test_whoever_is_signed_out_is_asked_to_sign_in(client, upstream):
    for path in ("/setup", f"/setup/{upstream.pk}"):
        assert client.get(path).url == f"/accounts/login/?next={path}"
        assert client.post(path).url == f"/accounts/login/?next={path}"


# A provider


@pytest.mark.parametrize("family", ["openai", "anthropic", "gemini", "deepseek", "qwen"])
def test_each_provider_asks_for_its_key_and_says_where_to_get_one(admins, family):
    html = admins.get("/setup", {"family": family}).content.decode()
    assert '<input type="password" name="api_key"' in html
    assert re.search(r'href="https://[^"]+" target="_blank" rel="noopener noreferrer"', html)


def test_another_server_asks_for_its_address_first(admins):
    html = admins.get("/setup", {"family": "compatible"}).content.decode()
    assert html.index('name="base_url"') < html.index('name="api_key"')


@pytest.mark.parametrize("family", ["", "nonsense", "demo", "\0"])
def test_without_a_provider_there_is_no_key_to_paste(admins, family):
    page = admins.get("/setup", {"family": family})
    assert page.status_code == 200
    assert "api_key" not in page.content.decode()


def test_what_runs_on_this_machine_is_offered_until_it_is_connected(admins, server, monkeypatch):
    monkeypatch.setattr(local, "USUAL_PORTS", {server.port: "Ollama"})
    monkeypatch.setattr(local, "base_url", lambda port: f"http://127.0.0.1:{port}/v1")
    html = admins.get("/setup").content.decode()
    assert "Use Ollama" in html
    connect(admins, base_url=re.search(r'name="base_url" value="([^"]+)"', html)[1])
    assert "Use Ollama" not in admins.get("/setup").content.decode()


def test_what_was_found_at_the_start_is_listed_with_its_models(admins, upstream):
    Upstream.objects.update(origin="detected")
    html = admins.get("/setup").content.decode()
    assert "2 models, found on this machine" in html
    assert f'href="/setup/{upstream.pk}"' in html


def test_one_that_fails_is_listed_with_what_is_wrong(admins, upstream):
    Upstream.objects.update(last_error="Nothing answers at 127.0.0.1:9.")
    html = admins.get("/setup").content.decode()
    assert "Nothing answers at 127.0.0.1:9." in html
    assert f"/admin/chat/upstream/{upstream.pk}/change/" in html


# The key


def test_a_key_that_works_is_kept_and_leads_to_the_models(admins, server):
    response = connect(admins, base_url=server.base_url, api_key=f" {KEY}\n")
    upstream = Upstream.objects.get()
    assert response.url == f"/setup/{upstream.pk}"
    assert (upstream.family, upstream.base_url, upstream.api_key) == ("compatible", server.base_url, KEY)
    assert upstream.is_free
    assert upstream.checked_at
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert (
        f"127.0.0.1:{server.port} answers. It offers 2 models." in admins.get(response.url).content.decode()
    )


def test_htmx_is_led_to_the_models_too(admins, server):
    sent = {"family": "compatible", "base_url": server.base_url}
    response = admins.post("/setup", sent, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == f"/setup/{Upstream.objects.get().pk}"


@pytest.mark.parametrize("family", ["openai", "anthropic", "deepseek", "qwen"])
def test_a_family_is_named_after_itself(admins, server, family):
    address = server.base_url if family in {"openai", "qwen"} else server.base_url.removesuffix("/v1")
    connect(admins, family=family, base_url=address, api_key=KEY)
    upstream = Upstream.objects.get()
    assert upstream.name.lower() == family
    assert upstream.routes.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"family": "openai"}, "Paste the key first."),
        ({"family": "openai", "api_key": "   "}, "Paste the key first."),
        ({"family": "openai", "api_key": "x" * 1001}, "too long for a key"),
        ({"family": "openai", "api_key": "a\0b"}, "Null characters"),
        ({"family": ""}, "Choose a provider first."),
        ({"family": "demo", "api_key": KEY}, "There is no such provider."),
        ({"base_url": ""}, "Enter the address of the server."),
        ({"base_url": "nonsense of mine"}, "no spaces"),
        ({"base_url": "ftp://localhost/v1"}, "begins with http:// or https://"),
        ({"base_url": "http://localhost:99999/v1"}, "The port is a number"),
        ({"base_url": f"http://{'x' * 500}/v1"}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_tested_is_said(admins, db, fields, words):
    for headers in ({}, {"HX-Request": "true"}):
        sent = {"family": "compatible", "base_url": "", "api_key": ""} | fields
        response = admins.post("/setup", sent, headers=headers)
        html = response.content.decode()
        assert response.status_code == 422
        assert words in html
        assert "Keep it anyway" not in html
    assert not Upstream.objects.exists()


@pytest.mark.parametrize("address", [NOWHERE, "one-word-host:9", "http://127.0.0.1:9"])
def test_nothing_is_kept_of_what_cannot_be_reached(admins, db, address):
    response = connect(admins, base_url=address, api_key=KEY)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Nothing answers at" in html or "No server has the name" in html
    assert "Nothing is saved." in html
    assert "Keep it anyway" in html
    assert address in html
    assert not Upstream.objects.exists()


def test_a_wrong_key_is_said_in_plain_words_and_never_repeated(admins, db):
    refusal = b'{"error": {"message": "Incorrect API key provided: %b"}}' % KEY.encode()
    with answering(401, refusal, "application/json") as address:
        response = connect(admins, base_url=address, api_key=KEY)
    html = response.content.decode()
    assert response.status_code == 422
    assert "The provider refused the site&#x27;s key." in html
    assert "An administrator can" not in html
    assert KEY not in html
    assert "with the key, which a page never repeats" in html
    assert not Upstream.objects.exists()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((b"<!doctype html><title>A shop</title>", "text/html"), "sent a web page instead of an answer"),
        ((b'{"hello": "world"}', "application/json"), "list of models cannot be read."),
    ],
)
def test_what_is_no_model_server_is_said(admins, db, answer, words):
    with answering(200, *answer) as address:
        assert words in connect(admins, base_url=address).content.decode()
    assert not Upstream.objects.exists()


def test_a_server_without_a_model_is_not_kept(admins, server):
    server.models = []
    assert "it offers no model" in connect(admins, base_url=server.base_url).content.decode()
    assert not Upstream.objects.exists()


def test_to_htmx_comes_only_what_is_wrong(admins, db):
    sent = {"family": "compatible", "base_url": NOWHERE}
    html = admins.post("/setup", sent, headers={"HX-Request": "true"}).content.decode()
    assert html.startswith('<div class="notice">')


def test_it_is_kept_anyway_for_whoever_wants_it(admins, db, sample):
    assert connect(admins, base_url=NOWHERE, api_key=KEY, keep="on").url == "/"
    upstream = Upstream.objects.connected().get()
    assert (upstream.api_key, upstream.last_error[:15]) == (KEY, "Nothing answers")
    assert "127.0.0.1:9: Nothing answers" in admins.get("/").content.decode()


def test_keeping_anyway_what_works_leads_to_its_models(admins, server):
    response = connect(admins, base_url=server.base_url, keep="on")
    assert response.url == f"/setup/{Upstream.objects.get().pk}"


def test_what_is_sent_twice_is_kept_once(admins, server):
    first, second = (connect(admins, base_url=server.base_url, api_key=KEY) for _ in range(2))
    assert first.url == second.url
    assert Upstream.objects.count() == 1


def test_what_is_sent_twice_at_the_same_moment_is_kept_once(admins, server, monkeypatch):
    given = {"family": "compatible", "base_url": server.base_url, "api_key": KEY}

    save_or_find = Upstream._save_or_find

    def beaten_by_the_other(upstream: Upstream) -> None:
        monkeypatch.setattr(Upstream, "_save_or_find", save_or_find)
        Upstream.objects.create(name="The other", **given)
        raise IntegrityError

    monkeypatch.setattr(Upstream, "_save_or_find", beaten_by_the_other)
    assert connect(admins, **given).url == f"/setup/{Upstream.objects.get().pk}"


def test_a_second_key_of_the_same_provider_has_a_name_of_its_own(admins, server):
    for key in (KEY, "another"):
        connect(admins, base_url=server.base_url, api_key=key)
    first, second = Upstream.objects.order_by("pk")
    assert second.name == f"{first.name} 2"
    assert (first.api_key, second.api_key) == (KEY, "another")


# The models


def test_all_of_a_few_models_are_ticked(admins, upstream):
    assert ticked(admins.get(f"/setup/{upstream.pk}").content.decode()) == ["large", "small"]


def test_of_many_the_newest_are_ticked_and_can_be_searched(admins, upstream):
    for number in range(1, 13):
        routed(f"gpt-{number}", upstream)
    html = admins.get(f"/setup/{upstream.pk}").content.decode()
    assert ticked(html) == ["gpt-12", "large", "small"]
    assert 'aria-label="Search models"' in html
    assert html.count('class="offered__one"') == 14


def test_what_was_chosen_before_is_ticked_again(admins, upstream):
    choose(admins, upstream, "small", default="small")
    html = admins.get(f"/setup/{upstream.pk}").content.decode()
    assert ticked(html) == ["small"]


def test_the_chosen_ones_are_on_the_rest_is_off_and_the_chat_begins_with_the_default(admins, upstream):
    response = choose(admins, upstream, "small", default="small")
    assert on() == {"small"}
    assert LanguageModel.objects.get(is_default=True).model_id == "small"
    assert response.url == "/?model=small"
    assert 'name="model" value="small"' in admins.get(response.url).content.decode()


def test_sending_the_choice_twice_changes_nothing_more(admins, upstream):
    assert choose(admins, upstream, "small", default="small").url == "/?model=small"
    assert choose(admins, upstream, "small", default="small").url == "/?model=small"
    assert on() == {"small"}
    assert LanguageModel.objects.filter(is_default=True).count() == 1


def test_what_was_off_is_on_again_once_it_is_ticked(admins, upstream):
    LanguageModel.objects.filter(model_id="large").update(enabled=False)
    choose(admins, upstream, "large", "small", default="large")
    assert on() == {"large", "small"}


def test_the_default_is_offered_even_if_it_is_not_ticked(admins, upstream):
    choose(admins, upstream, "small", default="large")
    assert on() == {"small", "large"}


def test_the_models_of_another_upstream_stay_as_they_are(admins, upstream, sample):
    other = Upstream.objects.create(name="Other", family="compatible")
    routed("theirs", other)
    routed("theirs-off", other, enabled=False)
    choose(admins, upstream, "small", default="small")
    assert on() == {"small", "demo", "theirs"}


def test_the_default_of_another_upstream_is_kept_unless_a_new_one_is_chosen(admins, upstream):
    other = Upstream.objects.create(name="Other", family="compatible")
    routed("theirs", other, is_default=True)
    assert "Keep theirs as the default" in admins.get(f"/setup/{upstream.pk}").content.decode()
    assert choose(admins, upstream, "small").url == "/?model=small"
    assert LanguageModel.objects.get(is_default=True).model_id == "theirs"
    choose(admins, upstream, "small", default="small")
    assert LanguageModel.objects.get(is_default=True).model_id == "small"


def test_at_least_one_model_is_chosen(admins, upstream):
    response = choose(admins, upstream)
    assert response.status_code == 422
    assert "Choose at least one model." in response.content.decode()
    assert on() == {"small", "large"}


@pytest.mark.parametrize(
    "sent",
    [
        {"models": ["nonsense"]},
        {"models": ["999999"]},
        {"models": ["\0"]},
        {"models": ["9" * 30]},
        {"default": "nonsense"},
        {"default": "999999"},
    ],
)
def test_a_model_that_it_does_not_offer_is_refused(admins, upstream, sent):
    response = admins.post(f"/setup/{upstream.pk}", sent)
    assert response.status_code == 422
    assert "Choose again." in response.content.decode()
    assert on() == {"small", "large"}


def test_the_model_of_another_upstream_is_refused(admins, upstream, sample):
    assert choose(admins, upstream, "demo", default="demo").status_code == 422


def test_there_is_nothing_to_choose_of_the_samples_or_of_what_does_not_exist(admins, sample):
    built_in = sample.routes.get().upstream
    assert admins.get(f"/setup/{built_in.pk}").status_code == 404
    for pk in (999999, 10**30):
        assert admins.get(f"/setup/{pk}").status_code == 404


def test_names_are_shown_as_text(admins, upstream):
    routed("<b>bold</b>", upstream)
    assert "<b>bold" not in admins.get(f"/setup/{upstream.pk}").content.decode()


def test_many_models_cost_the_same_queries(admins, upstream, django_assert_num_queries):
    with django_assert_num_queries(6):
        admins.get(f"/setup/{upstream.pk}")
    for number in range(40):
        routed(f"m{number}", upstream)
    with django_assert_num_queries(6):
        admins.get(f"/setup/{upstream.pk}")


def test_many_upstreams_cost_the_same_queries(admins, upstream, django_assert_num_queries):
    with django_assert_num_queries(3):
        admins.get("/setup")
    Upstream.objects.bulk_create(Upstream(name=f"U{n}", family="compatible") for n in range(20))
    with django_assert_num_queries(3):
        admins.get("/setup")


# The chat


@pytest.mark.parametrize("asked_for", ["nonsense", "\0", "demo"])
def test_a_chat_with_what_cannot_be_asked_begins_with_another(admins, upstream, sample, asked_for):
    html = admins.get("/", {"model": asked_for}).content.decode()
    assert 'name="model" value="large"' in html


def test_others_begin_with_the_default_until_they_have_chosen_another(owners, admins, upstream):
    assert 'name="model" value="large"' in owners.get("/").content.decode()
    choose(admins, upstream, "small", "large", default="small")
    assert 'name="model" value="small"' in owners.get("/").content.decode()


@contextmanager
def answering(status: int, body: bytes, content_type: str) -> Iterator[str]:
    """The address of a server that answers anything with this."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    forget_clients()
