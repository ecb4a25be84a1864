"""What the scripts of the Python clients share: the cells to try come on standard input, each result is a line."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JOB = json.load(sys.stdin)
URL, KEY = JOB["url"], JOB["key"]
PICTURE, DOCUMENT = JOB["picture"], JOB["document"]  # in base64
SCHEMA = JOB["schema"]
TOOL = {"type": "function", "function": JOB["tool"]}


@dataclass(frozen=True)
class Cell:
    name: str
    model: str

    def asks(self, words: str) -> str:
        return f"[{self.name}] {words}"


def weather(city: str) -> str:
    return f"21 degrees in {city}"


def now() -> float:
    return time.monotonic()


def failure(error: BaseException) -> dict[str, Any]:
    """What a program can find out about an error of its client, or of what caused it."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    status = next(
        (each.status_code for each in chain if isinstance(getattr(each, "status_code", None), int)), None
    )
    return {"type": type(error).__name__, "status": status, "message": str(error)}


def failing(attempt: Callable[[], object]) -> dict[str, Any]:
    try:
        attempt()
    except Exception as error:
        return failure(error)
    return {"type": None, "status": None, "message": ""}


def run(functions: Mapping[str, Any]) -> None:
    """One function for each capability. A client has no way to do what its script has no function for."""
    for each in JOB["cells"]:
        function = functions.get(each["capability"])
        result: dict[str, Any]
        try:
            result = function(Cell(each["cell"], each["model"])) if function else {"missing": True}
        except Exception as error:
            result = {"error": failure(error)}
        print(json.dumps({"cell": each["cell"], **result}), flush=True)
