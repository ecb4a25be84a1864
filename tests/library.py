"""Conversations by the hundred thousand, in words as they are distributed in writing."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import accumulate, islice

from django.utils import timezone

from chat.models import Conversation, Message, User

BATCH = 5000
VOCABULARY = 50_000
SYLLABLES = "ba co du fe gi lo mu na po ra se ti vu wy za chi dre stro ple".split()


def vocabulary() -> list[str]:
    chance = random.Random(1)
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(chance.choices(SYLLABLES, k=chance.randint(1, 5)))] = None
    return list(found)


def writing(words: Sequence[str], length: int = 60) -> Iterator[str]:
    """One word in ten is the most frequent one, and every other as much rarer as its place in the list is lower."""
    chance = random.Random(2)
    weights = list(accumulate(1 / place for place in range(1, len(words) + 1)))
    while True:
        pool = chance.choices(words, cum_weights=weights, k=length * 1000)
        for start in range(0, len(pool), length):
            yield " ".join(pool[start : start + chance.randint(5, length)])


def fill(owner: User, conversations: int, messages_each: int, texts: Iterator[str]) -> None:
    now = timezone.now()
    for first in range(0, conversations, BATCH // 10):
        made = Conversation.objects.bulk_create(
            Conversation(
                owner=owner,
                title=next(texts)[:60],
                updated_at=now - timedelta(minutes=first + place),
            )
            for place in range(min(BATCH // 10, conversations - first))
        )
        rows = (
            Message(
                conversation=each,
                role="user",
                content=[{"type": "text", "text": next(texts)}],
                created_at=now,
            )
            for each in made
            for _ in range(messages_each)
        )
        while batch := list(islice(rows, BATCH)):
            Message.objects.bulk_create(batch)
