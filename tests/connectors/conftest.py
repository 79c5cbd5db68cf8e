"""The double of the Mastodon API, and our two ends of it, for the tests of the connectors."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double

from bot.connectors.mastodon import Client, MastodonConnector
from bot.connectors.mastodon_publisher import MastodonPublisher

TOKEN = "canary-token"
NOW = 1_793_613_600_000


class StillClock:
    """A clock that stands at 2 November 2026, 10:00 UTC."""

    def now(self):
        return NOW

    def monotonic(self):
        return 0


@pytest.fixture
def double():
    with mastodon_double.Double() as running:
        yield running


@pytest.fixture
def client(double):
    return Client(double.url, TOKEN, lambda: double.door(deadline_s=0.5))


@pytest.fixture
def mentions(client):
    """A connector that reads mentions only."""
    return MastodonConnector("our account", client, "fjordfon_hilft")


@pytest.fixture
def publisher(client):
    return MastodonPublisher(client, "fjordfon_hilft", StillClock())
