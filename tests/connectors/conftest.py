"""The double of the Mastodon API, and our two ends of it, for the tests of the connectors."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double

from bot.connectors.mastodon import Client, MastodonConnector
from bot.connectors.mastodon_publisher import MastodonPublisher


@pytest.fixture
def nobody_sleeps(monkeypatch):
    """Whoever sleeps fails: waiting is the scheduler's business."""

    def fail(seconds):
        pytest.fail(f"somebody slept {seconds} s")

    monkeypatch.setattr(time, "sleep", fail)


@pytest.fixture
def double():
    with mastodon_double.Double() as running:
        yield running


@pytest.fixture
def client(double):
    return Client(double.url, mastodon_double.TOKEN, double.door)


@pytest.fixture
def hasty_client(double):
    """A client that soon gives up on a server that holds the line."""
    return Client(double.url, mastodon_double.TOKEN, lambda: double.door(deadline_s=1.0))


@pytest.fixture
def mentions(client):
    """A connector that reads mentions only."""
    return MastodonConnector("our account", client, "fjordfon_hilft")


@pytest.fixture
def publisher(client):
    return MastodonPublisher(client, "fjordfon_hilft", mastodon_double.StillClock())
