import math
from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince

from chat.gateway.health import Condition, health
from chat.models import Route
from chat.models.upstream import REFERRAL


def condition_of(route: Route) -> str:
    """In words, as the process that shows the page has seen it."""
    if not route.upstream.enabled:
        return "Its upstream is off."
    if route.upstream.key_refused_at:
        return route.upstream.problem
    latest = health.latest(route)
    return _words(latest, health.cooldown(route)) if latest else "No failure since the start."


def _words(latest: Condition, cooldown: float) -> str:
    error = REFERRAL.sub("", latest.error)
    if latest.is_probed:
        return f"Failed, and is being tried again: {error}"
    if cooldown:
        return f"Cools down for another {math.ceil(cooldown)} s: {error}"
    ago = timesince(timezone.now() - timedelta(seconds=health.clock() - latest.failed_at))
    state = "Failed" if latest.failures else "Answers again; failed"
    return f"{state} {ago} ago: {error}"
