import itertools
import random

import pytest

from chat.markup import StreamedMarkup, render
from chat.markup.page import PART_LENGTH
from tests.markup.answers import ANSWERS
from tests.markup.browser import Tab, text_of
from tests.markup.documents import DOCUMENTS, KITCHEN_SINK

documents = pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)


def pieces(text: str, cuts: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    places = sorted({0, len(text), *(chance.randrange(len(text)) for _ in range(cuts))})
    return [text[start:end] for start, end in itertools.pairwise(places)]


def streamed(parts: list[str]) -> StreamedMarkup:
    markup = StreamedMarkup("message-1")
    for part in parts:
        markup.append(part)
        markup.advance()
    return markup


def only_part(markup: StreamedMarkup) -> str:
    """What stands in the one part of a short text."""
    return (
        markup.html().removeprefix('<div class="markup__part" id="message-1-part-1">').removesuffix("</div>")
    )


@documents
def test_the_finished_stream_reads_as_the_whole_text_does(text: str) -> None:
    markup = streamed(pieces(text, 200, seed=1))
    markup.finish()
    assert text_of(markup.html()) == text_of(render(text, "message-1"))


@pytest.mark.parametrize("kind", ["mixed", "paragraph", "list", "table"])
def test_a_long_stream_amounts_to_the_whole_text_once_it_has_ended(kind: str) -> None:
    text = ANSWERS[kind][: 3 * PART_LENGTH]
    markup = streamed(pieces(text, 200, seed=1))
    assert not markup.amounts_to(render(text, "message-1"))
    markup.finish()
    assert markup.amounts_to(render(text, "message-1"))


def test_a_reference_to_what_comes_later_does_not_amount_to_the_whole_text() -> None:
    text = "Bread is [here].\n\n[here]: https://example.org\n"
    markup = streamed([text[:20], text[20:]])
    markup.finish()
    assert not markup.amounts_to(render(text, "message-1"))


@documents
@pytest.mark.parametrize("cuts", [1, 4, 20, 300])
def test_any_pieces_give_the_same_page(text: str, cuts: int) -> None:
    whole = streamed([text])
    for seed in range(2):
        markup = streamed(pieces(text, cuts, seed))
        assert markup.html() == whole.html()
        assert markup.finish() is not None
        assert markup.html().count("markup__tail") == 1


def test_one_character_at_a_time_gives_the_same_page() -> None:
    assert streamed(list(KITCHEN_SINK)).html() == streamed([KITCHEN_SINK]).html()


@documents
@pytest.mark.parametrize("seed", range(3))
def test_patches_make_of_every_page_the_next(text: str, seed: int) -> None:
    markup = StreamedMarkup("message-1")
    tab = Tab(markup)
    for part in pieces(text, 150, seed):
        markup.append(part)
        tab.apply(markup.advance())
        assert tab.inside == markup.html()
    tab.apply(markup.finish())
    assert tab.inside == markup.html()


def test_a_tab_that_joins_late_goes_on_from_the_html() -> None:
    markup = streamed([KITCHEN_SINK[:900]])
    markup.append(KITCHEN_SINK[900:1000])
    tab = Tab(markup)
    tab.apply(markup.advance())
    assert tab.inside == markup.html()


def test_nothing_new_changes_nothing() -> None:
    markup = streamed(["Some *text"])
    assert markup.advance() == []
    markup.append("")
    assert markup.advance() == []


def test_text_is_on_the_page_before_its_line_ends() -> None:
    for before in (
        "",
        "- item\n\n",
        "| a |\n|---|\n| b |\n\n",
        "> quote\n\n",
        "```\ncode\n```\n",
        "text\n\n",
    ):
        assert "A long line that goes on" in text_of(
            streamed([before + "A long line that goes on and"]).html()
        )


def test_a_finished_item_is_sent_once() -> None:
    text = "".join(f"- item-{number}.\n" for number in range(200))
    markup, seen = StreamedMarkup("message-1"), ""
    for part in pieces(text, 300, seed=7):
        markup.append(part)
        seen += "".join(patch.html for patch in markup.advance() if patch.swap == "beforebegin")
    assert all(seen.count(f"<li>item-{number}.</li>") == 1 for number in range(5, 190))


def test_code_grows_by_lines_and_is_highlighted_when_it_closes() -> None:
    markup = streamed(["```python\nimport os\nimport"])
    assert 'import os\n<span id="message-1-tail">import</span></code>' in markup.html()
    markup.append(" sys\n``")
    markup.advance()
    assert 'import sys\n<span id="message-1-tail"></span></code>' in markup.html()
    markup.append("`\n")
    markup.advance()
    assert '<span class="k">import</span>' in markup.html()


def test_a_list_grows_by_items() -> None:
    markup = streamed(["3. one\n4. two\n5. th"])
    assert only_part(markup) == (
        '<ol start="3">\n<li>one</li>\n<li id="message-1-tail">two</li></ol>\n'.replace(
            '<li id="message-1-tail">two</li>', '<li>two</li>\n<li id="message-1-tail">th</li>'
        )
    )


def test_a_table_grows_by_rows() -> None:
    markup = streamed(["| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | "])
    assert '<td class="cell-right">2</td>\n</tr>\n<tr id="message-1-tail">\n<td>3</td>' in markup.html()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Some **bold te", "<p>Some <strong>bold te</strong></p>"),
        ("Some **", "<p>Some</p>"),
        (
            "Some *emphasis* and **bold *both",
            "<p>Some <em>emphasis</em> and <strong>bold <em>both</em></strong></p>",
        ),
        ("Run `pip inst", "<p>Run <code>pip inst</code></p>"),
        ("Run `", "<p>Run</p>"),
        ("See [the gui", "<p>See the gui</p>"),
        ("See [the guide](https://exa", "<p>See the guide</p>"),
        ("See **[the guide](https://exa", "<p>See <strong>the guide</strong></p>"),
        ("Let $x^2 + y", "<p>Let <code>x^2 + y</code></p>"),
        ("It costs $5", "<p>It costs $5</p>"),
        ("Text\n-", "<p>Text</p>"),
        ("Text\n\n```", "<p>Text</p>"),
        ("Text\n\n##", "<p>Text</p>"),
        ("2 * 3 and snake_case", "<p>2 * 3 and snake_case</p>"),
        ("a\\", "<p>a</p>"),
    ],
)
def test_unended_markup_looks_as_if_it_had_ended(text: str, shown: str) -> None:
    html = only_part(streamed([text])).replace('<div class="markup__tail" id="message-1-tail">', "")
    assert html.replace("\n</div>", "").replace("</div>", "").replace("</p>\n<p>", "").strip() == shown


