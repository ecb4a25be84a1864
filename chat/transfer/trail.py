"""What a model did on the way to its answer, as the text of its thoughts tells it."""

import re


def used(what: str, content: str) -> str:
    """A line that says what, and the content in a fence that is longer than any in it."""
    if not content.strip():
        return f"{what}."
    longest = max(map(len, re.findall("`{3,}", content)), default=2)
    fence = "`" * (longest + 1)
    return f"{what}:\n\n{fence}\n{content}\n{fence}"
