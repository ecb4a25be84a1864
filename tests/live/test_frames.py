from chat.live.frames import patched
from chat.markup import Patch


def test_patches_say_where_they_go_in_their_order():
    html = patched([Patch("tail", "beforebegin", "<p>one</p>"), Patch("tail", "innerHTML", "two")])
    assert html == (
        '<hx-partial hx-target="#tail" hx-swap="beforebegin"><p>one</p></hx-partial>'
        '<hx-partial hx-target="#tail" hx-swap="innerHTML">two</hx-partial>'
    )
