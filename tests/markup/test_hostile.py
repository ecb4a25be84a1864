"""Texts made to be slow or to break: each ends soon and loses nothing. The bounds leave room for a busy machine."""

from time import perf_counter

import pytest

from chat.markup import StreamedMarkup, render
from tests.markup.browser import text_of

SIZE = 30_000


def filled(part: str) -> str:
    return part * (SIZE // len(part))


HOSTILE = {
    "one word": filled("a"),
    "one line": filled("word "),
    "quotes": ">" * 100_000,
    "brackets": filled("["),
    "images": filled("!["),
    "links": filled("[a]("),
    "backticks": " ".join("`" * count for count in range(250)),
    "dollars": filled("$"),
    "mathematics": filled("\\("),
    "display lines": filled("$$ a\n"),
    "formulas": " ".join(f"$x_{{{number}}}$" for number in range(SIZE // 8)),
    "emphasis": filled("*a **a *a "),
    "emphasis in words": filled("a**b"),
    "underscores": filled("*a_ "),
    "colons": filled(":"),
    "addresses": filled("http://"),
    "ampersands": filled("&"),
    "entities": filled("&a;"),
    "less than": filled("<"),
    "comments": filled("<!--"),
    "backslashes": filled("\\"),
    "blank lines": filled("\n"),
    "nested lines": "\n".join("> - " * (depth % 60) + "*a **b `c [" for depth in range(250)),
    "nested list": "\n".join("  " * (depth % 100) + "- x" for depth in range(3_000)),
    "deep list": "\n".join("  " * depth + "- x" for depth in range(400)),
    "notes": "\n".join(f"[^{number}]: x[^{number + 1}]" for number in range(2_000)),
    "definitions": filled("[a]:\n"),
    "cells": "|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + "|\n" * 5,
    "fences": filled("```\n"),
    "open fence": "```python\n" + filled("x = '(\n"),
    "code line": "```python\n" + filled("("),
    "quote": filled("> a\n"),
    "rule or item": filled("- "),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_whole_text_is_rendered_soon(text: str) -> None:
    began = perf_counter()
    render(text, "message-1")
    assert perf_counter() - began < 5


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_growing_text_never_stops_the_others_for_long(text: str) -> None:
    markup, longest = StreamedMarkup("message-1"), 0.0
    for start in range(0, len(text), 5_000):
        began = perf_counter()
        markup.append(text[start : start + 5_000])
        markup.advance()
        longest = max(longest, perf_counter() - began)
    assert longest < 2


@pytest.mark.parametrize(
    "text",
    ["\0", "\ud800", "\udfff\ud800", "a\u202eb\u200f", "\ufeff", "\u2028\u2029\x85", "\x0b\x0c", "\r", "\t"],
)
def test_odd_characters_do_no_harm(text: str) -> None:
    around = f"a {text} b"
    markup = StreamedMarkup("message-1")
    for character in around:
        markup.append(character)
        markup.advance()
    markup.finish()
    assert text_of(markup.html()) == text_of(render(around, "message-1"))
    render(around, "message-1").encode()


@pytest.mark.parametrize("name", ["one line", "brackets", "nested list", "quote", "open fence", "emphasis"])
def test_nothing_is_lost_where_time_is_saved(name: str) -> None:
    wanted = sum(map(str.isalnum, HOSTILE[name].replace("python", "")))
    shown = text_of(render(HOSTILE[name], "message-1")).replace("Copy", "").replace("python", "")
    assert sum(map(str.isalnum, shown)) == wanted
