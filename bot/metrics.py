"""What Prometheus may know: sums and ages, counted from the store when somebody asks, so that no process holds a count.

No label holds an author, a staff member, words or the id of a post. A value that nobody knows is left out, never
guessed: an alert that needs it says so by ``absent``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from bot.config.canonical import from_json
from bot.config.models import ConfigSet
from bot.errors import ConfigError
from bot.model import AlarmKind, CaseState, DispatchState, Lane
from bot.protect.oncall import ALARMS, unmanned, unpaged
from bot.store import house, measures, mentions, people, queue, sources, standing, upkeep
from bot.store import log as ledger_rows
from bot.store.db import Reader, Row

CONTENT_TYPE = CONTENT_TYPE_LATEST
DAY_MS = 86_400_000
GROWTH_MS = 7 * DAY_MS
"""Over so much time the growth of the data folder is measured, and over a day at least."""

OPEN_STATES = tuple(state for state in CaseState if state not in {CaseState.SENT, CaseState.CLOSED})

Sample = tuple[tuple[str, ...], float]


@dataclass(frozen=True)
class Facts:
    """The store at one moment, each part read once."""

    reader: Reader
    now: int

    @cached_property
    def worker(self) -> Row | None:
        """The worker's health row."""
        return house.health(self.reader)

    @cached_property
    def config(self) -> ConfigSet | None:
        """The configuration in force; ``None`` before the first, and while it is one of another version."""
        row = house.config(self.reader)
        try:
            return None if row is None else from_json(row["body"])
        except ConfigError:
            return None

    @cached_property
    def listened(self) -> list[Row]:
        """The sources of the configuration in force."""
        return sources.every(self.reader)

    @cached_property
    def disk(self) -> tuple[Row, Row] | None:
        """The first sample of the disk in the time over which growth is measured, and the newest."""
        return measures.disk(self.reader, self.now - GROWTH_MS)

    @cached_property
    def alarms(self) -> Mapping[str, Row]:
        """Open escalations by kind."""
        return {row["kind"]: row for row in measures.escalations(self.reader)}

    @cached_property
    def stages(self) -> Mapping[str, int]:
        """How many posts the stages got through."""
        return measures.stages(self.reader)

    @cached_property
    def deletions(self) -> tuple[int, int]:
        """How many deletions are open, and how many of them late."""
        return measures.deletions(self.reader, self.now)

    def seconds_since(self, at: int | None) -> float:
        """How long ago a time is; 0 for a time that never came or lies ahead."""
        return 0.0 if at is None else max(0, self.now - at) / 1000


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name without the ending of a counter, what it says, and where its values come from."""

    name: str
    told: str
    read: Callable[[Facts], Iterable[Sample]]
    labels: tuple[str, ...] = field(default=())
    counter: bool = field(default=False)

    @property
    def exposed(self) -> str:
        """The name under which it is asked for."""
        return f"{self.name}_total" if self.counter else self.name


def _one(value: float | None) -> list[Sample]:
    return [] if value is None else [((), float(value))]


def _worker(column: str) -> Callable[[Facts], list[Sample]]:
    """How long ago a time in the worker's row is; nothing before it is known."""

    def read(facts: Facts) -> list[Sample]:
        at = facts.worker[column] if facts.worker is not None else None
        return _one(None if at is None else facts.seconds_since(at))

    return read


def _version(facts: Facts) -> list[Sample]:
    return [] if facts.worker is None else [((str(facts.worker["version"]),), 1.0)]


def _verified(facts: Facts) -> list[Sample]:
    return _one(None if facts.worker is None else facts.worker["ledger_ok"])


def _unanchored(facts: Facts) -> list[Sample]:
    return _one(None if facts.worker is None else facts.seconds_since(facts.worker["anchor_failing_since"]))


def _config_problems(facts: Facts) -> list[Sample]:
    return _one(None if facts.worker is None else len(str(facts.worker["config_problems"]).splitlines()))


