"""Whether the allowances of an asker let one more request through: their rates first, then their money."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import inf

from django.utils import timezone
from django.utils.dateformat import format as formatted

from chat.completions import BudgetExceeded, RateLimit, RateLimited
from chat.models import Allowance, Balance, Period
from chat.models.allowance import Pace
from chat.models.money import in_words

WHOM_TO_ASK = "An administrator can allow more."
# An answer is on its way that will give back what it does not use; nobody knows when.
UNTIL_AN_ANSWER_ENDS = 5.0
NAMES = {
    Period.DAY: "for today",
    Period.WEEK: "for this week",
    Period.MONTH: "for this month",
    Period.TOTAL: "in all",
}


@dataclass(frozen=True, slots=True)
class Purse:
    """A budget, and how much of it is left."""

    allowance: Allowance
    period: Period
    budget: Decimal
    balance: Balance

    @property
    def left(self) -> Decimal:
        return self.balance.left(self.budget)

    def exceeded(self, now: datetime) -> BudgetExceeded:
        """What to say to somebody whose request costs more than is left."""
        budget = f"The budget of {self.allowance.holder} {NAMES[self.period]}, {in_words(self.budget)},"
        if self.balance.reserved and self.balance.spent < self.budget:
            return BudgetExceeded(
                f"{budget} is kept for answers that are being written. Try again when they are there.",
                retry_after=UNTIL_AN_ANSWER_ENDS,
                should_retry=True,
            )
        renewed = self.period.end(now)
        begins = f" It begins anew on {day(renewed)}." if renewed else ""
        is_left = (
            f"has {in_words(self.left)} left, less than this request costs" if self.left > 0 else "is used up"
        )
        return BudgetExceeded(
            f"{budget} {is_left}.{begins} {WHOM_TO_ASK}",
            retry_after=(renewed - now).total_seconds() if renewed else None,
        )


class Admission:
    """The rows of the allowances are locked by whoever asks, until what was admitted is written down.

    Budgets are those of the time `asked_at`; what counts for a rate may have been asked later and admitted before.
    """

    def __init__(self, allowances: Sequence[Allowance], asked_at: datetime) -> None:
        self.allowances = allowances
        self.asked_at = asked_at
        self.now = max(asked_at, timezone.now())

    def rates(self, tokens: int) -> tuple[RateLimit, ...]:
        """What is left of the rates once this request is counted. Raises RateLimited."""
        checked = [each for allowance in self.allowances for each in self._checked(allowance, tokens)]
        if refusals := [each for each in checked if isinstance(each, RateLimited)]:
            raise last_to_pass(refusals)
        limits = [each for each in checked if isinstance(each, RateLimit)]
        tightest: dict[str, RateLimit] = {}
        for limit in sorted(limits, key=lambda each: -each.remaining):
            tightest[limit.unit] = limit
        return tuple(tightest.values())

    def purses(self) -> list[Purse]:
        return [purse for allowance in self.allowances for purse in self._purses_of(allowance)]

    def _checked(self, allowance: Allowance, tokens: int) -> Iterator[RateLimit | RateLimited]:
        """Of each rate what is left of it, or why it is not to be."""
        if not allowance.has_rates:
            return
        pace = allowance.pace(self.now)
        if allowance.parallel_requests and pace.running >= allowance.parallel_requests:
            yield self._too_many(allowance, allowance.parallel_requests)
        if allowance.requests_per_minute:
            yield self._requests(allowance, allowance.requests_per_minute, pace)
        if allowance.tokens_per_minute:
            yield self._tokens(allowance, allowance.tokens_per_minute, pace, tokens)

    def _too_many(self, allowance: Allowance, most: int) -> RateLimited:
        return RateLimited(
            f"No more than {most} answer{'s' if most > 1 else ''} can be written at the same time for "
            f"{allowance.holder}. Wait for one to end, or stop one.",
            code="concurrency_limit_exceeded",
            retry_after=UNTIL_AN_ANSWER_ENDS,
        )

    def _requests(self, allowance: Allowance, most: int, pace: Pace) -> RateLimit | RateLimited:
        limit = RateLimit("requests", most, max(most - pace.requests - 1, 0), pace.until_empty(self.now))
        if pace.requests >= most:
            return self._too_fast(
                limit,
                f"{most:,} request{'s' if most > 1 else ''} a minute",
                allowance,
                pace.until_requests(most, self.now),
            )
        return limit

    def _tokens(self, allowance: Allowance, most: int, pace: Pace, tokens: int) -> RateLimit | RateLimited:
        limit = RateLimit("tokens", most, max(most - pace.tokens - tokens, 0), pace.until_empty(self.now))
        if tokens > most:
            return RateLimited(
                f"This request has about {tokens:,} tokens; {most:,} a minute are allowed for "
                f"{allowance.holder}. Shorten it. {WHOM_TO_ASK}",
                kind="tokens",
                should_retry=False,
                limits=(limit,),
            )
        if pace.tokens + tokens > most:
            return self._too_fast(
                limit, f"{most:,} tokens a minute", allowance, pace.until_tokens(most - tokens, self.now)
            )
        return limit

    def _too_fast(self, limit: RateLimit, rate: str, allowance: Allowance, seconds: float) -> RateLimited:
        return RateLimited(
            f"No more than {rate} for {allowance.holder}. Try again in {max(round(seconds), 1)} s.",
            kind=limit.unit,
            retry_after=seconds,
            limits=(limit,),
        )

    def _purses_of(self, allowance: Allowance) -> Iterator[Purse]:
        budgets = allowance.budgets
        # Also without a budget: what is spent from now on is known when one is set.
        for balance in allowance.balances(self.asked_at):
            period = Period(balance.period)
            if period in budgets:
                yield Purse(allowance, period, budgets[period], balance)


def last_to_pass(refusals: Sequence[RateLimited]) -> RateLimited:
    """Of several the one for which there is longest to wait: before that, waiting does not help."""
    return max(refusals, key=lambda each: inf if each.retry_after is None else each.retry_after)


def day(moment: datetime) -> str:
    return formatted(timezone.localtime(moment), "j F")
