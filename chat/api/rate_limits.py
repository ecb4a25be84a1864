"""What is left of the asker's rates: https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers"""

import math
from collections.abc import Iterable

from django.http import HttpResponseBase

from chat.completions import RateLimit


def report_limits(limits: Iterable[RateLimit], response: HttpResponseBase) -> None:
    for each in limits:
        response[f"x-ratelimit-limit-{each.unit}"] = str(each.limit)
        response[f"x-ratelimit-remaining-{each.unit}"] = str(each.remaining)
        response[f"x-ratelimit-reset-{each.unit}"] = span(each.reset)


def span(seconds: float) -> str:
    """`6m0s`, `12s`, `340ms`."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
