from chat.live.frames import ANNOUNCED_LENGTH, beginning, patched
from chat.markup import Patch


def test_patches_say_where_they_go_in_their_order():
    html = patched([Patch("tail", "beforebegin", "<p>one</p>"), Patch("tail", "innerHTML", "two")])
    assert html == (
        '<hx-partial hx-target="#tail" hx-swap="beforebegin"><p>one</p></hx-partial>'
        '<hx-partial hx-target="#tail" hx-swap="innerHTML">two</hx-partial>'
    )


def test_an_answer_is_read_out_without_the_signs_of_its_markdown():
    text = (
        "# Title\n\nSome **bold** & `code`\n\n- one\n- two\n\n```python\nx = 1\n```\n\n[link](https://e.org)"
    )
    assert beginning(text) == "Title Some bold & code one two python x = 1 link"


def test_a_long_answer_is_read_out_to_the_end_of_a_word():
    read = beginning("wonderful " * 100_000)
    assert len(read) <= ANNOUNCED_LENGTH
    assert read.endswith("wonderful…")
