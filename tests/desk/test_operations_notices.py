"""The desk tells on every page that its worker is of another version, and that a credential ends."""

import pytest

from bot import __version__
from bot.credentials import DAY_MS, UNREADABLE
from bot.store import credentials

NAME = "EARSHOT_MASTODON_TOKEN"


def worker_of(desk, version):
    desk.stores().connection.execute("UPDATE health SET version = ? WHERE name = 'worker'", (version,))


def ends(desk, at):
    with desk.stores().write() as tx:
        credentials.replace(tx, [(NAME, at, "operator")])


def test_nothing_is_told_on_an_ordinary_day(alice, desk, clock):
    ends(desk, clock.now() + 15 * DAY_MS)
    page = alice.get("/").text
    assert "different versions" not in page
    assert NAME not in page


def test_a_worker_of_another_version_is_told_with_both_versions(alice, desk):
    worker_of(desk, "99.1")
    page = alice.get("/").text
    assert "Worker and desk are of different versions." in page
    assert f"The worker runs version 99.1, this desk version {__version__}. Restart the older one." in page


@pytest.mark.parametrize(
    ("days", "told"),
    [(13, f"{NAME} ends on"), (-1, f"{NAME} ended on"), (None, f"The day in {NAME}_EXPIRES cannot be read.")],
)
def test_a_credential_that_ends_is_told_until_a_new_one_stands_there(alice, desk, clock, days, told):
    ends(desk, UNREADABLE if days is None else clock.now() + days * DAY_MS)
    assert told in alice.get("/").text
    assert told in alice.get("/outbox").text
    with desk.stores().write() as tx:
        credentials.replace(tx, [])
    assert told not in alice.get("/").text


def test_a_german_desk_says_it_in_german(alice, desk, clock):
    alice.post("/account/language", data={"language": "de"})
    worker_of(desk, "99.1")
    ends(desk, clock.now() + DAY_MS)
    page = alice.get("/", headers={"Accept-Language": "de"}).text
    assert "Arbeiter und Pult haben verschiedene Versionen." in page
    assert f"{NAME} gilt nur noch bis zum" in page
