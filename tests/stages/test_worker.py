"""The worker as a whole: it carries posts to the queue, takes new configuration, says what is wrong, ends in time."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from port_doubles import held_by_another, until
from tents import post

from bot import keys
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.config.starter import starter_dir
from bot.errors import ConfigError
from bot.settings import Settings
from bot.store import house as house_rows
from bot.store import mentions, sources
from bot.store.db import Row, Store
from bot.wiring import Wiring
from bot.worker import Worker

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import x_double as xd

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht?"
SIGTERM_S = 10.0


class Site:
    """A folder with configuration, keys and one replay file, and the worker's own rows seen from outside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "config"
        shutil.copytree(starter_dir(), self.config)
        self.replay = {
            "kind": "replay",
            "name": "samples",
            "file": "posts.jsonl",
            "posts_per_minute": 0,
            "account": "fjordfon_hilft",
        }
        self.write_sources(self.replay)
        (self.config / "posts.jsonl").touch()
        self.settings = Settings(
            data_dir=root / "data", config_dir=self.config, keys_dir=root / "keys", checkpoints_dir=root / "checkpoints"
        )
        keys.make(root / "keys")
        self.wiring = Wiring(self.settings)

    @property
    def store(self) -> Store:
        return self.wiring.stores()

    def write_sources(self, *entries: dict[str, object]) -> None:
        (self.config / "platforms.yaml").write_text(
            yaml.safe_dump({"poll_seconds": 10, "sources": list(entries)}), "utf-8"
        )

    def hear(self, native_id: str, text: str = QUESTION) -> None:
        line = str(post(native_id, f"kim{native_id}", text)).replace("'", '"')
        with (self.config / "posts.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def health(self) -> Row:
        row = house_rows.health(self.store)
        assert row is not None
        return row

    def in_force(self) -> str:
        row = house_rows.config(self.store)
        assert row is not None
        return str(row["hash"])

    def say_brand(self, old: str, new: str) -> None:
        brand = self.config / "brand.yaml"
        text = brand.read_text("utf-8")
        assert old in text
        brand.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def worker(site: Site) -> Iterator[Worker]:
    running = Worker(site.wiring)
    yield running
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < SIGTERM_S


def assessed(site: Site) -> int:
    return site.store.value("SELECT count(*) FROM mentions WHERE stage = 'assessed'")


def test_posts_arrive_in_the_queue_and_the_worker_shows_that_it_lives(site: Site, worker: Worker) -> None:
    site.hear("1")
    worker.start()
    first = site.health()
    assert (first["ledger_ok"], first["checkpoint_size"]) == (1, 0)
    until(lambda: assessed(site) == 1, "the post is assessed")
    until(lambda: site.health()["heartbeat_at"] > first["heartbeat_at"], "another sign of life")
    assert list((site.root / "checkpoints").iterdir())


def test_a_changed_file_comes_into_force_while_the_worker_runs(site: Site, worker: Worker) -> None:
    worker.start()
    before = site.in_force()
    site.say_brand("countdown_seconds: 10", "countdown_seconds: 5")
    until(lambda: site.in_force() != before, "the new configuration is in force")
    assert site.wiring.house(site.store).brand.countdown_seconds == 5


def test_a_faulty_file_never_replaces_the_last_good_version_and_its_faults_are_shown(
    site: Site, worker: Worker
) -> None:
    worker.start()
    before = site.in_force()
    site.say_brand("countdown_seconds: 10", "countdown_seconds: soon")
    until(lambda: "brand.yaml" in site.health()["config_problems"], "the faults are shown")
    site.hear("1")
    until(lambda: assessed(site) == 1, "work goes on under the last good version")
    assert site.in_force() == before
    site.say_brand("countdown_seconds: soon", "countdown_seconds: 7")
    until(lambda: site.in_force() != before, "the mended file comes into force")
    assert site.health()["config_problems"] == ""


def test_the_last_good_version_survives_a_restart_over_a_faulty_file(site: Site, worker: Worker) -> None:
    site.wiring.apply(load(site.config))
    site.say_brand("countdown_seconds: 10", "countdown_seconds: soon")
    site.hear("1")
    worker.start()
    assert "brand.yaml" in site.health()["config_problems"]
    until(lambda: assessed(site) == 1, "work goes on under the last good version")


def test_without_any_valid_configuration_the_worker_does_not_start(site: Site, worker: Worker) -> None:
    site.say_brand("countdown_seconds: 10", "countdown_seconds: soon")
    with pytest.raises(ConfigError, match=r"brand\.yaml"):
        worker.start()


def test_a_configuration_that_found_the_database_locked_comes_into_force_at_the_next_beat(
    site: Site, worker: Worker
) -> None:
    worker.start()
    before = site.in_force()
    site.say_brand("countdown_seconds: 10", "countdown_seconds: 5")
    with held_by_another(site.store), pytest.raises(Exception, match="Another process"):
        worker._take_config()
    assert site.in_force() == before
    until(lambda: site.in_force() != before, "the configuration is in force after all")


def test_a_source_without_its_token_stays_off_and_says_so_and_the_others_work(site: Site, worker: Worker) -> None:
    site.say_brand("accounts:", "accounts:\n  mastodon:\n    - handle: fjordfon_hilft@social.fjordfon.example\n")
    site.write_sources(
        {
            "kind": "mastodon",
            "name": "far",
            "server": "http://127.0.0.1:9",
            "account": "fjordfon_hilft@social.fjordfon.example",
            "token": "EARSHOT_NO_SUCH_TOKEN",
        },
        site.replay,
    )
    site.hear("1")
    worker.start()
    far = sources.by_name(site.store, "far")
    assert far is not None
    assert "EARSHOT_NO_SUCH_TOKEN" in far["cause"]
    until(lambda: assessed(site) == 1, "the other source works")


def test_a_real_platform_stays_off_until_its_papers_are_named(site: Site, worker: Worker) -> None:
    site.say_brand("accounts:", "accounts:\n  mastodon:\n    - handle: fjordfon_hilft@social.fjordfon.example\n")
    site.write_sources(
        {
            "kind": "mastodon",
            "name": "far",
            "server": "social.fjordfon.example",
            "account": "fjordfon_hilft@social.fjordfon.example",
            "token": "EARSHOT_NO_SUCH_TOKEN",
        },
        site.replay,
    )
    worker.start()
    far = sources.by_name(site.store, "far")
    assert far is not None
    assert "legal.privacy_notice" in far["cause"]
    assert far["polled_at"] == far["failing_since"]


def test_an_account_on_x_without_its_keys_for_writing_listens_and_says_which_are_missing(
    site: Site, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSHOT_X_BEARER", xd.SECRETS["EARSHOT_X_BEARER"])
    site.say_brand("accounts:", f"accounts:\n  x:\n    - handle: {xd.HANDLE}\n")
    bench = xd.Bench(search=False)
    with bench.double:
        site.write_sources(bench.source.model_dump(mode="json"), site.replay)
        bench.say("Warum geht das Internet nicht?")
        worker.start()
        until(lambda: assessed(site) == 1, "the post on X is heard and assessed")
    row = sources.by_name(site.store, "x")
    assert row is not None
    assert row["failing_since"] is None
    assert sources.mute(row) == (
        "not set: EARSHOT_X_CONSUMER_KEY, EARSHOT_X_CONSUMER_SECRET, EARSHOT_X_ACCESS_TOKEN, EARSHOT_X_ACCESS_SECRET"
    )
    assert bench.writes() == []


def test_a_source_whose_file_is_missing_says_so_and_recovers_after_its_pause(site: Site, worker: Worker) -> None:
    (site.config / "posts.jsonl").unlink()
    worker.start()

    def cause() -> str:
        row = sources.by_name(site.store, "samples")
        return "" if row is None else str(row["cause"])

    until(lambda: "posts.jsonl" in cause(), "the cause is visible")
    site.hear("1")
    with site.store.write() as tx:
        tx.run("UPDATE sources SET wait_until = 0")
    until(lambda: assessed(site) == 1, "the post is assessed")
    assert cause() == ""


def test_a_broken_ledger_is_shown_in_the_health_row(site: Site, worker: Worker) -> None:
    site.wiring.apply(load(site.config))
    connection = sqlite3.connect(site.wiring.database, isolation_level=None)
    connection.execute("DROP TRIGGER log_is_never_changed")
    connection.execute("UPDATE log SET h = zeroblob(32)")
    connection.close()
    worker.start()
    assert site.health()["ledger_ok"] == 0
    assert not list((site.root / "checkpoints").glob("*.checkpoint"))


def test_old_posts_are_purged_at_the_start_however_short_the_worker_runs(site: Site, worker: Worker) -> None:
    config: ConfigSet = load(site.config)
    site.wiring.apply(config)
    site.hear("1")
    worker.start()
    until(lambda: assessed(site) == 1, "the post is assessed")
    worker.stop()
    with site.store.write() as tx:
        tx.run("UPDATE cases SET updated_at = updated_at - 3000000000")
    second = Worker(site.wiring)
    second.start()
    until(lambda: site.store.value("SELECT count(*) FROM mentions") == 0, "the old post is purged")
    second.stop()


def test_sigterm_ends_the_process_in_time_and_leaves_a_last_checkpoint(site: Site) -> None:
    environment = os.environ | {
        "EARSHOT_DATA_DIR": str(site.settings.data_dir),
        "EARSHOT_CONFIG_DIR": str(site.config),
        "EARSHOT_KEYS_DIR": str(site.settings.keys_dir),
        "EARSHOT_CHECKPOINTS_DIR": str(site.settings.checkpoints_dir),
    }
    site.hear("1")
    program = "from bot.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", program, "worker"], env=environment, stderr=subprocess.PIPE)
    try:
        until(lambda: mentions.waiting(site.store) == 0 and assessed(site) == 1, "the post is assessed")
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=SIGTERM_S)
    finally:
        process.kill()
    assert process.returncode == 0, told.decode()
    assert QUESTION.encode() not in told
    assert site.health()["checkpoint_size"] == site.store.value("SELECT count(*) FROM log")
