import asyncio
import random

EYE = 0.05
SLOWEST = 0.5
STRETCH = 3
MEMORY = 0.9
UNEVENNESS = 0.5


class Pace:
    """How often frames go out: as often as the eye can use, and less often when the process falls behind.

    How far behind it is shows in how late it wakes from its own pauses, whatever takes the time. The pauses
    differ at random, or answers that began together would all be due together, and wait for each other.
    """

    def __init__(self) -> None:
        self.lateness = 0.0

    @property
    def interval(self) -> float:
        """Seconds between two frames of one answer, on the average."""
        return min(EYE + STRETCH * self.lateness, SLOWEST)

    async def pause(self) -> None:
        loop = asyncio.get_running_loop()
        seconds = self.interval * random.uniform(1 - UNEVENNESS, 1 + UNEVENNESS)  # noqa: S311
        due = loop.time() + seconds
        await asyncio.sleep(seconds)
        self.lateness = MEMORY * self.lateness + (1 - MEMORY) * max(0.0, loop.time() - due)
