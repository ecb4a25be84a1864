"""What was asked in the last days, by day, model, person, key and route: a few sums of what is added up already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from .api_key import ApiKey
from .first_token import FirstTokens
from .model_request import ModelRequestQuerySet
from .spreadsheet import lines, pieces
from .tally import FIELDS, OF_SUMS, SUMS, Tally, named
from .usage_day import BY, DailyRoute, DailyUsage, Routes, UsageDay, requests_of, routes, tallies
from .user import User

RANGES = (7, 30, 90)
USUAL = 30
LONGEST_LIST = 25
COLUMNS = (
    *("day", "user", "key", "model", "upstream", "requests", "failed", "without a price"),
    *("tokens read", "tokens written", "cost in USD"),
)
# Summed together: either has few of the other, so two looks at the days do for four.
PAIRS = (("day_id", "model_name"), ("user_id", "key_id"))
GONE = "Somebody who is not here any more"
WITHOUT_KEY = "Chat page"


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class RouteLine:
    model: str
    upstream: str
    tally: Tally
    first_tokens: FirstTokens

    @property
    def failed_share(self) -> float:
        return self.tally.failed / self.tally.requests if self.tally.requests else 0


@dataclass
class UsageReport:
    """Of the last `days`, today among them; of one person, or of all."""

    days: int
    user: User | None = None
    today: date = field(default_factory=timezone.localdate)

    @classmethod
    def asked_for(cls, days: str | None, user: User | None = None) -> UsageReport:
        """Of one of the ranges that there are; any other wish gets the usual one."""
        return cls(next((each for each in RANGES if str(each) == days), USUAL), user)

    @property
    def first(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    @cached_property
    def by_day(self) -> list[Line]:
        """Also those on which nothing was asked, the latest last."""
        every = [self.first + timedelta(days=passed) for passed in range(self.days)]
        return [Line(str(day), self._sums["day_id"].get(day, Tally())) for day in every]

    @property
    def latest_days(self) -> list[Line]:
        return self.by_day[::-1]

    @cached_property
    def total(self) -> Tally:
        total = Tally()
        for line in self.by_day:
            total.add(line.tally)
        return total

    @cached_property
    def by_model(self) -> list[Line]:
        return _ranked((name or "unknown", tally) for name, tally in self._sums["model_name"].items())

    @cached_property
    def by_user(self) -> list[Line]:
        """The top spenders first."""
        tallied = self._sums["user_id"]
        names = dict(User.objects.filter(pk__in=_largest(tallied)).values_list("pk", "username"))
        return _ranked((names.get(pk, GONE), tally) for pk, tally in tallied.items())

    @cached_property
    def by_key(self) -> list[Line]:
        tallied = self._sums["key_id"]
        keys = ApiKey.objects.filter(pk__in=_largest(tallied)).select_related("owner")
        names = {None: WITHOUT_KEY} | {key.pk: self._name_of(key) for key in keys}
        return _ranked((names.get(pk, GONE), tally) for pk, tally in tallied.items())

    @cached_property
    def routes(self) -> list[RouteLine]:
        """The busiest first."""
        found: Routes = defaultdict(lambda: (Tally(), FirstTokens()))
        kept = DailyRoute.objects.filter(**self._range)
        for each in kept.only("model_name", "upstream_name", "requests", "failed", "first_tokens"):
            tally, times = found[each.model_name, each.upstream_name]
            tally.add(Tally(requests=each.requests, failed=each.failed))
            times.add(FirstTokens(each.first_tokens))
        for day in self._open_days:
            for name, (tally, times) in routes(requests_of(day)).items():
                found[name][0].add(tally)
                found[name][1].add(times)
        lines = [RouteLine(*name, *measured) for name, measured in found.items()]
        return sorted(lines, key=lambda line: -line.tally.requests)[:LONGEST_LIST]

    def as_csv(self) -> AsyncIterator[str]:
        return pieces(lines(COLUMNS, self.rows()))

    @property
    def file_name(self) -> str:
        return f"usage-{self.first}-{self.today}.csv"

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """As `COLUMNS` says."""
        names = dict(self._people.values_list("pk", "username"))
        prefixes = dict(self._keys.values_list("pk", "prefix"))
        for day, (user, key, *route), tally in self._groups():
            yield day, names.get(user, ""), prefixes.get(key, ""), *route, *_cells(tally)

    def _groups(self) -> Iterator[tuple[date, tuple[Any, ...], Tally]]:
        kept = self._kept.order_by("day_id", "pk").values_list("day_id", *BY, *FIELDS)
        for day, *which, tally in _with_tally(kept.iterator(2000), 1 + len(BY)):
            yield day, tuple(which), tally
        for day in self._open_days:
            for group, tally in tallies(self._asked(day)):
                yield day, group, tally

    @cached_property
    def _sums(self) -> dict[str, dict[Any, Tally]]:
        """By what it is, and then by which."""
        sums: dict[str, dict[Any, Tally]] = {by: defaultdict(Tally) for by in ("day_id", *BY)}
        for pair in PAIRS:
            groups = self._kept.order_by().values_list(*pair).annotate(**named(OF_SUMS))
            for *which, tally in _with_tally(groups.values_list(*pair, *SUMS), len(pair)):
                _add(sums, pair, which, tally)
        for day in self._open_days:
            for group, tally in tallies(self._asked(day)):
                _add(sums, ("day_id", *BY), (day, *group), tally)
        return sums

    @cached_property
    def _open_days(self) -> list[date]:
        return list(UsageDay.objects.open_days(self.today, self.first))

    @property
    def _range(self) -> dict[str, date]:
        return {"day_id__gte": self.first, "day_id__lte": self.today}

    @property
    def _kept(self) -> Any:
        kept = DailyUsage.objects.filter(**self._range)
        return kept.filter(user=self.user) if self.user else kept

    def _asked(self, day: date) -> ModelRequestQuerySet:
        return requests_of(day).owned_by(self.user) if self.user else requests_of(day)

    @property
    def _people(self) -> Any:
        return User.objects.filter(pk=self.user.pk) if self.user else User.objects.all()

    @property
    def _keys(self) -> Any:
        return ApiKey.objects.filter(owner=self.user) if self.user else ApiKey.objects.all()

    def _name_of(self, key: ApiKey) -> str:
        name = f"{key.name or 'API key'} ({key.prefix}…)"
        return name if self.user else f"{name} of {key.owner.username}"


def _with_tally(rows: Iterable[tuple[Any, ...]], names: int) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield *row[:names], Tally(*row[names:])


def _add(sums: dict[str, dict[Any, Tally]], by: Iterable[str], which: Iterable[Any], tally: Tally) -> None:
    for name, each in zip(by, which, strict=True):
        sums[name][each].add(tally)


def _cells(tally: Tally) -> tuple[Any, ...]:
    """A cost of which nothing is known is empty: it is not 0."""
    is_unknown = tally.unknown and not tally.cost
    cost = "" if is_unknown else f"{tally.cost:f}"
    counts = tally.requests, tally.failed, tally.unknown, tally.prompt_tokens, tally.completion_tokens
    return *counts, cost


def _cost_first(tally: Tally) -> tuple[Any, ...]:
    return -tally.cost, -tally.tokens, -tally.requests


def _largest(tallied: dict[Any, Tally]) -> list[int]:
    ranked = sorted(tallied, key=lambda which: _cost_first(tallied[which]))
    return [which for which in ranked if which is not None][: LONGEST_LIST + 1]


def _ranked(named_tallies: Iterable[tuple[str, Tally]]) -> list[Line]:
    """What cost most first; the rest of a long list in one line."""
    lines = [Line(name, tally) for name, tally in named_tallies]
    lines.sort(key=lambda line: (*_cost_first(line.tally), line.name))
    shown, rest = lines[:LONGEST_LIST], lines[LONGEST_LIST:]
    if rest:
        others = Tally()
        for line in rest:
            others.add(line.tally)
        shown.append(Line(f"{len(rest)} others", others))
    return shown