def _cases(facts: Facts) -> Iterator[Sample]:
    lanes, others = queue.lane_counts(facts.reader), measures.beyond_new(facts.reader)
    for lane in Lane:
        beyond = {state: others.get((lane, state), 0) for state in OPEN_STATES}
        beyond[CaseState.NEW] = lanes.get(lane, 0) - sum(beyond.values())
        yield from (((lane.value, state.value), float(n)) for state, n in beyond.items())


def _unclaimed(facts: Facts) -> Iterator[Sample]:
    since = measures.unclaimed_since(facts.reader, facts.now)
    answered = (lane for lane in Lane if lane not in {Lane.LISTEN, Lane.NOISE})
    return (((lane.value,), facts.seconds_since(since.get(lane))) for lane in answered)


def _overdue(facts: Facts) -> Iterator[Sample]:
    late = measures.overdue(facts.reader, facts.now)
    return (((lane.value,), float(late.get(lane, 0))) for lane in Lane)


def _posts(facts: Facts) -> Iterator[Sample]:
    return (((row["source"], row["reason"]), float(row["n"])) for row in sources.counts(facts.reader))


def _stage(stage: str) -> Callable[[Facts], list[Sample]]:
    return lambda facts: _one(facts.stages.get(stage, 0))


def _by_source(value: Callable[[Facts, Row], float | None]) -> Callable[[Facts], Iterator[Sample]]:
    """One value for each source in the configuration, where it is known."""

    def read(facts: Facts) -> Iterator[Sample]:
        for row in facts.listened:
            found = value(facts, row)
            if found is not None:
                yield (str(row["name"]),), float(found)

    return read


def _heard_ago(facts: Facts, row: Row) -> float | None:
    return None if row["heard_at"] is None else facts.seconds_since(row["heard_at"])


def _silence(facts: Facts, row: Row) -> float | None:
    """Its silence as a share of the longest that is normal for it, once that is known (``sources.quiet``)."""
    if row["heard_at"] is None or row["hearings"] < sources.REMEMBERED:
        return None
    normal: int = max(sources.LEAST_QUIET_MS, row["usual_gap"] * sources.QUIET_TIMES)
    return facts.seconds_since(row["heard_at"]) * 1000 / normal


def _gaps(facts: Facts) -> Iterator[Sample]:
    found = measures.gaps_by_source(facts.reader, facts.now - DAY_MS)
    return (((row["name"],), float(found.get(row["name"], 0))) for row in facts.listened)


def _costs(facts: Facts) -> Iterator[Sample]:
    return (((source,), micro / 1_000_000) for source, micro in measures.costs(facts.reader).items())


def _budgets(column: str) -> Callable[[Facts], Iterator[Sample]]:
    """What an allowance holds; one whose reset has passed is full again."""

    def read(facts: Facts) -> Iterator[Sample]:
        for row in measures.budgets(facts.reader):
            full = row["reset_at"] <= facts.now
            yield (str(row["bucket"]),), float(max(row["most"], row["remaining"]) if full else row[column])

    return read


def _gate(facts: Facts) -> Iterator[Sample]:
    rows = (row for row in standing.firings(facts.reader) if row["rule"])
    return (((row["rule"], row["outcome"]), float(row["n"])) for row in rows)


def _decisions(facts: Facts) -> Iterator[Sample]:
    rows = (row for row in standing.firings(facts.reader) if not row["rule"] and row["outcome"] != standing.SENT)
    return (((row["outcome"],), float(row["n"])) for row in rows)


def _sent(facts: Facts) -> list[Sample]:
    rows = standing.firings(facts.reader)
    return _one(sum(row["n"] for row in rows if not row["rule"] and row["outcome"] == standing.SENT))


def _dispatches(facts: Facts) -> Iterator[Sample]:
    counts = queue.outbox_counts(facts.reader)
    return (((state.value,), float(counts.get(state, 0))) for state in DispatchState)


def _escalations(column: str) -> Callable[[Facts], Iterator[Sample]]:
    def read(facts: Facts) -> Iterator[Sample]:
        for kind in AlarmKind:
            row = facts.alarms.get(kind)
            yield (kind.value,), float(0 if row is None else row[column])

    return read


