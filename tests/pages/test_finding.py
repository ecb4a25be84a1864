"""What is found, on SQLite; tests/grows/test_postgresql.py has all of these run on PostgreSQL."""

import pytest
from django.db import connection

from chat.completions import Chunk
from chat.models import Message, Search, Unindexed, Worker
from tests.pages.conftest import add_turn, begun


def found(owner, text):
    search = Search(owner, text)
    search.take_up()
    return [hit.message.text for hit in search.messages()[0]]


def titles(owner, text):
    search = Search(owner, text)
    search.take_up()
    return [hit.conversation.title for hit in search.titles()]


def marked(pieces):
    return [piece.text for piece in pieces if piece.is_marked]


def test_messages_are_found_the_latest_first(owner, conversation):
    add_turn(conversation, "And rye bread?", "With rye.")
    assert found(owner, "bread ") == ["And rye bread?", "How is bread made?"]


def test_all_words_have_to_be_there_and_the_last_one_only_begun(owner, conversation):
    assert found(owner, "made bre") == ["How is bread made?"]
    assert found(owner, "bre made") == []
    assert found(owner, "bread flour") == []


def test_titles_are_found_apart(owner, conversation):
    assert titles(owner, "brea") == ["Bread"]
    conversation.rename("Rolls")
    assert titles(owner, "bread") == []
    assert titles(owner, "rolls") == ["Rolls"]


def test_the_name_of_a_file_is_found(owner, conversation):
    part = {"type": "file", "attachment": "x" * 22, "name": "Tax return 2025.pdf"}
    conversation.messages.create(role="user", content=[part])
    assert len(found(owner, "tax 2025")) == 1


@pytest.mark.parametrize("text", ["住んで", "東京", "京", "に"])
def test_a_word_inside_of_a_sentence_without_spaces_is_found(owner, conversation, text):
    add_turn(conversation, "私は東京に住んでいます", "はい")
    assert found(owner, text) == ["私は東京に住んでいます"]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "bread'",
        '"bread" AND',
        "bread*",
        "(bread",
        "bread)",
        "NEAR(bread)",
        "bread:*",
        "-bread",
        "^bread",
    ],
)
def test_signs_of_a_query_language_are_none_here(owner, conversation, text):
    assert found(owner, text) in ([], ["How is bread made?"])
    assert found(owner, f"{text} \\ \0 \ud800 % _") in ([], ["How is bread made?"])


@pytest.mark.parametrize("text", ["", " ", "?", "\0", "\ud800", "…", "_"])
def test_nothing_is_found_by_no_word(owner, conversation, text):
    assert found(owner, text) == []
    assert titles(owner, text) == []


def test_a_query_of_any_length_is_answered(owner, conversation):
    assert found(owner, "bread " * 10_000) == ["How is bread made?"]
    assert found(owner, "b" * 10_000) == []


def test_nobody_else_finds_it(owner, stranger, model, conversation):
    begun(stranger, model, "Bread too", "Is bread baked?", "Yes.")
    assert found(stranger, "bread") == ["Is bread baked?"]
    assert titles(stranger, "bread") == ["Bread too"]


def test_what_is_in_the_trash_is_not_found(owner, conversation):
    owner.conversations.all().trash()
    assert (found(owner, "bread"), titles(owner, "bread")) == ([], [])
    owner.conversations.all().restore()
    assert (len(found(owner, "bread")), titles(owner, "bread")) == (1, ["Bread"])


def test_an_answer_is_marked_when_it_ends_and_not_while_it_is_written(owner, conversation):
    found(owner, "")
    answer = conversation.messages.create(
        role="assistant", status="streaming", worker=Worker.objects.create()
    )
    answer.append(Chunk(content="Half a croissant"))
    assert answer.checkpoint(answer.drafted())
    assert not Unindexed.objects.exists()
    answer.finish()
    assert [each.document for each in Unindexed.objects.all()] == [answer.pk]
    assert found(owner, "croissant") == ["Half a croissant"]


def test_what_is_rewritten_is_found_by_its_new_words_alone(owner, conversation):
    found(owner, "")
    Message.objects.filter(role="user").update(content=[{"type": "text", "text": "How is cake made?"}])
    assert found(owner, "cake") == ["How is cake made?"]
    assert found(owner, "bread") == []


def test_writing_many_at_once_is_noticed_as_well(owner, conversation):
    Message.objects.bulk_create(
        Message(
            conversation=conversation, role="user", content=[{"type": "text", "text": f"Imported {number}"}]
        )
        for number in range(120)
    )
    while Unindexed.objects.take_up():
        pass
    search = Search(owner, "imported")
    first, last = search.messages()
    second, _ = search.messages(before=last)
    assert [hit.message.text for hit in first[:1] + second[:1]] == ["Imported 119", "Imported 99"]


def test_what_is_deleted_leaves_no_word_behind(owner, conversation):
    found(owner, "")
    conversation.rename("Gone")
    conversation.delete()
    assert not Unindexed.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chat_words")
        assert cursor.fetchone() == (0,)


def test_an_excerpt_begins_shortly_before_the_first_hit(owner, conversation):
    text = f"{'before ' * 50}a Croissant, {'after ' * 50}"
    add_turn(conversation, text, "Yes.")
    search = Search(owner, "croissant")
    search.take_up()
    pieces = search.messages()[0][0].pieces
    assert marked(pieces) == ["Croissant"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert len("".join(piece.text for piece in pieces)) < 240


def test_pairs_of_characters_are_marked_as_one(owner, conversation):
    assert marked(Search(owner, "東京都").marked("私は東京都に")) == ["東京都"]


def test_a_hit_leads_to_its_message(owner, conversation):
    search = Search(owner, "flour")
    search.take_up()
    hit = search.messages()[0][0]
    assert hit.address == f"/c/{conversation.public_id}?at={hit.message.public_id}#{hit.message.dom_id}"


def test_a_search_costs_the_same_queries_however_much_is_found(
    owner, conversation, django_assert_max_num_queries, django_assert_num_queries
):
    found(owner, "")
    search = Search(owner, "bread")
    with django_assert_max_num_queries(2) as few:
        search.messages()
    for _ in range(30):
        add_turn(conversation, "bread", "bread")
    while Unindexed.objects.take_up():
        pass
    with django_assert_num_queries(len(few)):
        assert len(search.messages()[0]) == 20
