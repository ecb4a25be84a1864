"""What a test needs from the machine: optional by hand, but not with REQUIRE_ALL=1, as in `.ci/run`."""

import os
import shutil

import pytest

EVERYTHING = bool(os.environ.get("REQUIRE_ALL"))


def program(*names: str) -> str:
    """The path of the first of these that is installed; otherwise the test is skipped and says so."""
    for name in names:
        if path := shutil.which(name):
            return path
    reason = f"{names[0]} is not installed"
    if EVERYTHING:
        pytest.fail(reason)
    pytest.skip(reason)
