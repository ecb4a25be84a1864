from chat.live.frames import patched
from chat.markup import Patch


def test_patches_of_what_is_on_the_page_come_in_one_piece():
    pieces = patched([Patch("tail", "beforebegin", "<p>one</p>"), Patch("tail", "innerHTML", "two")])
    assert len(pieces) == 1


def test_a_patch_of_what_an_earlier_one_brings_comes_after_it():
    pieces = patched(
        [
            Patch("tail", "outerHTML", '<ul><li id="tail">one</li></ul>'),
            Patch("tail", "beforebegin", "<li>0</li>"),
        ]
    )
    assert [piece.count("<hx-partial") for piece in pieces] == [1, 1]
