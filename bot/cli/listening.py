"""ingest, replay, status: reading sources by hand, and how everything is doing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from bot import __version__, assess, credentials, keys
from bot import ingest as ingest_stage
from bot.cli.common import wired
from bot.cli.screen import as_json, columns, counted, json_option
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.connectors.replay import Source as ReplaySource
from bot.errors import EarshotError
from bot.model.retention import ALARM_MS, SUPPRESSION_REVIEW_MS
from bot.ports import Connector
from bot.store import holds, incidents, mentions, opt_outs, people, queue, sources, upkeep
from bot.store import house as house_rows
from bot.store.db import Reader, Row
from bot.store.house import SILENT_MS
from bot.wiring import Wiring

_CHUNK = 1 << 20


@click.command()
@click.argument("source", required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Read again from this date on, UTC.")
@json_option
def ingest(source: str | None, since: datetime | None, *, json_: bool) -> None:
    """Poll every source once and assess what came.

    Or only SOURCE. Not needed while a worker runs. With --since everything from that date on is read again, as far
    back as the platform serves it; posts that are known already stay what they are.
    """
    wiring = wired()
    config = load(wiring.settings.config_dir)
    chosen = [known for known in config.platforms.sources if source in {None, known.name}]
    if not chosen:
        named = f"source called {source}" if source else "source"
        raise EarshotError(f"There is no {named} in platforms.yaml.")
    wiring.apply(config)
    came = {}
    for known in chosen:
        connector = wiring.connector(known, config.watches)
        if since is not None:
            cursor = connector.since(int(since.replace(tzinfo=UTC).timestamp() * 1000))
            with wiring.stores().write() as tx:
                sources.rewind(tx, known.name, cursor)
        came[known.name] = _read(wiring, config, connector, rounds=1 if since is None else None)
    _print_counts(wiring, came, json_=json_)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path), help="Configuration folder; default EARSHOT_CONFIG_DIR.")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=KEY", help="Which key of the file is which field.")
@json_option
def replay(file: Path, folder: Path | None, pairs: tuple[str, ...], *, json_: bool) -> None:
    """Take every public post of a JSONL file into the queue at full pace.

    Also what no watch names. The posts go through all stages: ingest, match, analyse, triage. Lines that are no
    post are counted. A second replay of the same file goes on where the first one ended.
    """
    wiring = wired(config_dir=folder)
    config = load(wiring.settings.config_dir)
    base = next((known for known in config.platforms.sources if isinstance(known, ReplaySource)), None)
    if base is None:
        raise EarshotError("platforms.yaml needs a replay source whose account the file is played to.")
    changed: dict[str, object] = {
        "name": f"replay:{file.name}",
        "file": str(file.resolve()),
        "posts_per_minute": 0,
        "map": _mapping(pairs) or base.map,
    }
    played = base.model_copy(update=changed)
    _own_database(wiring, config)
    wiring.apply(config)
    with wiring.stores().write() as tx:
        sources.register(tx, played.name, played.kind, played.account)
    lines = _lines(file)
    with click.progressbar(length=lines, label=f"{file.name}: {counted(lines, 'line')}") as bar:
        came = _read(wiring, config, wiring.connector(played), everything=True, progress=bar.update)
    _print_counts(wiring, {played.name: came}, json_=json_)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    names = {}
    for pair in pairs:
        field, sign, key = pair.partition("=")
        if not sign or not field or not key:
            raise click.UsageError(f"'{pair}' is not FIELD=KEY.")
        names[field] = key
    return names


def _own_database(wiring: Wiring, config: ConfigSet) -> None:
    """Give an empty place its keys; refuse to mix two brands in one database."""
    if not wiring.database.exists():
        keys.make(wiring.settings.keys_dir)
    elif house_rows.config(wiring.stores()) is not None and wiring.house().brand.name != config.brand.name:
        raise EarshotError(
            f"The database in {wiring.settings.data_dir} belongs to another brand. "
            "Set EARSHOT_DATA_DIR to a folder of its own."
        )


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b""))


def _read(
    wiring: Wiring,
    config: ConfigSet,
    connector: Connector,
    *,
    rounds: int | None = None,
    everything: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Mapping[str, int]:
    """Poll until the source has no more, or ``rounds`` times; returns how many posts came, by what became of them.

    ``everything``: also what no watch names.
    """
    store, config_id, matcher = wiring.stores(), wiring.apply(config), wiring.matcher(config)
    door, assessor = wiring.door(config, matcher), wiring.assessor(config, config_id, matcher)
    if everything:
        door = replace(door, keep=lambda _mention: True)
    before = _tally(store, connector.name)
    seen, more = 0, True
    while more:
        more = ingest_stage.poll(store, connector, door, wiring.clock)
        while assess.run(store, assessor, wiring.clock):
            pass
        came = sum(_tally(store, connector.name).values()) - sum(before.values())
        progress(came - seen)
        seen = came
        if rounds is not None:
            rounds -= 1
            more = more and rounds > 0
    row = sources.by_name(store, connector.name)
    if row is not None and row["cause"]:
        raise EarshotError(f"{connector.name}: {row['cause']}")
    after = _tally(store, connector.name)
    return {reason: n - before.get(reason, 0) for reason, n in after.items() if n > before.get(reason, 0)}


def _tally(reader: Reader, source: str) -> dict[str, int]:
    return {row["reason"]: int(row["n"]) for row in sources.counts(reader) if row["source"] == source}


def _print_counts(wiring: Wiring, came: Mapping[str, Mapping[str, int]], *, json_: bool) -> None:
    lanes = {lane.value: n for lane, n in queue.lane_counts(wiring.stores()).items()}
    if json_:
        as_json({"came": came, "open_cases": lanes})
        return
    click.echo("Came")
    columns([(source, reason, f"{n:>7,}") for source, counts in came.items() for reason, n in counts.items()])
    if not any(came.values()):
        click.echo("  nothing new")
    click.echo("Open cases")
    columns([(lane, f"{n:>7,}") for lane, n in lanes.items()] or [("none",)])


@click.command()
@json_option
def status(*, json_: bool) -> None:
    """Say how worker, ledger, sources and lanes are doing."""
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    health, stop = house_rows.health(store), house_rows.stop(store)
    alive = health is not None and now - health["heartbeat_at"] < SILENT_MS
    shown: dict[str, object] = {
        "worker": "running" if alive else "not running",
        "versions": _versions(store, now),
        "stopped": None if stop is None else stop["reason"],
        "ledger": _ledger_word(health),
        "config_problems": (health["config_problems"].splitlines() if health else []),
        "waiting_to_assess": mentions.waiting(store),
        "incidents": _incidents(store, now),
        "lanes": {lane.value: n for lane, n in queue.lane_counts(store).items()},
        "sources": _sources(store, now),
        "credentials": [ending.sentence(now) for ending in credentials.soon(store, wiring.clock)],
        "privacy": _privacy(store, now),
    }
    if json_:
        as_json(shown)
    else:
        columns([(name.replace("_", " "), line) for name, value in shown.items() for line in _told(value)], indent=0)


def _versions(reader: Reader, now: int) -> list[str]:
    """An alarm if parts of different versions run over this database."""
    parts = {"this command": __version__}
    for name in ("worker", "desk"):
        row = house_rows.health(reader, name)
        if row is not None and now - row["heartbeat_at"] < SILENT_MS:
            parts[name] = row["version"]
    told = ", ".join(f"{name} {version}" for name, version in parts.items())
    return [__version__] if len(set(parts.values())) == 1 else [f"ALARM: {told}. Restart the older ones."]


def _incidents(reader: Reader, now: int) -> list[str]:
    """Each incident that counts now, with how many cases concern it and how many of them stand in its row."""
    found = [(row, *incidents.counts(reader, row["id"])) for row in incidents.standing(reader, now)]
    return [f"{row['kind']} {row['id']}: {counted(every, 'case')}, {folded} in one row" for row, every, folded in found]


def _sources(reader: Reader, now: int) -> dict[str, str]:
    """How each source is doing, in a word or a sentence."""
    quiet = {row["name"] for row in sources.quiet(reader, now)}
    gaps = {row["source"] for row in sources.gaps(reader, now - sources.DAY_MS)}
    words = dict.fromkeys(quiet, "quiet for longer than usual") | dict.fromkeys(gaps, "has a gap, see the desk")
    words |= {row["name"]: f"cannot send: {sources.mute(row)}" for row in sources.every(reader) if sources.mute(row)}
    return {row["name"]: row["cause"] or words.get(row["name"], "ok") for row in sources.every(reader)}


def _privacy(reader: Reader, now: int) -> list[str]:
    """What asks for a person: platforms that tell us nothing, sealed posts, holds, opt-outs and erasures that wait."""
    silent = upkeep.without_platform(reader, now - ALARM_MS)
    due, sealed = holds.overdue(reader, now), upkeep.sealed(reader)
    old, waiting = opt_outs.to_review(reader, now - SUPPRESSION_REVIEW_MS), len(people.open_erasures(reader))
    return [
        *(f"ALARM: {row['name']} has told us nothing for more than an hour" for row in silent),
        *(f"ALARM: the legal hold on case {row['case_id']} is overdue for review" for row in due),
        *([f"{counted(sealed, 'post')} sealed until the platform answers"] if sealed else []),
        *([f"{counted(waiting, 'erasure')} not closed yet"] if waiting else []),
        *([f"{counted(old, 'opt-out')} older than three years: look whether they still stand"] if old else []),
    ]


def _told(value: object) -> list[str]:
    if isinstance(value, dict):
        return [", ".join(f"{key} {told}" for key, told in value.items()) or "-"]
    if isinstance(value, list):
        return value or ["-"]
    return ["-" if value is None else str(value)]


def _ledger_word(health: Row | None) -> str:
    if health is None or health["ledger_ok"] is None:
        return "not verified yet"
    return f"verified up to entry {health['verified_seq']}" if health["ledger_ok"] else "TAMPERED"
