"""How long a provider asks to be left alone, in seconds, wherever it says so."""

import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_IN_WORDS = re.compile(
    r"(?:try again|retry|wait)\D{0,30}?((?:\d+(?:\.\d+)?(?:ms|[dhms])\s?)+)(?![a-z])"
    r"|(?:try again|retry|wait)\D{0,30}?(\d+(?:\.\d+)?) ?sec",
    re.IGNORECASE,
)
_RETRY_INFO = re.compile(r'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
_EPOCH_IN_MILLISECONDS = 1e11


def retry_after(headers: Mapping[str, str], text: str = "") -> float | None:
    """From the headers, or else from `text`, the body of the error; `None` if neither says."""
    return _from_retry_headers(headers) or _from_reset_headers(headers) or _from_words(text)


def _from_retry_headers(headers: Mapping[str, str]) -> float | None:
    if milliseconds := _number(headers.get("retry-after-ms", "")):
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    return _number(value) or _until(value)


def _from_reset_headers(headers: Mapping[str, str]) -> float | None:
    return max(_resets(headers), default=None)


def _resets(headers: Mapping[str, str]) -> Iterator[float]:
    """Of the limits that are used up; those that have something left do not matter."""
    for name, value in headers.items():
        remaining = headers.get(name.replace("reset", "remaining"))
        if "ratelimit" in name and "reset" in name and remaining == "0":
            seconds = _span(value) or _number(value) or _until(value)
            if seconds:
                yield seconds


def _from_words(text: str) -> float | None:
    if found := _RETRY_INFO.search(text):
        return float(found[1])
    found = _IN_WORDS.search(text)
    if not found:
        return None
    return _span(found[1]) if found[1] else float(found[2])


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number) or number < 0:
        return None
    return number if number < _EPOCH_IN_MILLISECONDS else max(number / 1000 - time.time(), 0)


def _span(value: str) -> float | None:
    """`6m0s`, `45.694s`, `11ms`."""
    parts = _SPAN.findall(value.replace(" ", ""))
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else None


def _until(value: str) -> float | None:
    """An HTTP date or an ISO 8601 time."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(value)
        except ValueError:
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max((moment - datetime.now(UTC)).total_seconds(), 0)
    return None
