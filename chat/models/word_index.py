"""Where words are looked up: SQLite's FTS5 or PostgreSQL's tsvector, behind one small class each.

A document is a message, by its key, or the title of a conversation, by its key less `TITLES`. What is written is marked
by triggers, whoever writes it and however: once when an answer ends, and not with every checkpoint.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .words import Term

TITLES = 2**62


class Document(NamedTuple):
    key: int
    owner: int
    words: list[str]


class Span(NamedTuple):
    """The keys between these two, without them."""

    above: int
    below: int


OF_TITLES = Span(-TITLES, 0)
OF_MESSAGES = Span(0, TITLES)


class WordIndex(Protocol):
    def __init__(self, connection: BaseDatabaseWrapper) -> None: ...

    def watch(self) -> None:
        """Have the database mark what is written from now on."""

    def put(self, documents: Iterable[Document]) -> None: ...

    def find(self, owner: int, terms: Sequence[Term], span: Span, limit: int) -> list[int]:
        """The keys of the documents with all these terms, the latest first."""


def word_index(using: str = "default") -> WordIndex:
    connection = connections[using]
    return INDEXES[connection.vendor](connection)


# Waits for whoever is indexing an earlier state of it just now.
MARK = (
    "INSERT INTO chat_unindexed (document) VALUES ({document}) "
    "ON CONFLICT (document) DO UPDATE SET document = excluded.document; "
)
FORGET = "DELETE FROM chat_words WHERE {key} = {document}; DELETE FROM chat_unindexed WHERE document = {document}; "


class Event(NamedTuple):
    name: str
    what: str
    condition: str
    action: str


def events(differs: str, key: str) -> list[Event]:
    """The same in both dialects, but for the operator and the name of the key."""
    ended = "NEW.status <> 'streaming'"
    changed = f"OLD.content {differs} NEW.content OR OLD.refusal {differs} NEW.refusal"
    rewritten = f"{ended} AND (OLD.status = 'streaming' OR {changed})"
    renamed = f"OLD.title {differs} NEW.title"
    mark, mark_title = MARK.format(document="NEW.id"), MARK.format(document=f"NEW.id - {TITLES}")
    gone = FORGET.format(key=key, document="OLD.id")
    title_gone = FORGET.format(key=key, document=f"OLD.id - {TITLES}")
    update = "UPDATE OF content, refusal, status ON chat_message"
    return [
        Event("chat_message_written", "INSERT ON chat_message", ended, mark),
        Event("chat_message_rewritten", update, rewritten, mark),
        Event("chat_message_gone", "DELETE ON chat_message", "", gone),
        Event("chat_title_written", "INSERT ON chat_conversation", "", mark_title),
        Event("chat_title_rewritten", "UPDATE OF title ON chat_conversation", renamed, mark_title),
        Event("chat_title_gone", "DELETE ON chat_conversation", "", title_gone),
    ]


class SqliteIndex:
    """Every row begins with a word for its owner, which no text can have, so that only theirs are gone through."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def watch(self) -> None:
        for name, event, condition, action in events("IS NOT", "rowid"):
            when = f"WHEN {condition}" if condition else ""
            self._run(f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} {when} BEGIN {action} END")

    def put(self, documents: Iterable[Document]) -> None:
        rows = [(key, f"_{owner} {' '.join(words)}") for key, owner, words in documents]
        with self.connection.cursor() as cursor:
            cursor.executemany("INSERT OR REPLACE INTO chat_words (rowid, words) VALUES (%s, %s)", rows)

    def find(self, owner: int, terms: Sequence[Term], span: Span, limit: int) -> list[int]:
        asked = " ".join([f'"_{owner}"', *(f'"{term.text}"{"*" * term.is_beginning}' for term in terms)])
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT rowid FROM chat_words WHERE chat_words MATCH %s AND rowid > %s AND rowid < %s "
                "ORDER BY rowid DESC LIMIT %s",
                [asked, *span, limit],
            )
            return [key for (key,) in cursor.fetchall()]

    def _run(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)


class PostgresIndex:
    """Words come as they are compared, so that no configuration of a language has a say."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def watch(self) -> None:
        for name, event, condition, action in events("IS DISTINCT FROM", "document"):
            when = f"WHEN ({condition})" if condition else ""
            self._run(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {action} RETURN NULL; END $$"
            )
            self._run(
                f"CREATE OR REPLACE TRIGGER {name} AFTER {event} FOR EACH ROW {when} "
                f"EXECUTE FUNCTION {name}()"
            )

    def put(self, documents: Iterable[Document]) -> None:
        rows = [(key, owner, words) for key, owner, words in documents]
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO chat_words VALUES (%s, %s, array_to_tsvector(%s::text[])) ON CONFLICT (document) "
                "DO UPDATE SET owner_id = excluded.owner_id, words = excluded.words",
                rows,
            )

    def find(self, owner: int, terms: Sequence[Term], span: Span, limit: int) -> list[int]:
        asked = " & ".join(f"'{term.text}'{':*' * term.is_beginning}" for term in terms)
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT document FROM chat_words WHERE owner_id = %s AND words @@ %s::tsquery "
                "AND document > %s AND document < %s ORDER BY document DESC LIMIT %s",
                [owner, asked, *span, limit],
            )
            return [key for (key,) in cursor.fetchall()]

    def _run(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)


INDEXES: dict[str, type[WordIndex]] = {"sqlite": SqliteIndex, "postgresql": PostgresIndex}
