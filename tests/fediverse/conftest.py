"""A real server of the fediverse for the tests of this folder; ``snac_server.Snac`` says what the fixture offers."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import snac_server


@pytest.fixture(scope="session")
def snac(tmp_path_factory):
    """One server for all tests of a run."""
    if shutil.which("snac") is None:
        pytest.skip("snac2 is not installed; tools/install_snac2 does it")
    with snac_server.running_snac(tmp_path_factory.mktemp("fediverse") / "snac") as running:
        yield running
