"""What a streamed answer costs to show: `python -m tests.benchmarks.markup_cost`.

A token is 4 characters, and every advance brings 16 tokens, as at 320 tokens/s with frames of 50 ms.
"""

from statistics import median
from time import perf_counter

from chat.markup import StreamedMarkup, render
from tests.markup.answers import ANSWERS

TOKEN = 4
STEP = 16 * TOKEN
REPEATS = 3


def advances(text: str) -> list[float]:
    """Seconds that each advance takes."""
    streamed, seconds = StreamedMarkup("message-1"), []
    for start in range(0, len(text), STEP):
        began = perf_counter()
        streamed.append(text[start : start + STEP])
        streamed.advance()
        seconds.append(perf_counter() - began)
    return seconds


def best(text: str) -> list[float]:
    return min((advances(text) for _ in range(REPEATS)), key=sum)


def report(name: str, text: str) -> None:
    short, long = best(text[: 1_000 * TOKEN]), best(text[: 16_000 * TOKEN])
    ratio = (sum(long) / len(long)) / (sum(short) / len(short))
    print(
        f"{name:<12}{median(short) * 1e3:>10.3f}{median(long) * 1e3:>10.3f}"
        f"{max(long) * 1e3:>10.3f}{sum(long):>10.2f}{ratio:>10.2f}"
    )


def whole(text: str) -> float:
    began = perf_counter()
    render(text, "message-1")
    return perf_counter() - began


if __name__ == "__main__":
    print(f"{'':<12}{'1,000':>10}{'16,000':>10}{'longest':>10}{'in all':>10}{'ratio':>10}")
    print(f"{'':<12}{'ms median':>10}{'ms median':>10}{'ms':>10}{'s':>10}{'a token':>10}")
    for name, text in ANSWERS.items():
        report(name, text)
    print(f"render() of 64 KiB mixed: {min(whole(ANSWERS['mixed']) for _ in range(REPEATS)) * 1e3:.0f} ms")
