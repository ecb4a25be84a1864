"""What a file says, as far as it can be believed: text that can be stored, and dates that can be."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 100_000_000_000
CLOCKS_DIFFER = timedelta(days=1)


def text(value: Any) -> str:
    """As a string; anything but one is nothing."""
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def mappings(value: Any) -> list[dict[str, Any]]:
    return [each for each in sequence(value) if isinstance(each, dict)]


def texts(value: Any) -> list[str]:
    return [each for each in sequence(value) if isinstance(each, str)]


def moment(value: Any) -> datetime | None:
    """ISO 8601, or seconds or milliseconds since 1970; None for what cannot be when somebody chatted."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1000 if value >= MILLISECONDS_FROM else value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    found = found.replace(tzinfo=found.tzinfo or UTC)
    return found if EARLIEST <= found <= datetime.now(UTC) + CLOCKS_DIFFER else None
