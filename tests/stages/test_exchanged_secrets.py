"""A token that is exchanged in its file counts within seconds, while the worker runs, and none is ever logged."""

import sys
from pathlib import Path

import pytest
from port_doubles import until

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double as md
from test_worker import Site

from bot.store import sources
from bot.store.credentials import known
from bot.worker import Worker

OLD, NEW = "canary-token-of-yesterday", "canary-token-of-today"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A house that listens to a server; its secrets are files."""
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("EARSHOT_SECRETS_DIR", str(tmp_path / "secrets"))
    (tmp_path / "secrets" / "EARSHOT_FEDI").write_text(OLD)
    return Site(tmp_path)


@pytest.fixture
def server(site: Site):
    bench = md.Bench()
    with bench.double:
        site.say_brand("accounts:", f"accounts:\n  mastodon:\n    - handle: {md.OURS}\n")
        fedi = {"kind": "mastodon", "name": "fedi", "account": md.OURS, "token": "EARSHOT_FEDI"}
        site.write_sources({**fedi, "server": bench.double.url}, site.replay)
        yield bench.double


@pytest.fixture
def worker(site: Site, server):
    running = Worker(site.wiring)
    running.start()
    yield running
    running.stop()


def tokens(server) -> set[str]:
    headers = (seen.headers for seen in list(server.seen))
    return {
        value.removeprefix("Bearer ")
        for each in headers
        for name, value in each.items()
        if name.lower() == "authorization"
    }


def exchange(site: Site, text: str, name: str = "EARSHOT_FEDI") -> None:
    """As careful operators do: another file takes the name."""
    fresh = site.root / "secrets" / ".fresh"
    fresh.write_text(text)
    fresh.replace(site.root / "secrets" / name)


def test_a_new_token_is_used_without_a_restart_and_none_is_logged(site, server, worker, caplog):
    until(lambda: tokens(server) == {OLD}, "the server is asked with the first token")
    exchange(site, NEW)
    until(lambda: NEW in tokens(server), "the server is asked with the new token")
    assert worker.displaced is None
    assert not any(secret in caplog.text for secret in (OLD, NEW))


def test_a_token_that_is_taken_away_switches_the_source_off_and_says_what_is_missing(site, server, worker):
    until(lambda: tokens(server) == {OLD}, "the server is asked")
    (site.root / "secrets" / "EARSHOT_FEDI").unlink()

    def cause() -> str:
        row = sources.by_name(site.store, "fedi")
        return "" if row is None else str(row["cause"])

    until(lambda: "EARSHOT_FEDI is not set" in cause(), "the source says what it lacks")
    exchange(site, NEW)
    until(lambda: NEW in tokens(server), "the source is back by itself")


def test_the_worker_tells_the_desk_when_a_credential_ends(site, server, worker):
    until(lambda: tokens(server) == {OLD}, "the server is asked")
    assert known(site.store) == set()
    exchange(site, "2027-01-01", "EARSHOT_FEDI_EXPIRES")
    worker._credentials()
    assert known(site.store) == {("EARSHOT_FEDI", 1_798_761_600_000, "operator")}
