"""A conversation outside the database: pure values, whatever product it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NOT_THERE = "A file that is not in the archive"
NO_CONTENT = "A file whose content is not in the export"
LONGEST_TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Untaken:
    """What has no place here, in words, and which one it was if that says more."""

    what: str
    which: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Its content is the `text`, a `data:` URL, or the `member` of the archive that it came in."""

    name: str
    text: str = ""
    data_url: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """`parent` is the id of the message before it. `details` are fields of a row that only our own format has."""

    id: str
    parent: str | None
    role: str
    text: str = ""
    files: tuple[File, ...] = ()
    reasoning: str = ""
    refusal: str = ""
    status: str = "complete"
    model: str = ""
    model_name: str = ""
    created_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """`id` is the one that it has where it comes from. `untaken` is what of it has no place here."""

    source: str
    id: str
    title: str
    messages: tuple[Message, ...]
    head: str | None = None
    model: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    pinned_at: datetime | None = None
    archived_at: datetime | None = None
    folder: str = ""
    tags: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    untaken: tuple[Untaken, ...] = ()
