"""The site as people start it, in a process of its own."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest

from tests.replay import ReplayServer
from tests.site import ROOT, Site, free_port


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("data")) as site:
        yield site


def visit(url: str):
    """A browser's visit, with a memory for cookies."""
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open(url)


def test_it_serves_and_lets_the_first_administrator_in_once(site):
    assert urllib.request.urlopen(f"{site.url}/healthz").status == 200
    assert site.sign_in_link.startswith(f"{site.url}/sign-in/")
    assert visit(site.sign_in_link).url == f"{site.url}/"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        visit(site.sign_in_link)


def test_two_may_start_at_the_same_time_and_end_when_they_are_told_to(tmp_path):
    sites = [Site(tmp_path), Site(tmp_path)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Site.start, sites))
    assert [site.stop() for site in sites] == [0, 0]


def test_a_taken_port_is_said_plainly(site, tmp_path):
    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(site.port)],
        cwd=ROOT,
        env=site.environment | {"DATA_DIR": str(tmp_path / "other")},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert second.returncode == 1
    assert f"127.0.0.1:{site.port} is taken" in second.stderr
    assert "Traceback" not in second.stderr


def test_what_the_environment_names_is_asked_for_its_models(tmp_path):
    """One that fails is told about, and does not stop the start."""
    with ReplayServer() as upstream:
        upstream.models = ["gpt-small", "gpt-large"]
        urls = {"OPENAI_BASE_URL": upstream.base_url, "COMPATIBLE_BASE_URL": "http://127.0.0.1:9/v1"}
        with Site(tmp_path, **urls) as site:
            site.wait_for_output("OpenAI: 2 models\n")
            site.wait_for_output("Compatible: Nothing answers at")


def test_an_upstream_that_starts_later_than_the_site_is_asked_again(tmp_path):
    port = free_port()
    with Site(tmp_path, COMPATIBLE_BASE_URL=f"http://127.0.0.1:{port}/v1") as site:
        site.wait_for_output("Compatible: Nothing answers at")
        with ReplayServer(port) as upstream:
            upstream.models = ["late-model"]
            site.wait_for_output("Compatible: 1 model\n")
            site.manage("create_user", "olga", "--password", "correct horse battery")
            assert site.manage("create_key", "olga", "--models", "late-model")
    assert not any("Task was destroyed" in line for line in site.output)


def test_an_upstream_that_says_nothing_does_not_hold_up_the_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with Site(tmp_path, COMPATIBLE_BASE_URL=url) as site:
            assert not any(line.startswith("Compatible:") for line in site.output)
            assert urllib.request.urlopen(f"{site.url}/healthz").status == 200
