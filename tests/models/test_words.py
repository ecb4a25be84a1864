import pytest

from chat.models.words import MOST_BYTES, Term, distinct_words, terms_of, words_of


def words(text):
    return [word.text for word in words_of(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Bridge's load_bearing", ["the", "bridge", "s", "load", "bearing"]),
        ("Café Straße ÉTÉ", ["cafe", "strasse", "ete"]),
        ("cafe\u0301", ["cafe"]),
        ("3.14 km²", ["3", "14", "km2"]),
        ("東京都", ["東京", "京都", "都"]),
        ("東京 Tower", ["東京", "京", "tower"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("", []),
        ("?! … \0 --", []),
    ],
)
def test_a_text_is_words_in_every_script(text, found):
    assert words(text) == found


def test_a_word_knows_where_it_stands():
    text = "Über: die BRÜCKE"
    assert [text[word.start : word.end] for word in words_of(text)] == ["Über", "die", "BRÜCKE"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("bread mak", [Term("bread"), Term("mak", True)]),
        ("bread ", [Term("bread")]),
        ("b", [Term("b")]),
        ('"bread" OR NOT (x* NEAR', ["bread", "or", "not", "x", "near"]),
        ("東", [Term("東", True)]),
        ("東京", [Term("東京")]),
        ("東京都", [Term("東京"), Term("京都")]),
    ],
)
def test_the_last_word_may_still_be_written_on(text, terms):
    asked = terms_of(text)
    assert (asked if isinstance(terms[0], Term) else [term.text for term in asked]) == terms


def test_of_a_text_of_too_many_words_the_first_are_kept():
    kept = distinct_words(" ".join(f"word{number}" for number in range(200_000)))
    assert 1000 < len(kept) < 200_000
    assert sum(len(word) for word in kept) <= MOST_BYTES
