import os
import subprocess
import sys

import pytest

from tests.site import ROOT

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.parametrize(
    "path",
    [
        "tests/pages/test_finding.py",
        "tests/pages/test_act.py",
        "tests/pages/test_shared.py",
        "tests/models/test_share_race.py",
        "tests/transfer/test_import.py",
    ],
)
def test_it_is_the_same_on_postgresql(postgres_url, path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path],
        cwd=ROOT,
        env=os.environ | {"TESTS_DATABASE_URL": postgres_url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
