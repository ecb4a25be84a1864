import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatsite.settings import kept_secret


def test_it_is_made_once_and_kept(tmp_path):
    path = tmp_path / "data" / "secret_key"
    secret = kept_secret(path)
    assert len(secret) >= 50
    assert kept_secret(path) == secret
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]


def test_only_its_owner_may_read_it(tmp_path):
    kept_secret(tmp_path / "secret_key")
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_those_that_start_together_have_the_same(tmp_path):
    with ThreadPoolExecutor(16) as threads:
        secrets = set(threads.map(kept_secret, [tmp_path / "secret_key"] * 64))
    assert len(secrets) == 1


def test_an_empty_file_holds_no_secret(tmp_path):
    (tmp_path / "secret_key").write_text("\n")
    assert len(kept_secret(tmp_path / "secret_key")) >= 50
    assert len((tmp_path / "secret_key").read_text()) >= 50


def test_a_write_that_fails_leaves_none(tmp_path, monkeypatch):
    def full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept_secret(tmp_path / "secret_key")
    assert list(Path(tmp_path).iterdir()) == []
