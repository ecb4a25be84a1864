"""What the fake providers share: what a request asks, and what the model says to it."""

import base64
import hashlib
import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.replay import Ending, Received, ReplayServer, Script

Wire = Mapping[str, Any]

ANSWER = "Grüezi from the model: 1 < 2 & 3\u2028that is 🙂 all."
OBJECT = {"city": "Zürich", "degrees": 21}
THOUGHTS = ("The user wants an answer. ", "I will give one.")
RETRY_AFTER = 1
PROMPT_TOKENS, THOUGHT_TOKENS, ANSWER_TOKENS = 21, 5, 8

_DELAY = 0.002
_CELL = re.compile(r"\[([\w-]+/[\w-]+/[\w-]+)\]")
_CITIES = ("Zürich", "Bern")
_DATA_URL = re.compile(r"data:([^;,]*);base64,(.*)", re.DOTALL)


def sealed(cell: str) -> str:
    """What the provider signs or encrypts of its reasoning in a cell: nobody could make it up."""
    return base64.b64encode(hashlib.sha256(f"sealed {cell}".encode()).digest() * 4).decode()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, whatever its words for it. `reasoning` is what came back of earlier reasoning."""

    text: str
    tools: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    schema: Wire | None = None
    wants_json: bool = False
    thinks: bool = True
    reasoning: tuple[str, ...] = ()

    @property
    def cell(self) -> str:
        found = _CELL.search(self.text)
        return found[1] if found else ""

    @property
    def question(self) -> str:
        """The words behind the last mark of a cell."""
        return _CELL.split(self.text)[-1]


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    name: str
    arguments: Wire


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says. `sealed` is its reasoning as the provider wants it back."""

    sealed: str
    thoughts: Sequence[str] = ()
    text: str = ""
    calls: Sequence[Call] = ()
    then: Ending = "end"

    @property
    def words(self) -> list[str]:
        return re.findall(r"\S*\s*", self.text)[:-1]


@dataclass(slots=True)
class Exchange:
    asked: Asked
    received: Received


class Refused(Exception):
    """The provider refuses, with these words, as it would a request of the wrong shape."""


class Provider(ReplayServer):
    """`model` is asked in nearly every cell; `exchanges` are the requests of each cell, in their order."""

    family: str
    variable: str
    model: str
    other_models: tuple[str, ...] = ()
    base_path = ""

    def __init__(self) -> None:
        super().__init__()
        self.models = [self.model, *self.other_models]
        self.exchanges: dict[str, list[Exchange]] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What tells the site of this provider."""
        url = f"http://127.0.0.1:{self.port}{self.base_path}"
        return {f"{self.variable}_API_KEY": "sk-upstream", f"{self.variable}_BASE_URL": url}

    def script_for(self, received: Received) -> Script:
        asked = self.read(received.path, received.json)
        self.exchanges.setdefault(asked.cell, []).append(Exchange(asked, received))
        if "Refuse" in asked.question:
            return self._refusal(429, self.too_fast())
        try:
            self.insist(received.path, received.json, asked)
        except Refused as refused:
            return self._refusal(400, self.not_valid(str(refused)))
        reply = reply_to(asked, len(self.exchanges[asked.cell]))
        events = list(self.write(received.path, reply))
        said = events if reply.then == "end" else events[: len(events) // 2]
        return Script(said, _DELAY, headers={"content-type": "text/event-stream"}, then=reply.then)

    def _refusal(self, status: int, body: Wire) -> Script:
        headers = {"content-type": "application/json", "retry-after": str(RETRY_AFTER)}
        return Script([json.dumps(body).encode()], status=status, headers=headers)

    def insist(self, path: str, body: Wire, asked: Asked) -> None:
        """Refuse what the real one refuses."""

    @abstractmethod
    def read(self, path: str, body: Wire) -> Asked: ...

    @abstractmethod
    def write(self, path: str, reply: Reply) -> Iterator[bytes]: ...

    @abstractmethod
    def too_fast(self) -> Wire: ...

    @abstractmethod
    def not_valid(self, message: str) -> Wire: ...


def reply_to(asked: Asked, turn: int) -> Reply:
    thoughts = THOUGHTS if asked.thinks else ()
    seal = sealed(asked.cell)
    text = json.dumps(OBJECT, ensure_ascii=False) if asked.schema or asked.wants_json else ANSWER
    if "Wait" in asked.question:
        return Reply(seal, thoughts, text, then="stall")
    if "Break off" in asked.question:
        return Reply(seal, thoughts, text, then="close")
    if asked.results:
        return Reply(seal, thoughts, f"The tool says: {' and '.join(asked.results)}.")
    cities = [city for city in _CITIES if city in asked.question]
    if asked.tools and cities:
        calls = [_call(asked, city, f"{turn}{at}") for at, city in enumerate(cities)]
        return Reply(seal, thoughts, "", calls)
    return Reply(seal, thoughts, text)


def _call(asked: Asked, city: str, number: str) -> Call:
    unique = hashlib.sha256(f"{asked.cell}{number}".encode()).hexdigest()
    return Call(f"call_{unique[:20]}", asked.tools[0], {"city": city})


def in_pieces(text: str, size: int = 5) -> Iterator[str]:
    yield from (text[at : at + size] for at in range(0, len(text), size))


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def file_in(url: str) -> tuple[str, bytes]:
    found = _DATA_URL.fullmatch(url)
    return (found[1], base64.b64decode(found[2])) if found else ("", url.encode())
