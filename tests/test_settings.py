import subprocess
import sys

import pytest

from tests.site import ROOT, plain_environment


def setting(name: str, tmp_path, **environment: str) -> str:
    given = plain_environment() | {"DATA_DIR": str(tmp_path), "ENV_FILE": "/dev/null", **environment}
    program = f"from chatsite import settings; print(settings.{name})"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=given, check=True, capture_output=True, text=True
    )
    return ran.stdout.strip()


@pytest.mark.parametrize(
    ("environment", "looks"),
    [
        ({}, "True"),
        ({"DATABASE_URL": "postgres://chat@database/chat"}, "False"),
        ({"DATABASE_URL": "postgres://chat@database/chat", "DETECT_LOCAL_SERVERS": "true"}, "True"),
        ({"DETECT_LOCAL_SERVERS": "false"}, "False"),
    ],
)
def test_servers_of_this_machine_are_looked_for_where_no_other_machine_shares_the_database(
    tmp_path, environment, looks
):
    assert setting("DETECT_LOCAL_SERVERS", tmp_path, **environment) == looks


@pytest.mark.parametrize("name", ["REQUEST_LOG_DAYS", "REQUEST_BODY_DAYS"])
@pytest.mark.parametrize("days", ["-1", "x", "1.5"])
def test_days_that_are_none_are_refused_at_the_start(tmp_path, name, days):
    with pytest.raises(subprocess.CalledProcessError):
        setting(name, tmp_path, **{name: days})
    assert setting(name, tmp_path, **{name: "0"}) == "0"
