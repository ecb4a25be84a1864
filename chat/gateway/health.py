"""Which upstreams and routes have failed lately, and when each may be asked again: as this process has seen it.

What failed cools down, longer each time. After that one request probes it: others ask it last until that one has
been answered.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chat.completions import (
    CompletionError,
    ModelNotFound,
    UpstreamAuthFailed,
    UpstreamQuotaExceeded,
    UpstreamUnreachable,
)
from chat.models import Route

# In seconds.
FIRST_COOLDOWN = 5.0
LONGEST_COOLDOWN = 300.0
LONGEST_THAT_A_PROVIDER_MAY_ASK = 3600.0

_OF_THE_WHOLE_UPSTREAM = (UpstreamUnreachable, UpstreamQuotaExceeded)
# Somebody has to do something first.
_LASTING = (UpstreamAuthFailed, UpstreamQuotaExceeded, ModelNotFound)

_Place = tuple[int, int | None]


@dataclass(slots=True)
class Condition:
    """Of one upstream or route, by a clock that only goes forward."""

    failures: int = 0
    failed_at: float = -math.inf
    cools_until: float = -math.inf
    is_probed: bool = False
    error: str = ""

    def cooldown(self, now: float) -> float:
        """How long not to ask it; 0 if it may be asked."""
        left = self.cools_until - now if self.failures else 0
        return max(left, 1.0 if self.is_probed else 0.0)

    def ask(self, now: float) -> None:
        self.is_probed = self.is_probed or (self.failures > 0 and now >= self.cools_until)

    def answer(self) -> None:
        self.failures = 0
        self.is_probed = False

    def fail(self, error: CompletionError, asked_at: float, now: float) -> None:
        # Those that were under way when another failed tell nothing new.
        if not self.failures or asked_at >= self.failed_at:
            self.failures += 1
        self.failed_at, self.error, self.is_probed = now, error.message, False
        self.cools_until = max(self.cools_until, now + _pause(error, self.failures))

    def leave(self) -> None:
        """Nobody waits for the answer of the probe any more."""
        self.is_probed = False


class Health:
    """Only what has failed is kept, so it grows with the routes and not with the requests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._conditions: dict[_Place, Condition] = {}

    def cooldown(self, route: Route) -> float:
        """How long not to ask it while others can be asked; 0 if it may be asked."""
        now = self.clock()
        return max((each.cooldown(now) for each in self._of(route)), default=0.0)

    def ask(self, route: Route) -> float:
        """It is asked now; the time is what `fail` wants to know."""
        now = self.clock()
        for condition in self._of(route):
            condition.ask(now)
        return now

    def answer(self, route: Route) -> None:
        for condition in self._of(route):
            condition.answer()

    def fail(self, route: Route, error: CompletionError, asked_at: float) -> None:
        model = None if isinstance(error, _OF_THE_WHOLE_UPSTREAM) else route.model_id
        condition = self._conditions.setdefault((route.upstream_id, model), Condition())
        condition.fail(error, asked_at, self.clock())

    def leave(self, route: Route) -> None:
        """However it ended: no probe is left behind that nobody finishes."""
        for condition in self._of(route):
            condition.leave()

    def latest(self, route: Route) -> Condition | None:
        """What went wrong last, if anything ever did."""
        return max(self._of(route), key=lambda each: each.failed_at, default=None)

    def forget(self, upstream_id: int) -> None:
        """Its key or its address is another, or it was just seen to work."""
        for place in [place for place in self._conditions if place[0] == upstream_id]:
            del self._conditions[place]

    def clear(self) -> None:
        self._conditions.clear()

    def _of(self, route: Route) -> Iterator[Condition]:
        for model in (None, route.model_id):
            if condition := self._conditions.get((route.upstream_id, model)):
                yield condition


def _pause(error: CompletionError, failures: int) -> float:
    if error.retry_after:
        return min(error.retry_after, LONGEST_THAT_A_PROVIDER_MAY_ASK)
    if isinstance(error, _LASTING):
        return LONGEST_COOLDOWN
    return min(FIRST_COOLDOWN * 2.0 ** min(failures - 1, 30), LONGEST_COOLDOWN)


health = Health()
