"""The figures for machines are those of the rows, tell nothing about anybody, and leave out what nobody knows."""

import math
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from alarms import ACUTE
from canaries import CANARY_TEXT
from clocks import FakeClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from tents import HouseInATent, own_words, post

from bot import __version__, disk
from bot.config.canonical import to_json, version_of
from bot.config.roster import Colleague, Day, Roster, Turn
from bot.errors import Uncertain
from bot.metrics import DAY_MS, METRICS, Facts, _days_left, exposition
from bot.model import Lane
from bot.model.retention import HOUR_MS
from bot.protect.alarm import MINUTE_MS
from bot.store import house as house_rows
from bot.store import measures, purge, sources, upkeep
from bot.store.db import Store

QUESTION = "@fjordfon_hilft Warum geht das Internet in Wik nicht?"
SECOND = 1000


def figures(store: Store, clock: FakeClock) -> dict[str, dict[tuple[str, ...], float]]:
    """Metric -> values of its labels, these by name -> value, as Prometheus would read them."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(exposition(store, clock.now()).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def told(tent: HouseInATent, name: str, *labels: str) -> float | None:
    return figures(tent.store, tent.clock).get(name, {}).get(labels)


def test_a_house_that_never_ran_tells_what_it_knows_and_no_more(tent: HouseInATent) -> None:
    found = figures(tent.store, tent.clock)
    assert set(found) <= {metric.exposed for metric in METRICS}
    for unknown in ("worker_heartbeat_age_seconds", "ledger_verified", "checkpoint_age_seconds", "disk_days_left"):
        assert f"earshot_{unknown}" not in found
    assert found["earshot_cases"]["help", "new"] == 0
    assert found["earshot_nobody_on_call"] == {("threat",): 1, ("crisis",): 1, ("security",): 1}
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_nobody_on_call_counts_the_hours_of_the_roster_and_the_chains(tent: HouseInATent) -> None:
    turn = Turn(duties=("threat", "desk"), days=get_args(Day)[:7], begins="08:00", ends="18:00", person="Kim")
    roster = Roster(people=(Colleague(name="Kim", channels=("EARSHOT_PAGE_KIM",)),), weekly=(turn,))
    body = to_json(tent.config.model_copy(update={"roster": roster}))
    with tent.store.write() as tx:
        house_rows.add_config(tx, version_of(body), body, tent.clock.now())
    zone = ZoneInfo(tent.config.brand.timezone)
    noon = datetime.fromtimestamp(tent.clock.now() / 1000, zone).replace(hour=12, minute=0)
    for hours, vacant in ((0, 0), (8, 1)):
        at = int((noon + timedelta(hours=hours)).timestamp() * 1000)
        found = figures(tent.store, FakeClock(at))["earshot_nobody_on_call"]
        assert found == {("threat",): vacant, ("crisis",): 1, ("security",): 1, ("desk",): vacant}


def test_cases_are_counted_by_lane_and_state_and_the_oldest_unclaimed_one_by_its_wait(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "ole", QUESTION))
    tent.clock.advance(10 * MINUTE_MS)
    tent.hear(post("3", "ida", QUESTION))
    tent.clock.advance(5 * MINUTE_MS)
    lane = str(tent.case("kim")["lane"])
    assert told(tent, "earshot_cases", lane, "new") == 3
    assert told(tent, "earshot_oldest_unclaimed_case_seconds", lane) == 15 * 60
    tent.open("kim")
    assert told(tent, "earshot_cases", lane, "new") == 2
    assert told(tent, "earshot_cases", lane, "claimed") == 1
    tent.open("ole", "bob")
    assert told(tent, "earshot_oldest_unclaimed_case_seconds", lane) == 5 * 60
    tent.clock.advance(24 * HOUR_MS)
    assert told(tent, "earshot_oldest_unclaimed_case_seconds", lane) == 24 * 3600 + 15 * 60, "claims ran out"
    assert told(tent, "earshot_cases_overdue", lane) == 3


def test_a_case_that_nobody_answers_has_no_wait_to_be_taken(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "Fjordfon ist wieder weg", mentions=[]))
    found = figures(tent.store, tent.clock)
    assert {labels[0] for labels in found["earshot_oldest_unclaimed_case_seconds"]} == {*Lane} - {"listen", "noise"}


def test_the_stages_count_what_they_got_through_also_after_it_was_purged(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "ole", QUESTION), post("3", "eva", "Nichts davon", mentions=[]))
    before = figures(tent.store, tent.clock)
    assert before["earshot_posts_assessed_total"][()] == 2
    assert before["earshot_posts_waiting"][()] == 0
    source = tent.config.platforms.sources[0].name
    assert before["earshot_posts_total"]["new", source] == 2
    assert before["earshot_posts_total"]["not about us", source] == 1
    tent.clock.advance(400 * DAY_MS)
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author, answered_days=90)
    assert tent.store.value("SELECT count(*) FROM mentions") == 0
    assert figures(tent.store, tent.clock)["earshot_posts_assessed_total"][()] == 2


def test_what_left_what_was_decided_and_what_nobody_knows_is_counted(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    tent.approve("kim", own_words(0))
    tent.clock.advance(20 * SECOND)
    assert told(tent, "earshot_outbox_late_seconds") == 10
    tent.send()
    found = figures(tent.store, tent.clock)
    assert found["earshot_replies_sent_total"][()] == 1
    assert found["earshot_dispatches"]["sent",] == 1
    assert found["earshot_dispatches"]["uncertain",] == 0
    assert sum(found["earshot_gate_decisions_total"].values()) == 2
    assert found["earshot_outbox_late_seconds"][()] == 0
    tent.hear(post("2", "ole", QUESTION))
    tent.approve("ole", own_words(1))
    tent.clock.advance(20 * SECOND)
    name = tent.config.platforms.sources[0].name

    class Lost:
        def __getattr__(self, act: str) -> object:
            return getattr(publisher, act)

        def publish(self, consent: object) -> None:
            raise Uncertain("x")

    publisher = tent.publishers[name]
    tent.publishers[name] = Lost()
    tent.send()
    assert told(tent, "earshot_dispatches", "uncertain") == 1


def test_a_refusal_of_the_gate_is_counted_by_its_rule(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    tent.approve("kim", "Ruf uns an: 0151 23456789 ^AL")
    found = figures(tent.store, tent.clock)
    assert found["earshot_gate_answers_total"]["DENY", "C-22"] == 1
    assert found["earshot_gate_decisions_total"]["DENY",] == 1


def test_the_workers_age_its_ledger_and_its_checkpoint_are_told(tent: HouseInATent) -> None:
    tent.beat()
    tent.clock.advance(7 * SECOND)
    found = figures(tent.store, tent.clock)
    assert found["earshot_worker_heartbeat_age_seconds"][()] == 7
    assert found["earshot_checkpoint_age_seconds"][()] == 7
    assert found["earshot_ledger_verified"][()] == 1
    assert found["earshot_build_info"][__version__,] == 1
    assert found["earshot_ledger_entries_total"][()] == tent.store.value("SELECT count(*) FROM log")
    with tent.store.write() as tx:
        house_rows.set_verified(tx, "worker", ok=False, seq=1, at=tent.clock.now())
        house_rows.set_config_problems(tx, "worker", "brand.yaml:1:1: x\nbrand.yaml:2:1: y")
        house_rows.begin_stop(tx, user_id=None, reason="x", at=tent.clock.now())
    found = figures(tent.store, tent.clock)
    assert found["earshot_ledger_verified"][()] == 0
    assert found["earshot_config_problems"][()] == 2
    assert found["earshot_sending_stopped"][()] == 1


def test_a_source_is_silent_against_its_own_normal_and_only_once_that_is_known(tent: HouseInATent) -> None:
    name = tent.config.platforms.sources[0].name
    for _ in range(sources.REMEMBERED):
        tent.clock.advance(HOUR_MS)
        with tent.store.write() as tx:
            sources.fetched(tx, name, "x", heard=True, at=tent.clock.now())
        if _ < sources.REMEMBERED - 1:
            assert told(tent, "earshot_source_silence_ratio", name) is None
    tent.clock.advance(3 * HOUR_MS)
    assert told(tent, "earshot_source_silence_ratio", name) == pytest.approx(0.5)
    assert not sources.quiet(tent.store, tent.clock.now())
    tent.clock.advance(3 * HOUR_MS + SECOND)
    ratio = told(tent, "earshot_source_silence_ratio", name)
    assert ratio is not None
    assert ratio > 1
    assert [row["name"] for row in sources.quiet(tent.store, tent.clock.now())] == [name]
    assert told(tent, "earshot_source_heard_age_seconds", name) == 6 * 3600 + 1


def test_failures_gaps_costs_and_mute_accounts_are_told_by_source(tent: HouseInATent) -> None:
    name, now = tent.config.platforms.sources[0].name, tent.clock.now()
    with tent.store.write() as tx:
        sources.failed(tx, name, CANARY_TEXT, at=now, wait_until=now)
        sources.gap(tx, name, now - 5, now, now)
        sources.pay(tx, name, "read", 1_500_000, now)
        sources.identified(tx, name, is_bot=None, bio_ok=None, trouble=f"not set: {CANARY_TEXT}", at=None)
    tent.clock.advance(90 * SECOND)
    found = figures(tent.store, tent.clock)
    assert found["earshot_source_failing_seconds"][name,] == 90
    assert found["earshot_source_gaps"][name,] == 1
    assert found["earshot_source_cost_dollars_total"][name,] == 1.5
    assert found["earshot_source_can_send"][name,] == 0


def test_a_source_that_was_taken_out_of_the_configuration_alarms_nobody(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        sources.register(tx, "old", "replay", "fjordfon_hilft")
        sources.failed(tx, "old", "x", at=tent.clock.now(), wait_until=0)
    assert {labels[0] for labels in figures(tent.store, tent.clock)["earshot_source_failing_seconds"]} == {
        tent.config.platforms.sources[0].name
    }


def test_an_allowance_is_what_is_left_until_its_reset_and_then_full(tent: HouseInATent) -> None:
    now, bucket = tent.clock.now(), "mastodon:social.example:fjordfon_hilft:search"
    with tent.store.write() as tx:
        sources.set_budget(tx, bucket, 12, now + 60 * SECOND, 300)
    assert told(tent, "earshot_rate_budget_left", bucket) == 12
    assert told(tent, "earshot_rate_budget_full", bucket) == 300
    tent.clock.advance(61 * SECOND)
    assert told(tent, "earshot_rate_budget_left", bucket) == 300


def test_escalations_that_nobody_took_and_deletions_that_are_late_are_told(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", ACUTE))
    with tent.store.write() as tx:
        upkeep.notice_deletion(tx, 1, at=tent.clock.now(), hours=1)
    tent.clock.advance(HOUR_MS + SECOND)
    found = figures(tent.store, tent.clock)
    assert found["earshot_escalations_open"]["threat",] == 1
    assert found["earshot_escalations_unacknowledged"]["threat",] == 1
    assert found["earshot_escalation_unacknowledged_seconds"]["threat",] == 3601
    assert (found["earshot_deletions_open"][()], found["earshot_deletions_overdue"][()]) == (1, 1)
    with tent.store.write() as tx:
        tx.run("UPDATE escalations SET acknowledged_at = :now", now=tent.clock.now())
    found = figures(tent.store, tent.clock)
    assert found["earshot_escalations_unacknowledged"]["threat",] == 0
    assert found["earshot_escalation_unacknowledged_seconds"]["threat",] == 0


def test_no_figure_holds_a_word_an_author_or_a_colleague(tent: HouseInATent) -> None:
    tent.hear(post("4711-0815", "kim_handle", f"@fjordfon_hilft {CANARY_TEXT}"), post("2", "ole", ACUTE))
    tent.approve("kim_handle", own_words(0))
    tent.clock.advance(20 * SECOND)
    tent.send()
    text = exposition(tent.store, tent.clock.now()).decode()
    for secret in (CANARY_TEXT, "kim_handle", "4711-0815", "ole", "alice", "bob", "AL", "Leitung"):
        assert f'"{secret}' not in text
        assert f'{secret}"' not in text
    allowed = {"version", "lane", "state", "source", "outcome", "bucket", "rule", "kind"}
    assert {label for metric in METRICS for label in metric.labels} == allowed


# the disk --------------------------------------------------------------------------------------------


def test_the_disk_is_sampled_with_all_files_of_the_data_folder(tent: HouseInATent) -> None:
    folder = tent.wiring.settings.data_dir
    (folder / "evidence").mkdir()
    (folder / "evidence" / "x").write_bytes(b"x" * 100_000)
    disk.sample(tent.store, folder, tent.clock.now())
    found = figures(tent.store, tent.clock)
    assert found["earshot_data_bytes"][()] >= 100_000 + tent.wiring.database.stat().st_size / 2
    assert found["earshot_disk_free_bytes"][()] == pytest.approx(shutil.disk_usage(folder).free, rel=0.2)
    assert "earshot_disk_days_left" not in found
    tent.clock.advance(31 * DAY_MS)
    disk.sample(tent.store, folder, tent.clock.now())
    assert tent.store.value("SELECT count(*) FROM disk_samples") == 1


def sampled(store: Store, *samples: tuple[int, int, int]) -> None:
    with store.write() as tx:
        for at, free, used in samples:
            measures.sample_disk(tx, at=at, free=free, used=used)


@given(st.integers(1, 6 * 24), st.integers(0, 10**12), st.integers(0, 10**9), st.integers(-(10**9), 10**9))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_days_left_are_free_space_over_growth_a_day_and_nothing_before_a_day_is_over(store, hours, free, used, grown):
    with store.write() as tx:
        tx.run("DELETE FROM disk_samples")
    now, after = 10**12 + hours * HOUR_MS, max(0, used + grown)
    sampled(store, (10**12, free + 5, used), (now, free, after))
    answer = _days_left(Facts(store, now))
    if hours < 24:
        assert answer == []
        return
    ((_, days),) = answer
    if after <= used:
        assert math.isinf(days)
    else:
        assert days == pytest.approx(free / ((after - used) / (hours / 24)))


def test_a_week_of_growth_counts_not_the_months_before(store: Store) -> None:
    now = 10**12
    sampled(store, (now - 20 * DAY_MS, 0, 0), (now - 6 * DAY_MS, 900, 1000), (now, 600, 1600))
    assert _days_left(Facts(store, now)) == [((), 6.0)]


def test_a_folder_that_is_gone_is_an_error_that_stops_nothing_else(tent: HouseInATent, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        disk.sample(tent.store, tmp_path / "absent", tent.clock.now())
