"""What a person finds again among their own titles and messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from .conversation import Conversation
from .message import Message
from .storable import storable
from .unindexed import Unindexed
from .word_index import OF_MESSAGES, OF_TITLES, TITLES, Span, word_index
from .words import Term, terms_of, words_of

if TYPE_CHECKING:
    from .user import User

LONGEST = 200
MOST_TERMS = 16
MOST_TITLES = 8
PAGE_LENGTH = 20
AT_ONCE = 100
# A person's trash could hold everything that is found.
MOST_BATCHES = 20
BEFORE_HIT = 60
EXCERPT_LENGTH = 220


class Piece(NamedTuple):
    """Of a text that was found: what is `marked` was looked for."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    conversation: Conversation
    pieces: list[Piece]
    message: Message | None = None

    @property
    def address(self) -> str:
        """Where the message is read, on its own branch."""
        page = self.conversation.get_absolute_url()
        return f"{page}?at={self.message.public_id}#{self.message.dom_id}" if self.message else page


@dataclass
class Search:
    """`text` is words, whatever stands between them; all have to be there, the last one at least begun."""

    owner: User
    text: str
    terms: list[Term] = field(init=False)

    def __post_init__(self) -> None:
        self.text = storable(self.text)[:LONGEST]
        self.terms = list(dict.fromkeys(terms_of(self.text)))[:MOST_TERMS]

    def take_up(self) -> None:
        """Let what was written a moment ago be found; of an import of thousands, the rest is found later."""
        Unindexed.objects.take_up()

    def titles(self) -> list[Hit]:
        hits = (Hit(each, self.marked(each.title)) for each in self._titles())
        return list(islice(hits, MOST_TITLES))

    def messages(self, before: Message | None = None) -> tuple[list[Hit], Message | None]:
        """A page of them, the latest first, and the last one if there are more after it."""
        found = self._messages(OF_MESSAGES._replace(below=before.pk) if before else OF_MESSAGES)
        page = list(islice(found, PAGE_LENGTH + 1))
        hits = [Hit(each.conversation, self.excerpt(each.searchable), each) for each in page[:PAGE_LENGTH]]
        return hits, page[PAGE_LENGTH - 1] if len(page) > PAGE_LENGTH else None

    def marked(self, text: str) -> list[Piece]:
        return list(self._pieces(text, 0, len(text)))

    def excerpt(self, text: str) -> list[Piece]:
        """The text around the first hit, on one line."""
        hits = (word.start for word in words_of(text) if self._is_hit(word.text))
        begin = max(0, next(hits, 0) - BEFORE_HIT)
        if begin:
            begin = text.find(" ", begin, begin + BEFORE_HIT) + 1 or begin
        end = min(len(text), begin + EXCERPT_LENGTH)
        pieces = list(self._pieces(text, begin, end))
        return [Piece("…")] * bool(begin) + pieces + [Piece("…")] * (end < len(text))

    def _titles(self) -> Iterator[Conversation]:
        own = Conversation.objects.owned_by(self.owner)
        for keys in self._batches(OF_TITLES):
            found = own.in_bulk([key + TITLES for key in keys])
            yield from (found[key + TITLES] for key in keys if key + TITLES in found)

    def _messages(self, span: Span) -> Iterator[Message]:
        own = Message.objects.owned_by(self.owner).select_related("conversation")
        for keys in self._batches(span):
            found = own.in_bulk(keys)
            yield from (found[key] for key in keys if key in found)

    def _batches(self, span: Span) -> Iterator[Sequence[int]]:
        for _ in range(MOST_BATCHES):
            keys = word_index().find(self.owner.pk, self.terms, span, AT_ONCE) if self.terms else []
            if keys:
                yield keys
            if len(keys) < AT_ONCE:
                return
            span = Span(span.above, keys[-1])

    def _is_hit(self, word: str) -> bool:
        return any(term.is_in(word) for term in self.terms)

    def _pieces(self, text: str, begin: int, end: int) -> Iterator[Piece]:
        """Hits that touch or overlap are one, as pairs of characters do."""
        shown = text[begin:end]
        place = 0
        for first, last in self._hits(shown):
            yield Piece(shown[place:first])
            yield Piece(shown[first:last], is_marked=True)
            place = last
        yield Piece(shown[place:])

    def _hits(self, text: str) -> list[tuple[int, int]]:
        joined: list[tuple[int, int]] = []
        for word in words_of(text):
            if not self._is_hit(word.text):
                continue
            if joined and word.start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], word.end)
            else:
                joined.append((word.start, word.end))
        return joined
