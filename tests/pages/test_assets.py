import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

LONGEST_BEHAVIOUR = 60
JAVASCRIPT_BUDGET = 60_000


@pytest.mark.parametrize(("name", "kind"), [("css", "text/css"), ("js", "text/javascript")])
def test_all_styles_and_all_behaviours_are_one_file_each_to_keep(client, db, owners, name, kind):
    html = owners.get("/").content.decode()
    found = re.search(rf'"(/site\.{name}\?v=\w+)"', html)
    assert found
    response = client.get(found[1])
    assert response["Content-Type"].startswith(kind)
    assert "immutable" in response["Cache-Control"]
    assert client.get(f"/site.{name}")["Cache-Control"] == "no-cache"


def test_every_icon_of_a_page_is_in_the_set(owners, conversation):
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    sprite = Path(finders.find("icons.svg")).read_text()
    for name in set(re.findall(r'icons\.svg\?v=\w+#([\w-]+)"', html)):
        assert f'id="{name}"' in sprite


def test_every_script_of_a_page_carries_its_nonce(owners, model):
    response = owners.get("/")
    nonce = re.search(r"script-src 'nonce-([^']+)'", response["Content-Security-Policy"])
    assert nonce
    scripts = re.findall(r"<script[^>]*>", response.content.decode())
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert nonce[1] not in owners.get("/")["Content-Security-Policy"]


def test_the_script_of_the_chat_stays_small(client, owners, model):
    html = owners.get("/").content.decode()
    addresses = re.findall(r'<script[^>]* src="([^"]+)"', html)
    size = sum(len(gzip.compress(body(client, address))) for address in addresses)
    assert size <= JAVASCRIPT_BUDGET


def body(client, address: str) -> bytes:
    if address.startswith("/static/"):
        return Path(finders.find(address.removeprefix("/static/").split("?")[0])).read_bytes()
    return client.get(address).content


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_appearance_that_was_chosen_comes_with_the_page(owners, model, theme):
    owners.cookies["theme"] = theme
    assert f'data-theme="{theme}"' in owners.get("/").content.decode()


def test_the_operators_accent_is_in_the_page(owners, model, settings):
    settings.SITE_ACCENT = "</style><b>"
    assert "</style><b>" not in owners.get("/").content.decode()
    settings.SITE_ACCENT = "#7a2e8e"
    assert "--accent: #7a2e8e" in owners.get("/").content.decode()


def test_an_unknown_address_leads_back_to_the_chat(client, db):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert 'href="/"' in response.content.decode()


def test_a_fault_of_the_site_can_be_told_without_anything_else():
    assert "Something went wrong" in get_template("500.html").render()


def test_the_icon_is_where_browsers_look_for_one(client):
    assert client.get("/favicon.ico").url.startswith("/static/favicon.svg?v=")
