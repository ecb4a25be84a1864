"""Times to the first token as counts between bounds: they add up over days, and tell percentiles well enough."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Value, When

# Seconds. Each is about a third above the one before, so a percentile is right to within that, as a rule better.
BOUNDS = (
    *(0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.3, 1.7, 2.2, 3.0),
    *(4.0, 5.5, 7.5, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0),
)


class FirstTokens:
    """`counts[i]` lie at or below `BOUNDS[i]` and above the bound before; the last are above all bounds."""

    def __init__(self, counts: Iterable[int] = ()) -> None:
        given = list(counts)[: len(BOUNDS) + 1]
        self.counts = given + [0] * (len(BOUNDS) + 1 - len(given))

    def add(self, other: FirstTokens) -> None:
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]

    def add_to(self, place: int, count: int) -> None:
        self.counts[place] += count

    @property
    def middle(self) -> float | None:
        return self.percentile(0.5)

    @property
    def slow(self) -> float | None:
        """All but a twentieth are faster."""
        return self.percentile(0.95)

    def percentile(self, share: float) -> float | None:
        """None of nothing. Within its bounds the time is taken to be spread evenly."""
        wanted = share * sum(self.counts)
        passed, lower = 0, 0.0
        if not wanted:
            return None
        for count, upper in zip(self.counts, BOUNDS, strict=False):
            if passed + count >= wanted:
                return lower + (upper - lower) * (wanted - passed) / count
            passed, lower = passed + count, upper
        return BOUNDS[-1]


def place_of(field: str) -> Case:
    """In the database: where a time lies among the bounds; null if there is none."""
    steps = [When(**{f"{field}__lte": bound}, then=Value(place)) for place, bound in enumerate(BOUNDS)]
    return Case(
        *steps,
        When(**{f"{field}__isnull": False}, then=Value(len(BOUNDS))),
        default=None,
        output_field=IntegerField(),
    )
