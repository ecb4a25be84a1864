import sys

import pytest

from chat.markup import render
from chat.markup.memory import Remembered


@pytest.fixture
def rendered(monkeypatch) -> list[str]:
    """The texts that were really rendered."""
    texts: list[str] = []

    def rendering(text, prefix):
        texts.append(text)
        return render(text, prefix)

    monkeypatch.setattr("chat.markup.memory.render", rendering)
    return texts


def test_a_text_is_rendered_once(rendered) -> None:
    memory = Remembered(10_000)
    assert memory.render("*one*", "a") == memory.render("*one*", "a") == render("*one*", "a")
    assert rendered == ["*one*"]


def test_another_text_and_another_place_are_others(rendered) -> None:
    memory = Remembered(10_000)
    pages = {memory.render("`one`[^1]\n\n[^1]: x", "a"), memory.render("`one`[^1]\n\n[^1]: x", "b")}
    assert len(pages) == 2
    assert "two" in memory.render("two", "a")
    assert len(rendered) == 3


def test_it_holds_no_more_than_it_may_and_forgets_the_oldest_first(rendered) -> None:
    room = 3 * sys.getsizeof(render("one", "a"))
    memory = Remembered(room)
    for text in ("one", "two", "six", "one", "ten", "one"):
        memory.render(text, "a")
        assert memory.bytes <= room
    assert rendered == ["one", "two", "six", "ten"]
    memory.render("two", "a")
    assert rendered[-1] == "two"


def test_what_is_larger_than_all_of_it_is_rendered_and_not_kept() -> None:
    memory = Remembered(100)
    assert memory.render("word " * 100, "a") == render("word " * 100, "a")
    assert memory.bytes == 0


def test_half_a_character_does_no_harm() -> None:
    assert "\ufffd" in Remembered(1_000).render("a \ud800", "a")
