"""A house with a threat in it, and the bench that takes evidence: by default without a browser, which costs seconds."""

import sys
from pathlib import Path

import pytest
from clocks import FakeClock
from preserved import Preserved, a_threat
from tents import HouseInATent, pitch

for neighbour in ("doubles", "stages"):
    sys.path.insert(0, str(Path(__file__).parents[1] / neighbour))


@pytest.fixture
def tent(tmp_path: Path, clock: FakeClock) -> HouseInATent:
    return pitch(tmp_path, clock)


@pytest.fixture
def proof(tent: HouseInATent) -> Preserved:
    """A threat that stands in the queue; nothing is preserved yet."""
    return a_threat(tent)
