"""A snapshot as its page and its preview show it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from chat.markup import render
from chat.models.share import Markup

Address = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class SharedFileLink:
    name: str
    size: int
    is_image: bool
    address: str


@dataclass(frozen=True, slots=True)
class SharedMessage:
    """`others` are the numbers of the branches that begin with another version of it."""

    number: int
    role: str
    model: str
    text: str
    content: SafeString
    reasoning: SafeString
    files: list[SharedFileLink]
    files_left_out: int
    is_cut_off: bool
    others: list[int] = field(default_factory=list)

    @property
    def images(self) -> list[SharedFileLink]:
        return [file for file in self.files if file.is_image]

    @property
    def documents(self) -> list[SharedFileLink]:
        return [file for file in self.files if not file.is_image]


@dataclass(frozen=True, slots=True)
class SharedBranch:
    number: int
    after: int
    messages: list[SharedMessage]

    @property
    def beginning(self) -> str:
        """Its first words, without their signs."""
        first = self.messages[0]
        return " ".join((unescape(strip_tags(first.content)) or first.text).split())


def draw(content: dict[str, Any]) -> Markup:
    """The HTML of every answer, by its number; a question is shown as it was written."""
    return {str(message["n"]): _drawn(message) for message in _answers(content)}


def _answers(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for branch in content["branches"]:
        yield from (message for message in branch["messages"] if message["role"] != "user")


def _drawn(message: dict[str, Any]) -> dict[str, str]:
    prefix = f"m{message['n']}"
    return {
        "content": render(message["text"], prefix, has_script=False),
        "reasoning": render(message.get("reasoning", ""), f"{prefix}-reasoning", has_script=False),
    }


def branches_of(content: dict[str, Any], markup: Markup, address: Address) -> list[SharedBranch]:
    """`address` says where the file of a number is."""
    after = [branch["after"] for branch in content["branches"]]
    return [
        SharedBranch(number, branch["after"], list(_messages(number, branch, after, markup, address)))
        for number, branch in enumerate(content["branches"])
    ]


def _messages(
    number: int, branch: dict[str, Any], after: list[int], markup: Markup, address: Address
) -> Iterator[SharedMessage]:
    before = branch["after"]
    for message in branch["messages"]:
        others = [each for each, start in enumerate(after) if each not in (0, number) and start == before]
        yield _message(message, markup.get(str(message["n"]), {}), address, others)
        before = message["n"]


def _message(
    message: dict[str, Any], html: dict[str, str], address: Address, others: list[int]
) -> SharedMessage:
    return SharedMessage(
        number=message["n"],
        role=message["role"],
        model=message.get("model", ""),
        text=message["text"],
        content=mark_safe(html.get("content", "")),  # noqa: S308  sanitised by chat.markup
        reasoning=mark_safe(html.get("reasoning", "")),  # noqa: S308
        files=[_file(file, address) for file in message.get("files", ())],
        files_left_out=message.get("files_left_out", 0),
        is_cut_off=message.get("is_cut_off", False),
        others=others,
    )


def _file(file: dict[str, Any], address: Address) -> SharedFileLink:
    return SharedFileLink(file["name"], file["size"], file["kind"] == "image", address(file["n"]))