def _unacknowledged_age(facts: Facts) -> Iterator[Sample]:
    for kind in AlarmKind:
        row = facts.alarms.get(kind)
        yield (kind.value,), facts.seconds_since(None if row is None else row["since"])


def _on_call(facts: Facts) -> Iterator[Sample]:
    """The alarms that reach nobody now, and the duties of the roster that nobody has now."""
    if facts.config is not None:
        vacant = {*unpaged(facts.config, facts.now), *unmanned(facts.config, facts.now)}
        for duty in {**dict.fromkeys(ALARMS), **dict.fromkeys(facts.config.roster.duties)}:
            yield (duty,), float(duty in vacant)


def _disk(column: str) -> Callable[[Facts], list[Sample]]:
    return lambda facts: _one(None if facts.disk is None else facts.disk[1][column])


def _days_left(facts: Facts) -> list[Sample]:
    """Days until the disk is full if the data folder grows on as it did; endless where it does not grow.

    Nothing before the samples span a day: the first hours of a new house say nothing about its weeks.
    """
    if facts.disk is None:
        return []
    first, last = facts.disk
    days = (last["at"] - first["at"]) / DAY_MS
    if days < 1:
        return []
    growth = (last["used"] - first["used"]) / days
    return _one(last["free"] / growth if growth > 0 else float("inf"))


_SOURCE = ("source",)

