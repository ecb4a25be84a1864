"""Start to serving, with fresh data and again, and the memory of an idle site.

uv run --group dev python -m tests.benchmarks.start
"""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import resident_megabytes, show
from tests.site import Site

RUNS = 5


def main() -> None:
    cold, warm, idle = [], [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as data:
            for seconds in (cold, warm):
                with Site(Path(data)) as site:
                    seconds.append(site.seconds_to_start)
                    time.sleep(2)
                    idle.append(resident_megabytes(site.process.pid))
    show("start to serving, nothing there yet", cold, "s")
    show("start to serving, again", warm, "s")
    show("resident memory, idle", idle, "MB")


if __name__ == "__main__":
    main()
