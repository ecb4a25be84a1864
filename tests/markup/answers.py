"""Answers of 64 KiB, each of another shape, as models write them."""

SIZE = 65_536

SENTENCES = (
    "The **first** thing to check is whether the `cache` holds what you think it does. ",
    "A request that takes 20 ms on its own can take *much* longer under load, see [the guide](https://example.org/load). ",
    "In other words, the cost grows with $n \\log n$ and not with the square of it. ",
    "Nothing here depends on the order in which the parts arrive, which is what makes it simple to reason about. ",
    "If that sounds like too much work, start with the smallest case and measure it. ",
)
CODE = (
    "def total(items: list[Item]) -> int:\n"
    '    """The sum in cents."""\n'
    "    return sum(item.price * item.count for item in items)  # no tax\n\n\n"
)
TABLE = "| Name | Meaning | Default |\n|:-----|---------|--------:|\n"


def repeated(*parts: str) -> str:
    return ("".join(parts) * (SIZE // len("".join(parts)) + 1))[:SIZE]


def numbered(form: str, before: str = "") -> str:
    lines = (form.format(number) for number in range(1, SIZE // 20))
    return (before + "".join(lines))[:SIZE]


SECTION = (
    "## What to look at\n\n",
    "".join(SENTENCES),
    "\n\n1. **Measure** the thing itself\n   - with `perf`\n   - with a real load\n2. Change one part\n3. Measure again\n\n",
    f"```python\n{CODE}```\n\n",
    f"{TABLE}| `size` | How many it *holds* | 100 |\n| `age` | Seconds until it is old | 60 |\n\n",
    "> Measure twice, cut once.\n\n",
    "$$\nT(n) = 2\\,T\\left(\\frac{n}{2}\\right) + O(n)\n$$\n\n",
    "Then read on.\n\n",
)

ANSWERS = {
    "mixed": repeated(*SECTION),
    "paragraph": repeated(*SENTENCES),
    "one line": repeated("word "),
    "list": numbered("- Point {} is about the `size` of the **thing**, and why it matters\n"),
    "code": repeated("```python\n", CODE * 2_000),
    "table": numbered("| `name{}` | What it *means* in a few words | 100 |\n", TABLE),
    "quote": numbered("> Line {} of what somebody said, with *stress* on a word.\n"),
    "one item": numbered("  - Point {} is within another, with `code` in it\n", "- Points\n"),
}
