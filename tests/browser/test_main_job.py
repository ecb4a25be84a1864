"""What the site is for, from nothing: the repository, the command of the README, a question, the answer."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from playwright.sync_api import expect

from tests import require
from tests.browser.conftest import ask, last_answer
from tests.site import ROOT, free_port, plain_environment

PATIENCE = 180


def test_a_fresh_clone_answers_a_question_after_one_command(browser, upstream, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    upstream.say("The answer of a real upstream.")
    port = free_port()
    environment = plain_environment() | {"COMPATIBLE_BASE_URL": upstream.base_url, "COMPATIBLE_API_KEY": "k"}
    # The environment that runs this test is another project's to uv.
    environment.pop("VIRTUAL_ENV", None)
    command = [require.program("uv"), "run", "manage.py", "serve", "--port", str(port)]
    log = tmp_path / "log"
    with log.open("w") as output:
        site = subprocess.Popen(
            command,
            cwd=clone,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        link = printed_link(log, site)
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(link)
            ask(page, "What is it?")
            expect(last_answer(page)).to_have_attribute("data-status", "complete", timeout=10_000)
            expect(last_answer(page)).to_contain_text("The answer of a real upstream.")
        assert upstream.requests[-1].headers["authorization"] == "Bearer k"
    finally:
        os.killpg(site.pid, signal.SIGTERM)
        site.wait(20)


def printed_link(log: Path, site: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and site.poll() is None:
        text = log.read_text()
        if "Serving on" in text and (link := re.search(r"http\S+/sign-in/\S+", text)):
            return link.group()
        time.sleep(0.1)
    raise AssertionError(f"The site did not start:\n{log.read_text()}")
