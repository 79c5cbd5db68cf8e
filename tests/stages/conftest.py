"""A whole house for each test of this folder."""

from pathlib import Path

import pytest
from clocks import FakeClock
from tents import HouseInATent, pitch


@pytest.fixture
def tent(tmp_path: Path, clock: FakeClock) -> HouseInATent:
    return pitch(tmp_path, clock)
