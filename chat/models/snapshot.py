"""What a shared page shows, and nothing else: everything in it is named here.

    {"title": …, "system_prompt": …, "branches": [{"after": 0, "messages": [{"n": 1, "role": "user", …}]}]}

The first branch is the one that was shared; another one goes off `after` the message of that number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from .attachment import Attachment
from .branch import Branch
from .message import Message, Role

if TYPE_CHECKING:
    from .conversation import Conversation

Path = list[Message]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown beside the messages of one branch."""

    branches: bool = False
    reasoning: bool = False
    system_prompt: bool = False
    attachments: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`attachments` are in the order of the numbers by which the content names them."""

    content: dict[str, Any]
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.content["title"])


def take_snapshot(conversation: Conversation, leaf_id: int | None, shown: Shown) -> Snapshot:
    """Raises ValidationError while something of it is being written, and if there is nothing to show."""
    paths = paths_of(conversation, leaf_id, every=shown.branches)
    if any(message.is_streaming for path in paths for message in path):
        raise ValidationError(
            "An answer is still being written. Share it when it has ended.", code="in_progress"
        )
    numbered = _Numbered(conversation, shown, paths)
    branches = [branch for path in paths if (branch := numbered.branch(path))["messages"]]
    if not branches:
        raise ValidationError("There is nothing to share in this conversation yet.", code="empty")
    content: dict[str, Any] = {"title": conversation.title, "branches": branches}
    if shown.system_prompt and (prompt := system_prompt(conversation, paths[0])):
        content["system_prompt"] = prompt
    return Snapshot(content, numbered.attachments)


def paths_of(conversation: Conversation, leaf_id: int | None, *, every: bool) -> list[Path]:
    """The branch that ends in the leaf; then, if it is to be every one, what goes off it, each to its newest end."""
    main = Branch(conversation, leaf_id).messages()
    if not every:
        return [main]
    replies: dict[int | None, Path] = defaultdict(list)
    for message in conversation.messages.order_by("pk"):
        replies[message.parent_id].append(message)
    taken = {message.pk for message in main}
    paths = [main]
    for path in paths:  # grows on the way
        for parent in (None, *(message.pk for message in path)):
            paths += [
                _to_its_end(start, replies, taken) for start in replies[parent] if start.pk not in taken
            ]
    return paths


def _to_its_end(start: Message, replies: dict[int | None, Path], taken: set[int]) -> Path:
    path = [start]
    while newer := replies[path[-1].pk]:
        path.append(newer[-1])
    taken.update(message.pk for message in path)
    return path


def system_prompt(conversation: Conversation, path: Path) -> str:
    said = (message.text for message in path if message.role == Role.SYSTEM)
    return "\n\n".join(filter(None, (conversation.system_prompt, *said)))


class _Numbered:
    """Messages and files by the numbers that a reader knows them by, in place of ids."""

    def __init__(self, conversation: Conversation, shown: Shown, paths: list[Path]) -> None:
        self.shown = shown
        self.attachments: list[Attachment] = []
        self._numbers: dict[int, int] = {}
        self._parents = {message.pk: message.parent_id for path in paths for message in path}
        wanted = [public_id for path in paths for message in path for public_id in message.attachment_ids]
        found = Attachment.objects.owned_by(conversation.owner).in_order(wanted) if shown.attachments else ()
        self._found = {attachment.public_id: attachment for attachment in found}

    def branch(self, path: Path) -> dict[str, Any]:
        after = self._number_before(path[0]) if path else 0
        return {"after": after, "messages": [self._message(each) for each in path if self._is_shown(each)]}

    def _number_before(self, message: Message) -> int:
        """Of the nearest message before it that is shown; 0 if there is none."""
        parent = message.parent_id
        while parent is not None and parent not in self._numbers:
            parent = self._parents.get(parent)
        return self._numbers[parent] if parent is not None else 0

    def _is_shown(self, message: Message) -> bool:
        thought = self.shown.reasoning and message.reasoning
        return message.role in {Role.USER, Role.ASSISTANT} and bool(
            message.said or message.attached or thought
        )

    def _message(self, message: Message) -> dict[str, Any]:
        self._numbers[message.pk] = number = len(self._numbers) + 1
        entry: dict[str, Any] = {"n": number, "role": message.role, "text": message.said}
        if message.role == Role.ASSISTANT:
            entry["model"] = message.model_name
            entry["is_cut_off"] = message.is_cut_off
        if self.shown.reasoning and message.reasoning:
            entry["reasoning"] = message.reasoning
        if files := list(self._files(message)):
            entry["files"] = files
        if left_out := len(message.attachment_ids) - len(files):
            entry["files_left_out"] = left_out
        return entry

    def _files(self, message: Message) -> Iterable[dict[str, Any]]:
        for public_id in message.attachment_ids:
            if attachment := self._found.get(public_id):
                if attachment not in self.attachments:
                    self.attachments.append(attachment)
                yield {
                    "n": self.attachments.index(attachment) + 1,
                    "name": attachment.name,
                    "kind": attachment.kind,
                    "size": attachment.size,
                }
