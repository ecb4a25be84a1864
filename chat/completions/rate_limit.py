from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How much of a rate is left to the asker; `reset` is in how many seconds all of it will be there again."""

    unit: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset: float
