"""The double of the Mastodon API for the tests of the door."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double


@pytest.fixture
def double():
    with mastodon_double.Double() as running:
        yield running
