"""A real Bluesky network for the tests of this folder; ``bluesky_network.Person`` says what a customer can do on it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import bluesky_network


@pytest.fixture(scope="session")
def network(tmp_path_factory, worker_id):
    """One network for all tests of a run, whichever of its processes they run in."""
    programs = bluesky_network.installed()
    if programs is None:
        pytest.skip("a Bluesky network is not installed; tools/install_bluesky does it")
    own = tmp_path_factory.getbasetemp()
    with bluesky_network.shared_network(own if worker_id == "master" else own.parent, programs) as running:
        yield running


@pytest.fixture
def brand(network):
    """The account that the house speaks for; every test has its own."""
    return network.person("fjordfon")


@pytest.fixture
def customer(network):
    return network.person("kundin")
