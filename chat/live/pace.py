import asyncio

EYE = 0.05
SLOWEST = 0.5
STRETCH = 6
MEMORY = 0.9


class Pace:
    """How often frames go out: as often as the eye can use, and less often when the process falls behind.

    How far behind it is shows in how late it wakes from its own pauses, whatever takes the time.
    """

    def __init__(self) -> None:
        self.lateness = 0.0

    @property
    def interval(self) -> float:
        """Seconds between two frames of one answer."""
        return min(EYE + STRETCH * self.lateness, SLOWEST)

    async def pause(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self.interval
        await asyncio.sleep(self.interval)
        self.lateness = MEMORY * self.lateness + (1 - MEMORY) * max(0.0, loop.time() - due)
