import time

from channels.layers import InMemoryChannelLayer

SECONDS_BETWEEN_CLEANINGS = 1.0


class MemoryChannelLayer(InMemoryChannelLayer):  # type: ignore[misc]
    """Channels' own layer, which looks for expired messages in everything it holds before it passes on each one.

    Here it looks once a second, so that the cost of a frame does not grow with the number of open tabs.
    """

    def __init__(self, **config: object) -> None:
        super().__init__(**config)
        self._cleaned_at = 0.0

    def _clean_expired(self) -> None:
        now = time.monotonic()
        if now - self._cleaned_at >= SECONDS_BETWEEN_CLEANINGS:
            self._cleaned_at = now
            super()._clean_expired()
