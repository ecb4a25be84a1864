"""What failed cools down, longer each time, and comes back by one request that probes it. Without any I/O."""

import pytest

from chat.completions import (
    BadUpstreamResponse,
    ModelNotFound,
    RateLimited,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamQuotaExceeded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from chat.gateway.health import (
    FIRST_COOLDOWN,
    LONGEST_COOLDOWN,
    LONGEST_THAT_A_PROVIDER_MAY_ASK,
    Health,
)
from chat.models import Route

ROUTE = Route(model_id=1, upstream_id=1)
OTHER_MODEL = Route(model_id=2, upstream_id=1)
ELSEWHERE = Route(model_id=1, upstream_id=2)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock) -> Health:
    return Health(clock)


def fail(health: Health, error: Exception | None = None, route: Route = ROUTE) -> None:
    health.fail(route, error or UpstreamOverloaded("Too much."), health.ask(route))


def test_one_that_never_failed_may_be_asked(health):
    assert health.cooldown(ROUTE) == 0
    assert health.latest(ROUTE) is None


def test_one_that_failed_cools_down_and_no_other_does(health):
    fail(health)
    assert health.cooldown(ROUTE) == FIRST_COOLDOWN
    assert health.cooldown(OTHER_MODEL) == health.cooldown(ELSEWHERE) == 0
    assert health.latest(ROUTE).error == "Too much."


@pytest.mark.parametrize("error", [UpstreamUnreachable("Gone."), UpstreamQuotaExceeded("Used up.")])
def test_what_is_wrong_with_the_upstream_is_wrong_with_all_its_models(health, error):
    fail(health, error)
    assert health.cooldown(OTHER_MODEL) > 0
    assert health.cooldown(ELSEWHERE) == 0


def test_it_cools_down_longer_each_time_up_to_a_bound(health, clock):
    lasted = []
    for _ in range(12):
        fail(health)
        lasted.append(health.cooldown(ROUTE))
        clock.now += lasted[-1]
    assert lasted[:4] == [FIRST_COOLDOWN * factor for factor in (1, 2, 4, 8)]
    assert max(lasted) == lasted[-1] == LONGEST_COOLDOWN


def test_a_thousand_failures_are_no_number_that_overflows(health, clock):
    for _ in range(2000):
        fail(health)
        clock.now += 1
    assert health.cooldown(ROUTE) <= LONGEST_COOLDOWN


def test_failures_of_requests_that_were_under_way_together_count_once(health, clock):
    asked_at = [health.ask(ROUTE) for _ in range(50)]
    clock.now += 1
    for each in asked_at:
        health.fail(ROUTE, UpstreamTimeout("Silence."), each)
    assert health.cooldown(ROUTE) == FIRST_COOLDOWN


@pytest.mark.parametrize("seconds", [0.3, 42, 900])
def test_a_provider_that_says_how_long_is_left_alone_so_long(health, seconds):
    fail(health, RateLimited("Slow down.", retry_after=seconds))
    assert health.cooldown(ROUTE) == pytest.approx(seconds)


def test_a_provider_cannot_be_lost_for_ever_by_what_it_says(health):
    fail(health, RateLimited("Slow down.", retry_after=1e9))
    assert health.cooldown(ROUTE) == LONGEST_THAT_A_PROVIDER_MAY_ASK


def test_a_later_and_shorter_wait_does_not_end_a_longer_one(health):
    fail(health, RateLimited("Slow down.", retry_after=60))
    fail(health)
    assert health.cooldown(ROUTE) == 60


@pytest.mark.parametrize("error", [UpstreamAuthFailed, UpstreamQuotaExceeded, ModelNotFound])
def test_what_somebody_has_to_mend_first_is_left_alone_longest(health, error):
    fail(health, error("Mend it."))
    assert health.cooldown(ROUTE) == LONGEST_COOLDOWN


def test_after_the_cooldown_one_request_probes_and_others_wait_for_it(health, clock):
    fail(health)
    clock.now += FIRST_COOLDOWN
    assert health.cooldown(ROUTE) == 0
    health.ask(ROUTE)
    assert health.cooldown(ROUTE) > 0
    assert health.latest(ROUTE).is_probed


def test_a_probe_that_is_answered_ends_it(health, clock):
    fail(health)
    clock.now += FIRST_COOLDOWN
    health.ask(ROUTE)
    health.answer(ROUTE)
    assert health.cooldown(ROUTE) == 0
    fail(health)
    assert health.cooldown(ROUTE) == FIRST_COOLDOWN


def test_a_probe_that_fails_cools_it_down_again_and_longer(health, clock):
    fail(health)
    clock.now += FIRST_COOLDOWN
    fail(health)
    assert health.cooldown(ROUTE) == 2 * FIRST_COOLDOWN


def test_a_probe_that_nobody_waits_for_any_more_makes_room_for_the_next(health, clock):
    fail(health)
    clock.now += FIRST_COOLDOWN
    health.ask(ROUTE)
    health.leave(ROUTE)
    assert health.cooldown(ROUTE) == 0


def test_one_that_is_asked_while_it_cools_down_is_no_probe(health, clock):
    fail(health)
    health.ask(ROUTE)
    clock.now += FIRST_COOLDOWN
    assert health.cooldown(ROUTE) == 0


def test_an_answer_for_one_model_shows_that_the_upstream_is_back(health):
    fail(health, UpstreamUnreachable("Gone."))
    health.answer(OTHER_MODEL)
    assert health.cooldown(ROUTE) == 0


def test_an_upstream_that_was_changed_begins_anew(health):
    fail(health, BadUpstreamResponse("A web page."))
    fail(health, UpstreamUnreachable("Gone."), OTHER_MODEL)
    fail(health, UpstreamError("No."), ELSEWHERE)
    health.forget(1)
    assert health.cooldown(ROUTE) == health.cooldown(OTHER_MODEL) == 0
    assert health.cooldown(ELSEWHERE) > 0


def test_the_latest_of_what_went_wrong_is_told(health, clock):
    fail(health, UpstreamUnreachable("Gone."))
    clock.now += 1
    fail(health, UpstreamOverloaded("Too much."))
    assert health.latest(ROUTE).error == "Too much."


def test_a_success_keeps_what_went_wrong_to_be_told(health):
    fail(health)
    health.answer(ROUTE)
    assert health.latest(ROUTE).error == "Too much."
    assert health.latest(ROUTE).failures == 0
