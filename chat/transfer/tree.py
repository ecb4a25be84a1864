"""Messages of a file as a tree that holds: each once, after the one before it, and under a question."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .values import Message, Untaken

UNKNOWN_QUESTION = "(The question is not in the file.)"
TWICE = Untaken("A message whose id another has already")
ORPHANED = Untaken("The place of a message: the one before it is not in the file")
CIRCULAR = Untaken("The place of messages that come before themselves")


@dataclass(frozen=True, slots=True)
class Tree:
    messages: tuple[Message, ...]
    untaken: tuple[Untaken, ...] = ()


def untangled(messages: Iterable[Message]) -> Tree:
    """Parents come first; otherwise the order stays."""
    untaken: list[Untaken] = []
    known: dict[str, Message] = {}
    for message in messages:
        if message.id in known:
            untaken.append(TWICE)
        else:
            known[message.id] = message
    ordered: list[Message] = []
    waiting: dict[str, list[Message]] = {}
    placed: set[str] = set()

    def place(first: Message) -> None:
        stack = [first]
        while stack:
            message = stack.pop()
            ordered.append(message)
            placed.add(message.id)
            stack += reversed(waiting.pop(message.id, []))

    for message in known.values():
        if message.parent is None or message.parent in placed:
            place(message)
        elif message.parent in known:
            waiting.setdefault(message.parent, []).append(message)
        else:
            untaken.append(ORPHANED)
            place(replace(message, parent=None))
    while waiting:
        untaken.append(CIRCULAR)
        children = next(iter(waiting.values()))
        place(replace(children.pop(0), parent=None))
        waiting = {parent: left for parent, left in waiting.items() if left}
    return Tree(tuple(_with_questions(ordered)), tuple(untaken))


def spliced(parents: Mapping[str, str | None], kept: Iterable[Message]) -> list[Message]:
    """The kept messages under the nearest kept one of those before them; `parents` knows all that there were."""
    messages = list(kept)
    ids = {message.id for message in messages}
    return [replace(message, parent=nearest(message.parent, parents, ids)) for message in messages]


def nearest(place: str | None, parents: Mapping[str, str | None], kept: set[str]) -> str | None:
    """The id itself, or of those before it the first that is kept; of none that the file knows, the id as it is."""
    seen: set[str] = set()
    while place is not None and place not in kept:
        if place not in parents:
            return place
        if place in seen:
            return None
        seen.add(place)
        place = parents[place]
    return place


def joined(messages: list[Message], head: str | None) -> tuple[list[Message], str | None]:
    """An answer that came in several messages, with the calls of tools in between, as one."""
    children: dict[str | None, int] = {}
    for message in messages:
        children[message.parent] = children.get(message.parent, 0) + 1
    kept: dict[str, Message] = {}
    became: dict[str, str] = {}
    for message in messages:
        parent = became.get(message.parent or "", message.parent)
        before = kept.get(parent or "")
        if before and before.role == message.role == "assistant" and children[message.parent] == 1:
            kept[before.id] = _one(before, message)
            became[message.id] = before.id
        else:
            kept[message.id] = replace(message, parent=parent)
    return list(kept.values()), became.get(head or "", head)


def _one(before: Message, after: Message) -> Message:
    return replace(
        before,
        text="\n\n".join(filter(None, (before.text, after.text))),
        reasoning="\n\n".join(filter(None, (before.reasoning, after.reasoning))),
        files=before.files + after.files,
        model=after.model or before.model,
        model_name=after.model_name or before.model_name,
        status=after.status,
        details={**before.details, **after.details},
    )


def _with_questions(messages: list[Message]) -> Iterator[Message]:
    """An answer without a question could not be retried."""
    for message in messages:
        if message.role == "assistant" and message.parent is None:
            question = Message(f"question of {message.id}", None, "user", UNKNOWN_QUESTION)
            yield replace(question, created_at=message.created_at)
            yield replace(message, parent=question.id)
        else:
            yield message
