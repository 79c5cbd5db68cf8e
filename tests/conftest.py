"""Fixtures that several rooms share, and the rules of the whole suite."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clocks import FakeClock
from hypothesis import settings
from suite_rules import (
    pytest_make_collect_report,
    pytest_runtest_logreport,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

from bot.store.db import Store
from bot.store.migrate import migrate

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

__all__ = [
    "pytest_make_collect_report",
    "pytest_runtest_logreport",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
]


MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders of its own in it
MEMORY_NEEDED = 4 << 30
"""Bytes that must be free there: two processes keep what failed."""


def pytest_configure(config: pytest.Config) -> None:
    """Let houses stand in memory where there is room: thousands are built, and each syncs a disk dozens of times."""
    if config.option.basetemp is None and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A migrated, empty database file."""
    path = tmp_path / "earshot.db"
    migrate(path)
    return path


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """A guarded connection to it, as the running house has one."""
    store = Store(database)
    store.guard()
    yield store
    store.close()