METRICS: tuple[Metric, ...] = (
    Metric("earshot_build_info", "Version of the worker that runs or ran last.", _version, ("version",)),
    Metric("earshot_worker_heartbeat_age_seconds", "Since the worker's last sign of life.", _worker("heartbeat_at")),
    Metric("earshot_worker_uptime_seconds", "Since the worker started.", _worker("started_at")),
    Metric("earshot_ledger_verified", "1 if the ledger verifies, 0 if it was tampered with.", _verified),
    Metric(
        "earshot_ledger_entries",
        "Entries of the ledger.",
        lambda facts: _one(ledger_rows.head(facts.reader)[0]),
        counter=True,
    ),
    Metric("earshot_checkpoint_age_seconds", "Since the last checkpoint of the ledger.", _worker("checkpoint_at")),
    Metric("earshot_checkpoint_folder_failing_seconds", "How long the checkpoint folder is out of reach.", _unanchored),
    Metric("earshot_config_problems", "Faults in the configuration files that are not in force.", _config_problems),
    Metric(
        "earshot_sending_stopped",
        "1 while everything that goes out is stopped.",
        lambda facts: _one(house.stop(facts.reader) is not None),
    ),
    Metric(
        "earshot_places_stopped",
        "Places where replies rest until a person looked.",
        lambda facts: _one(len(standing.place_stops(facts.reader))),
    ),
    Metric("earshot_cases", "Open cases.", _cases, ("lane", "state")),
    Metric(
        "earshot_oldest_unclaimed_case_seconds", "How long the oldest case waits to be taken.", _unclaimed, ("lane",)
    ),
    Metric("earshot_cases_overdue", "Open cases beyond the time in which we promised a reply.", _overdue, ("lane",)),
    Metric("earshot_posts", "Posts that came, by what became of them.", _posts, ("source", "outcome"), counter=True),
    Metric("earshot_posts_waiting", "Posts to be assessed.", lambda facts: _one(mentions.waiting(facts.reader))),
    Metric("earshot_posts_assessed", "Posts that were assessed.", _stage("assessed"), counter=True),
    Metric("earshot_posts_not_assessed", "Posts given to people unread.", _stage("not_assessed"), counter=True),
    Metric(
        "earshot_posts_sealed",
        "Posts sealed until their platform shows them.",
        lambda facts: _one(upkeep.sealed(facts.reader)),
    ),
    Metric("earshot_source_heard_age_seconds", "Since the source brought a post.", _by_source(_heard_ago), _SOURCE),
    Metric(
        "earshot_source_silence_ratio",
        "Its silence against the longest that is normal for it; above 1 is an alarm.",
        _by_source(_silence),
        _SOURCE,
    ),
    Metric(
        "earshot_source_failing_seconds",
        "How long the source fails.",
        _by_source(lambda facts, row: facts.seconds_since(row["failing_since"])),
        _SOURCE,
    ),
    Metric(
        "earshot_source_polled_age_seconds",
        "Since the source was asked.",
        _by_source(lambda facts, row: None if row["polled_at"] is None else facts.seconds_since(row["polled_at"])),
        _SOURCE,
    ),
    Metric(
        "earshot_source_can_send",
        "1 if replies can leave as the source's account.",
        _by_source(lambda _, row: not sources.mute(row)),
        _SOURCE,
    ),
    Metric("earshot_source_gaps", "Gaps found in the last day.", _gaps, _SOURCE),
    Metric("earshot_source_cost_dollars", "What reading and writing was billed.", _costs, _SOURCE, counter=True),
    Metric("earshot_rate_budget_left", "Requests left until the reset.", _budgets("remaining"), ("bucket",)),
    Metric("earshot_rate_budget_full", "Requests of a full allowance, as far as known.", _budgets("most"), ("bucket",)),
    Metric("earshot_gate_decisions", "Logged decisions of the gate.", _decisions, ("outcome",), counter=True),
    Metric("earshot_gate_answers", "Answers of single rules.", _gate, ("rule", "outcome"), counter=True),
    Metric("earshot_replies_sent", "Replies that left.", _sent, counter=True),
    Metric("earshot_dispatches", "Replies in the outbox.", _dispatches, ("state",)),
    Metric(
        "earshot_outbox_late_seconds",
        "How long the oldest reply should have left.",
        lambda facts: _one(facts.seconds_since(measures.queued_since(facts.reader, facts.now))),
    ),
    Metric("earshot_deletions_open", "Deletions that are not closed.", lambda facts: _one(facts.deletions[0])),
    Metric("earshot_deletions_overdue", "Deletions beyond their hours.", lambda facts: _one(facts.deletions[1])),
    Metric(
        "earshot_erasures_open",
        "Erasures that people asked for and that are not closed.",
        lambda facts: _one(len(people.open_erasures(facts.reader))),
    ),
    Metric("earshot_escalations_open", "Open escalations.", _escalations("n"), ("kind",)),
    Metric("earshot_escalations_unacknowledged", "Open ones that nobody took.", _escalations("waiting"), ("kind",)),
    Metric(
        "earshot_escalation_unacknowledged_seconds",
        "How long the oldest of them waits.",
        _unacknowledged_age,
        ("kind",),
    ),
    Metric(
        "earshot_pages_failing",
        "Pages that could not be delivered yet.",
        lambda facts: _one(measures.failing_pages(facts.reader)),
    ),
    Metric("earshot_nobody_on_call", "1 if nobody is on call, or paged, at this moment.", _on_call, ("kind",)),
    Metric("earshot_disk_free_bytes", "Bytes left on the disk of the data folder.", _disk("free")),
    Metric("earshot_data_bytes", "Bytes of all files in the data folder.", _disk("used")),
    Metric("earshot_disk_days_left", "Days until the disk is full, as the data folder grew in a week.", _days_left),
)
"""Every metric that there is."""


class _Count(Collector):
    """Reads all metrics, of one moment."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Family]:
        """All families, in order."""
        for metric in METRICS:
            kind = CounterMetricFamily if metric.counter else GaugeMetricFamily
            family = kind(metric.name, metric.told, labels=metric.labels)
            for labels, value in metric.read(self._facts):
                family.add_metric(labels, value)
            yield family


def exposition(reader: Reader, now: int) -> bytes:
    """All metrics at ``now`` (UTC milliseconds) in Prometheus' text format.

    Raises:
        StoreError: the database cannot be read.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Count(Facts(reader, now)))
    with reader.standstill():
        return generate_latest(registry)