def test_a_table_is_one_before_the_line_under_its_head_has_come() -> None:
    html = streamed(["| Name | Age |\n|--"]).html()
    assert "<th>Name</th>" in html
    assert "|" not in text_of(html)


def test_open_display_mathematics_shows_its_source_until_it_ends() -> None:
    markup = streamed(["$$\n\\frac{a}{b"])
    assert '<code class="math-open">\\frac{a}{b</code>' in markup.html()
    markup.append("}\n$$\n\nNext")
    markup.advance()
    assert "<mfrac>" in markup.html()


def test_a_definition_serves_the_text_after_it() -> None:
    assert '<a href="https://example.com/a"' in streamed(["[a]: https://example.com/a\n\nSee [a]."]).html()


def test_the_prefix_begins_every_id() -> None:
    html = StreamedMarkup('x"><script>').html()
    assert html == (
        '<div class="markup__part" id="x&quot;&gt;&lt;script&gt;-part-1">'
        '<div class="markup__tail" id="x&quot;&gt;&lt;script&gt;-tail"></div></div>'
    )


def test_a_long_answer_stands_in_parts_of_a_few_screens_each() -> None:
    text = KITCHEN_SINK * 12
    markup = StreamedMarkup("message-1")
    tab = Tab(markup)
    for part in pieces(text, 400, seed=5):
        markup.append(part)
        tab.apply(markup.advance())
        assert tab.inside == markup.html()
    parts = markup.html().split('<div class="markup__part"')[1:]
    assert len(parts) > 3
    assert all(len(part) < 3 * PART_LENGTH for part in parts)
    assert text_of(markup.html()).startswith(text_of(render(KITCHEN_SINK, "message-1"))[:200])
