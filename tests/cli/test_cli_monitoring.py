"""health and metrics: what a container's check and a collector of figures ask, without a browser."""

import re
import subprocess
import sys

import pytest
from canaries import CANARY_TOKEN
from programs import ended

from bot.cli.common import wired
from bot.cli.desking import desk_of
from bot.cli.monitoring import STARTING_MS
from bot.clock import SystemClock
from bot.desk.serve import Server
from bot.metrics import METRICS
from bot.store import house as house_rows
from bot.store import sources
from bot.store.db import Store


@pytest.fixture
def store(house):
    store = Store(house / "data" / "earshot.db")
    yield store
    store.close()


def beats(store, *, ago_ms=0, verified=True, started_ago_ms=0):
    """A worker whose last sign of life is so long ago."""
    now = SystemClock().now()
    with store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=1, version="1", at=now - started_ago_ms)
        house_rows.beat(tx, "worker", now - ago_ms, 0)
        if verified:
            house_rows.set_verified(tx, "worker", ok=True, seq=1, at=now)


def test_a_worker_that_beats_is_well_whatever_its_platforms_do(earshot, store):
    beats(store)
    with store.write() as tx:
        sources.register(tx, "down", "mastodon", "x")
        sources.failed(tx, "down", "The platform cannot be reached.", at=0, wait_until=0)
        house_rows.set_verified(tx, "worker", ok=False, seq=1, at=0)
        house_rows.set_config_problems(tx, "worker", "brand.yaml:1:1: x")
        house_rows.begin_stop(tx, user_id=None, reason="x", at=0)
    said = earshot("health", "worker")
    assert (said.code, said.out) == (0, "ok\n")


def test_a_silent_worker_is_ill_and_one_that_still_verifies_its_ledger_is_not(earshot, store):
    beats(store, ago_ms=45_000, started_ago_ms=45_000)
    said = earshot("health", "worker")
    assert said.code == 1
    assert re.search(r"The worker has been silent for 4\d s\.", said.err)
    beats(store, ago_ms=45_000, started_ago_ms=45_000, verified=False)
    assert earshot("health", "worker").code == 0
    beats(store, ago_ms=STARTING_MS + 5, started_ago_ms=STARTING_MS + 5, verified=False)
    assert earshot("health", "worker").code == 1


def test_where_nothing_ever_ran_it_says_so(earshot, folder, house, monkeypatch):
    said = earshot("health")
    assert said.code == 1
    assert "No worker has run here yet." in said.err
    assert "The desk does not answer" in said.err
    monkeypatch.setenv("EARSHOT_DATA_DIR", str(folder / "nowhere"))
    said = earshot("health", "worker")
    assert said.code == 1
    assert "There is no database yet" in said.err
    assert not (folder / "nowhere").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])  # noqa: S104 - what is tested
def test_the_desk_is_asked_on_this_machine_wherever_it_listens(earshot, house, monkeypatch, host):
    monkeypatch.setenv("EARSHOT_PORT", "0")
    monkeypatch.setenv("EARSHOT_HOST", host)
    well = [True]
    server: Server = desk_of(wired(), lambda: well[0])
    server.start()
    try:
        monkeypatch.setenv("EARSHOT_PORT", str(server.port))
        assert earshot("health", "desk").out == "ok\n"
        well[0] = False
        said = earshot("health", "desk")
        assert (said.code, "its process is ill" in said.err) == (1, True)
    finally:
        server.stop()
    assert "does not answer" in earshot("health", "desk").err


def test_metrics_prints_what_the_desk_would_answer(earshot, store):
    beats(store)
    said = earshot("metrics")
    assert said.code == 0
    assert {line.split()[2] for line in said.out.splitlines() if line.startswith("# TYPE")} == {
        metric.exposed for metric in METRICS
    }


def test_one_process_with_worker_and_desk_is_well_and_shows_its_figures_for_the_token(
    started, house, earshot, monkeypatch
):
    secret = house / "secrets" / "EARSHOT_METRICS_TOKEN"
    secret.parent.mkdir()
    secret.write_text(f"{CANARY_TOKEN}-figures\n")
    monkeypatch.setenv("EARSHOT_SECRETS_DIR", str(secret.parent))
    monkeypatch.setenv("EARSHOT_PORT", "0")
    running = started("run")
    line = running.stdout.readline()
    while "The desk is at" not in line:
        assert line
        line = running.stdout.readline()
    port = re.search(r":(\d+)", line.partition("127.0.0.1")[2])[1]
    monkeypatch.setenv("EARSHOT_PORT", port)
    assert earshot("health").out == "ok\n"
    asked = (
        "import sys, urllib.request as u; r = u.Request(f'http://127.0.0.1:{sys.argv[1]}/metrics', "
        "headers={'Authorization': 'Bearer ' + open(sys.argv[2]).read().strip()}); print(u.urlopen(r).read().decode())"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked, port, secret], capture_output=True, text=True, check=True
    ).stdout
    assert "earshot_worker_heartbeat_age_seconds " in told
    assert "earshot_ledger_verified 1.0" in told
    ended(running)
    assert earshot("health", "desk").code == 1
