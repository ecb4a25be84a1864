"""A text as words to be found by: the same for every database, and for every script.

Words lose their case and accents. What is written without spaces, as Chinese, Japanese and Thai are, counts as pairs
of characters that overlap, so that a word in the middle of a sentence is found.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Vowels and accents that stand for themselves; to a regular expression they are no part of a word.
MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
LETTER = rf"[^\W_{UNSPACED}]"
WORD = re.compile(rf"(?P<unspaced>[{UNSPACED}]+)|{LETTER}(?:{LETTER}|[{MARKS}])*")
ACCENTS = re.compile("[\u0300-\u036f]")
# What a ligature or a sign of several letters can be made of besides them.
NO_LETTERS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f\s]")
LONGEST_WORD = 64
# PostgreSQL takes no more than a megabyte of the words of one text.
MOST_BYTES = 400_000


class Word(NamedTuple):
    """`text` is as it is compared; from `start` to `end` it stands in what was read."""

    text: str
    start: int
    end: int


class Term(NamedTuple):
    """What is looked for: a word, or the beginning of one."""

    text: str
    is_beginning: bool = False

    def is_in(self, word: str) -> bool:
        return word.startswith(self.text) if self.is_beginning else word == self.text


def words_of(text: str) -> Iterator[Word]:
    for found in WORD.finditer(text):
        folded = fold(found.group())
        if found.lastgroup == "unspaced":
            yield from _pairs(folded, found.start(), found.end())
        elif folded:
            yield Word(folded[:LONGEST_WORD], found.start(), found.end())


def distinct_words(text: str) -> list[str]:
    """Each word once, until there are too many to be kept of one text."""
    found: dict[str, None] = {}
    room = MOST_BYTES
    for word in words_of(text):
        if word.text not in found:
            found[word.text] = None
            room -= len(word.text.encode()) + 4
        if room < 0:
            break
    return list(found)


def terms_of(text: str) -> list[Term]:
    """What a text asks for: all its words, and the last one may still be written on."""
    words = [word for word in words_of(text) if not _ends_a_run(word, text)]
    return [Term(word.text, _is_beginning(word, text)) for word in words if word.text]


def fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    bare = ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return NO_LETTERS.sub("", unicodedata.normalize("NFKC", bare))


def _pairs(run: str, start: int, end: int) -> Iterator[Word]:
    """The last character stands alone, so that each of them begins something."""
    is_as_written = len(run) == end - start
    for place in range(len(run)):
        pair = run[place : place + 2]
        if is_as_written:
            yield Word(pair, start + place, start + place + len(pair))
        else:
            yield Word(pair, start, end)


def _ends_a_run(word: Word, text: str) -> bool:
    """The last character of several is in the pair before it."""
    is_unspaced = re.match(f"[{UNSPACED}]", text[word.start]) is not None
    before = text[word.start - 1 : word.start]
    return is_unspaced and len(word.text) == 1 and re.match(f"[{UNSPACED}]", before) is not None


def _is_beginning(word: Word, text: str) -> bool:
    if re.match(f"[{UNSPACED}]", text[word.start]):
        return len(word.text) == 1
    return word.end == len(text) and len(word.text) > 1
