"""Two workers over one database, as real processes: refusing, waiting, kill -9, SIGSTOP, and an end within 10 s."""

import os
import signal
import sqlite3
import time

import pytest
from programs import ended, until

pytestmark = pytest.mark.crash

TAKEN_OVER_S = 30
ENDS_S = 10


@pytest.fixture
def any_port(house, monkeypatch):
    monkeypatch.setenv("EARSHOT_PORT", "0")
    return house


def pid_in_charge(house) -> int:
    """The process that the worker's row names."""
    connection = sqlite3.connect(house / "data" / "earshot.db")
    try:
        return connection.execute("SELECT coalesce(max(pid), 0) FROM health WHERE name = 'worker'").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def running(started, house, *words):
    process = started(*words)
    until(lambda: pid_in_charge(house) == process.pid)
    return process


def ends_in_time(process) -> str:
    began = time.monotonic()
    printed = ended(process)
    assert time.monotonic() - began < ENDS_S
    return printed


@pytest.mark.parametrize("command", ["worker", "run"])
def test_a_second_one_refuses_with_a_sentence_and_the_first_goes_on(started, any_port, command):
    first = running(started, any_port, "worker")
    second = started(command)
    printed, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert "Another worker runs over this database." in printed
    assert "--standby" in printed
    assert "Traceback" not in printed
    assert pid_in_charge(any_port) == first.pid
    ends_in_time(first)


def test_a_standby_takes_over_within_thirty_seconds_when_the_first_is_killed(started, any_port):
    first = running(started, any_port, "run")
    standby = started("run", "--standby")
    assert "waiting" in standby.stdout.readline()
    os.kill(first.pid, signal.SIGKILL)
    died = time.monotonic()
    until(lambda: pid_in_charge(any_port) == standby.pid, TAKEN_OVER_S)
    assert time.monotonic() - died < TAKEN_OVER_S
    ends_in_time(standby)


def test_a_standby_takes_over_at_once_when_the_first_ends_by_itself(started, any_port):
    first = running(started, any_port, "worker")
    standby = started("worker", "--standby")
    assert "waiting" in standby.stdout.readline()
    ends_in_time(first)
    until(lambda: pid_in_charge(any_port) == standby.pid, 10)
    ends_in_time(standby)


def test_a_standby_ends_when_asked_while_it_waits(started, any_port):
    first = running(started, any_port, "worker")
    standby = started("run", "--standby")
    assert "waiting" in standby.stdout.readline()
    ends_in_time(standby)
    assert pid_in_charge(any_port) == first.pid
    ends_in_time(first)


def test_a_worker_that_slept_while_another_took_over_ends_and_says_why(started, any_port):
    first = running(started, any_port, "run")
    standby = started("worker", "--standby")
    assert "waiting" in standby.stdout.readline()
    os.kill(first.pid, signal.SIGSTOP)
    until(lambda: pid_in_charge(any_port) == standby.pid, TAKEN_OVER_S)
    os.kill(first.pid, signal.SIGCONT)
    printed, _ = first.communicate(timeout=ENDS_S)
    assert first.returncode == 1
    assert "Another worker took over" in printed
    assert "Traceback" not in printed
    assert pid_in_charge(any_port) == standby.pid
    ends_in_time(standby)
