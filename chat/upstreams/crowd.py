"""The answers that are read at once in this process.

To read one event costs nearly as much as to read several, on all the way to whoever watches. So what comes within
a pause is read together, and the pauses are the longer the more are answered. Few are read as fast as they speak.
"""

from types import TracebackType

MANY = 16
MANY_EVENTS = 8
SECONDS_EACH = 0.001
LONGEST_PAUSE = 0.1


class Crowd:
    def __init__(self) -> None:
        self.size = 0

    def __enter__(self) -> None:
        self.size += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.size -= 1

    def pause_after(self, events: int) -> float:
        """Seconds to let more come after a reading that brought so many; much that comes at once needs none."""
        if self.size <= MANY or events >= MANY_EVENTS:
            return 0
        return min(self.size * SECONDS_EACH, LONGEST_PAUSE)


crowd = Crowd()
