"""What had to be changed of a request so that the model takes it. It is reported, and never silent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`param` is the field of the request; `value` is what was sent instead, None if it was left out."""

    param: str
    value: str | None = None

    def __str__(self) -> str:
        return self.param if self.value is None else f"{self.param}={self.value}"
