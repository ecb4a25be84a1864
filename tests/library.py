"""Conversations by the hundred thousand, in words as they are distributed in writing.

They are copied inside the database from a pool of texts: made one by one, a million would take half an hour.
"""

import json
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from django.db import connection

from chat.models import Conversation, Message, User
from chat.models.words import distinct_words

VOCABULARY = 50_000
POOL = 20_000
SYLLABLES = "ba co du fe gi lo mu na po ra se ti vu wy za chi dre stro ple".split()
# Nine digits, so that public ids have their length.
NUMBER = "({owner} * 10000000 + 100000000 + n)"
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most} - 1)"
INDEX = {
    "sqlite": "INSERT INTO chat_words (rowid, words) SELECT m.id, '_' || {owner} || ' ' || p.words",
    "postgresql": "INSERT INTO chat_words SELECT m.id, {owner}, array_to_tsvector(string_to_array(p.words, ' '))",
}


def vocabulary() -> list[str]:
    chance = random.Random(1)
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(chance.choices(SYLLABLES, k=chance.randint(1, 5)))] = None
    return list(found)


def writing(words: Sequence[str], length: int = 60) -> Iterator[str]:
    """Every word is as much rarer as its place in the list is lower."""
    chance = random.Random(2)
    weights = list(accumulate(1 / place for place in range(1, len(words) + 1)))
    while True:
        yield " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(5, length)))


def pour() -> None:
    """The pool from which `fill` takes."""
    texts = islice(writing(vocabulary()), POOL)
    rows = [
        (place, json.dumps([{"type": "text", "text": text}]), text[:60], " ".join(distinct_words(text)))
        for place, text in enumerate(texts)
    ]
    kind = "jsonb" if connection.vendor == "postgresql" else "text"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE pool (place integer PRIMARY KEY, content {kind}, title text, words text)"
        )
        cursor.executemany("INSERT INTO pool VALUES (%s, %s, %s, %s)", rows)


def fill(owner: User, conversations: int, messages_each: int) -> None:
    """Titles are left to be indexed as ever; messages are indexed here."""
    one = Conversation.objects.create(owner=owner, title="Model of the others")
    _copy(
        one,
        conversations,
        {"public_id": f"'conversation-' || {NUMBER}", "title": "p.title", "updated_at": _minutes_ago("n")},
    )
    message = Message.objects.create(conversation=one, role="user")
    first = one.pk + 1
    _copy(
        message,
        conversations * messages_each,
        {
            "public_id": f"'message------' || {NUMBER}",
            "content": "p.content",
            "conversation_id": f"{first} + n / {messages_each}",
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{INDEX[connection.vendor].format(owner=owner.pk)} FROM chat_message m JOIN pool p "
            f"ON p.place = (m.id - {message.pk + 1}) % {POOL} WHERE m.id > {message.pk}"
        )
        cursor.execute("DELETE FROM chat_unindexed WHERE document > 0")


def _copy(one: Conversation | Message, times: int, changed: dict[str, str]) -> None:
    """Keys follow that of the one that is copied."""
    columns = [field.column for field in one._meta.concrete_fields]
    owner = one.owner_id if isinstance(one, Conversation) else one.conversation.owner_id
    values = {column: f"o.{column}" for column in columns} | {"id": f"{one.pk + 1} + n"} | changed
    taken = ", ".join(values[column].format(owner=owner) for column in columns)
    table = one._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"{NUMBERS.format(most=times)} INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} "
            f"FROM numbers JOIN pool p ON p.place = n % {POOL} JOIN {table} o ON o.id = {one.pk} ORDER BY n"
        )
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _minutes_ago(number: str) -> str:
    if connection.vendor == "postgresql":
        return f"now() - {number} * interval '1 minute'"
    return f"datetime('now', '-' || {number} || ' minutes')"
