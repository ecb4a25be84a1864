"""The site as people run it: `manage.py serve` in a process of its own, on a free port, with its own data.

with Site(tmp_path, COMPATIBLE_BASE_URL=upstream.base_url) as site:
    site.url                   # "http://127.0.0.1:<port>"
    site.sign_in_link          # the one-time link that it printed
    site.kill()                # as a crash does; `site.start()` brings it back on the same data and port
    site.manage("create_user", "olga", "--password", "…")
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[1]
START_SECONDS = 60
STOP_SECONDS = 15


class Site:
    def __init__(self, data: Path, port: int | None = None, **environment: str) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = plain_environment() | {
            "DATA_DIR": str(data),
            "ENV_FILE": os.devnull,
            "DETECT_LOCAL_SERVERS": "false",
            **environment,
        }
        self.output: list[str] = []
        self.sign_in_link = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()

    def start(self) -> None:
        """Returns when it serves. `seconds_to_start` is how long that took."""
        self.begin()
        self.wait_until_it_serves()

    def begin(self) -> None:
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._serving = threading.Event()
        threading.Thread(target=self._read, args=(self.process, self._serving), daemon=True).start()

    def wait_until_it_serves(self) -> None:
        if not self._serving.wait(START_SECONDS) or self.process.poll() is not None:
            self.process.kill()
            raise AssertionError("The site did not start:\n" + "".join(self.output))
        self.seconds_to_start = time.monotonic() - self._began

    def wait_for_output(self, words: str) -> None:
        """Slow upstreams are told of after the site serves."""
        deadline = time.monotonic() + START_SECONDS
        while not any(words in line for line in self.output):
            assert time.monotonic() < deadline, f"{words!r} is not in {self.output}"
            time.sleep(0.05)

    def stop(self) -> int:
        """End it as an operator does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def _read(self, process: subprocess.Popen[str], serving: threading.Event) -> None:
        assert process.stdout
        for line in process.stdout:
            self.output.append(line)
            if link := re.search(r"http\S+/sign-in/\S+", line):
                self.sign_in_link = link.group()
            if line.startswith("Serving on"):
                serving.set()
        serving.set()


def plain_environment() -> dict[str, str]:
    """This process's, without what would tell the site of other upstreams, databases or settings."""
    foreign = (
        "_API_KEY",
        "_BASE_URL",
        "_URL",
        "SIGN_UP",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DJANGO_SETTINGS_MODULE",
        # The second start of a site finds its modules compiled, wherever it does not say otherwise.
        "PYTHONDONTWRITEBYTECODE",
    )
    return {name: value for name, value in os.environ.items() if not name.endswith(foreign)}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
