"""Where the top-level blocks of a text begin and end."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from markdown_it.token import Token

from .parser import PIECES

LISTS = ("bullet_list_open", "ordered_list_open")


@dataclass(frozen=True, slots=True)
class Block:
    """`start` and `end` are positions in the text, as are those of the items if it is a list."""

    token: Token
    start: int
    end: int
    items: tuple[tuple[int, int], ...]

    @property
    def kind(self) -> str:
        return self.token.type


@lru_cache(maxsize=32)
def outline(text: str, *, in_list: bool = False) -> tuple[Block, ...]:
    """The blocks of complete lines. All but the last are final; definitions of links are no blocks.

    `in_list` says that the text begins with an item of a list that has begun before.
    """
    tokens: list[Token] = []
    PIECES.block.parse(text, PIECES, {"open": True, "in_list": in_list}, tokens)
    positions = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    positions[-1] = len(text)
    return tuple(
        Block(token, *_span(token, positions), _items(tokens, index, positions))
        for index, token in enumerate(tokens)
        if token.level == 0 and token.nesting != -1 and token.map
    )


def _span(token: Token, positions: list[int]) -> tuple[int, int]:
    first, last = token.map or [0, 0]
    return positions[first], positions[last]


def _items(tokens: list[Token], index: int, positions: list[int]) -> tuple[tuple[int, int], ...]:
    if tokens[index].type not in LISTS:
        return ()
    items = []
    for token in tokens[index + 1 :]:
        if token.level == 0:
            break
        if token.level == 1 and token.type == "list_item_open":
            items.append(_span(token, positions))
    return tuple(items)
