"""Which processes of the site are taken for dead."""

import os
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Worker
from chat.models import worker as workers


@pytest.fixture
def me(db) -> Worker:
    me = Worker()
    me.report()
    return me


@pytest.fixture
def neighbour():
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def dead_beside(me: Worker, **fields) -> bool:
    other = Worker.objects.create(**fields)
    return other in me.dead_others()


def test_one_that_runs_beside_this_lives(me, neighbour):
    assert not dead_beside(me, pid=neighbour.pid, started=workers.start_of(neighbour.pid))


def test_one_whose_process_is_gone_is_dead(me, neighbour):
    started = workers.start_of(neighbour.pid)
    neighbour.kill()
    neighbour.wait()
    assert dead_beside(me, pid=neighbour.pid, started=started)


def test_one_whose_process_id_is_anothers_by_now_is_dead(me, neighbour):
    assert dead_beside(me, pid=neighbour.pid, started="1")


def test_an_earlier_one_of_this_process_is_dead(me):
    assert dead_beside(me)


@pytest.mark.parametrize("kernel", ["another-boot/4026531836", f"{workers.this_kernel()[:36]}/1"])
def test_one_in_another_container_or_machine_of_the_same_name_lives(me, kernel):
    assert not dead_beside(me, kernel=kernel)
    assert not dead_beside(me, kernel=kernel, pid=2**22 + 1)


def test_where_the_system_does_not_say_the_process_id_has_to_do(me, neighbour):
    assert not dead_beside(me, pid=neighbour.pid, started="")
    assert not dead_beside(me, pid=os.getppid(), started="")
    neighbour.kill()
    neighbour.wait()
    assert dead_beside(me, pid=neighbour.pid, started="")


def test_one_that_has_been_silent_for_long_is_dead(me):
    assert dead_beside(me, host="elsewhere", seen_at=timezone.now() - timedelta(minutes=1))
    assert not dead_beside(me, host="elsewhere", seen_at=timezone.now() - timedelta(seconds=5))


def test_a_clock_of_this_machine_that_is_wrong_makes_nobody_dead(me, monkeypatch):
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=1))
    assert not dead_beside(me, host="elsewhere")
    me.report()
    assert me not in Worker(host="elsewhere").dead_others()
