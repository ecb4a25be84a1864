"""The clients, each in an environment of its own and in one process that tries all of its cells."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tests import require

from .cells import CAPABILITIES, CLIENTS, Cell
from .providers import Provider
from .providers.openai import SHOWS_REASONING
from .providers.provider import OBJECT

SCRIPTS = Path(__file__).parent / "clients"
SECONDS = 240
AT_ONCE = 2

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DOCUMENT = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
TOOL = {
    "name": "weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": list(OBJECT),
    "additionalProperties": False,
}
# Nothing is asked of anybody but the site.
_QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "AI_SDK_TELEMETRY": "0", "DO_NOT_TRACK": "1"}

Result = dict[str, Any]

_installing = threading.Lock()


class Clients:
    """`result(cell)` waits for the client. Two run at once, in the order of the cells."""

    def __init__(self, url: str, key: str, providers: Iterable[Provider], names: Container[str]) -> None:
        self._job = {
            "url": f"{url}/v1",
            "key": key,
            "picture": base64.b64encode(PICTURE).decode(),
            "document": base64.b64encode(DOCUMENT).decode(),
            "tool": TOOL,
            "schema": SCHEMA,
        }
        self._models = {provider.family: provider.model for provider in providers}
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._runs: dict[str, Future[dict[str, Result]]] = {
            name: self._pool.submit(self._run, name) for name in CLIENTS if name in names
        }

    def result(self, cell: Cell) -> Result:
        results = self._runs[cell.client].result()
        assert str(cell) in results, results.get("", "The client said nothing of this cell.")
        return results[str(cell)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _run(self, name: str) -> dict[str, Result]:
        """By the name of the cell; under no name what the client complained about."""
        with _command(name) as (command, folder):
            job = json.dumps({**self._job, "cells": self._cells(name)})
            done = subprocess.run(
                command,
                cwd=folder,
                env=_environment(),
                input=job,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        lines = [line for line in done.stdout.split("\n") if line.startswith('{"cell"')]
        said = {result["cell"]: result for result in map(json.loads, lines)}
        return {**said, "": {"stdout": done.stdout[-2000:], "stderr": done.stderr[-4000:]}}

    def _cells(self, name: str) -> list[dict[str, str]]:
        return [
            {
                "cell": str(Cell(name, family, capability)),
                "capability": capability,
                "model": SHOWS_REASONING if (family, capability) == ("openai", "reasoning") else model,
            }
            for family, model in self._models.items()
            for capability in CAPABILITIES
        ]


@contextmanager
def _command(name: str) -> Iterator[tuple[list[str], str]]:
    client = tomllib.loads((SCRIPTS / "clients.toml").read_text())[name]
    script = SCRIPTS / client["script"]
    with tempfile.TemporaryDirectory() as folder:
        if script.suffix == ".mjs":
            yield [require.program("node"), str(_installed(script.parent) / script.name)], folder
            return
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        packages = [word for package in client["packages"] for word in ("--with", package)]
        uv = [require.program("uv"), "run", "--quiet", "--isolated", "--no-project", "--python", python]
        yield [*uv, *packages, "python", str(script)], folder


def _installed(scripts: Path) -> Path:
    """The scripts beside their packages, in a folder that is kept for the next time."""
    npm = require.program("npm")
    wanted = (scripts / "package.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"chatsite-conformance-{hashlib.sha256(wanted).hexdigest()[:12]}"
    with _installing:
        folder.mkdir(exist_ok=True)
        for script in scripts.iterdir():
            shutil.copy(script, folder)
        if not (folder / "node_modules" / ".package-lock.json").exists():
            install = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
            subprocess.run(install, cwd=folder, check=True, timeout=SECONDS)
    return folder


def _environment() -> dict[str, str]:
    """Without what would tell a client of another key or address, or of the packages of the project."""
    ours = ("_API_KEY", "_BASE_URL", "VIRTUAL_ENV", "PYTHONPATH")
    outside = {name: value for name, value in os.environ.items() if not name.endswith(ours)}
    return {**outside, **_QUIET, "PYTHONDONTWRITEBYTECODE": "1"}
