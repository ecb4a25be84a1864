from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models, transaction

from .conversation import Conversation
from .message import Message
from .word_index import TITLES, Document, word_index
from .words import distinct_words

AT_ONCE = 50


class UnindexedQuerySet(models.QuerySet["Unindexed"]):
    def take_up(self) -> bool:
        """Put the latest messages and titles into the index of words; False when none waits.

        Of two processes each takes what the other does not.
        """
        with transaction.atomic():
            free = self.select_for_update(skip_locked=True).order_by("-document")
            kinds = free.filter(document__gt=0), free.filter(document__lt=0)
            waiting = [each.document for kind in kinds for each in kind[:AT_ONCE]]
            word_index().put([*_messages(waiting), *_titles(waiting)])
            self.filter(pk__in=waiting).delete()
        return bool(waiting)


class Unindexed(models.Model):
    """What was written and cannot be found yet; triggers of the database mark it here."""

    document = models.BigIntegerField(primary_key=True)

    objects = UnindexedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Document {self.document}"


def _messages(documents: Iterable[int]) -> Iterator[Document]:
    messages = Message.objects.select_related("conversation")
    for key, message in messages.in_bulk([key for key in documents if key > 0]).items():
        yield Document(key, message.conversation.owner_id, distinct_words(message.searchable))


def _titles(documents: Iterable[int]) -> Iterator[Document]:
    found = Conversation.objects.in_bulk([key + TITLES for key in documents if key < 0])
    for key, conversation in found.items():
        yield Document(key - TITLES, conversation.owner_id, distinct_words(conversation.title))
