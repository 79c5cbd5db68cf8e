"""ingest, replay, status: reading sources by hand, and how everything is doing."""

from pathlib import Path

import click

from bot import assess
from bot import ingest as ingest_stage
from bot.cli.common import as_json, json_option, wired
from bot.config.load import load
from bot.config.models import ConfigSet, ReplaySource
from bot.errors import EarshotError
from bot.ports import Connector
from bot.store import house as house_rows
from bot.store import mentions, queue, sources
from bot.store.db import Row
from bot.wiring import Wiring

SILENT_MS = 30_000
"""A worker whose last sign of life is older than this does not run."""


@click.command()
@click.argument("source", required=False)
def ingest(source: str | None) -> None:
    """Poll every source once, or only SOURCE, and assess what came."""
    wiring = wired()
    config = load(wiring.settings.config_dir)
    chosen = [known for known in config.platforms.sources if source in {None, known.name}]
    if not chosen:
        raise EarshotError(f"There is no source called {source}. See platforms.yaml.")
    for known in chosen:
        _read(wiring, config, wiring.connector(known), rounds=1)
    _print_counts(wiring)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path), help="Configuration folder; default EARSHOT_CONFIG_DIR.")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=KEY", help="Which key of the file is which field.")
def replay(file: Path, folder: Path | None, pairs: tuple[str, ...]) -> None:
    """Take every post of a JSONL FILE into the queue at full pace, through all stages."""
    wiring = wired(config_dir=folder)
    config = load(wiring.settings.config_dir)
    names = {}
    for pair in pairs:
        field, sign, key = pair.partition("=")
        if not sign:
            raise click.UsageError(f"'{pair}' is not FIELD=KEY.")
        names[field] = key
    base = next((known for known in config.platforms.sources if isinstance(known, ReplaySource)), None)
    if base is None:
        raise EarshotError("platforms.yaml needs a replay source whose account the file is played to.")
    changed = {
        "name": f"replay:{file.name}",
        "file": str(file.resolve()),
        "posts_per_minute": 0,
        "map": names or base.map,
    }
    played = base.model_copy(update=changed)
    config = config.model_copy(
        update={"platforms": config.platforms.model_copy(update={"sources": (*config.platforms.sources, played)})}
    )
    _read(wiring, config, wiring.connector(played))
    _print_counts(wiring)


def _read(wiring: Wiring, config: ConfigSet, connector: Connector, rounds: int | None = None) -> None:
    store = wiring.stores()
    config_id = wiring.apply(config)
    matcher = wiring.matcher(config)
    door, assessor = wiring.door(config, matcher), wiring.assessor(config, config_id, matcher)
    with click.progressbar(length=0, label=f"{connector.name}: posts", show_pos=True, show_eta=False) as bar:
        more = True
        while more:
            more = ingest_stage.poll(store, connector, door, wiring.clock)
            while done := assess.run(store, assessor, wiring.clock):
                bar.update(done)
            if rounds is not None:
                rounds -= 1
                more = more and rounds > 0
    row = sources.by_name(store, connector.name)
    if row is not None and row["cause"]:
        raise EarshotError(f"{connector.name}: {row['cause']}")


def _print_counts(wiring: Wiring) -> None:
    store = wiring.stores()
    for row in sources.counts(store):
        click.echo(f"{row['source']:<28} {row['reason']:<24} {row['n']:>8}")
    for lane, n in sorted(queue.lane_counts(store).items()):
        click.echo(f"{'lane':<28} {lane:<24} {n:>8}")


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
        "stopped": None if stop is None else stop["reason"],
        "ledger": _ledger_word(health),
        "config_problems": (health["config_problems"].splitlines() if health else []),
        "waiting_to_assess": mentions.waiting(store),
        "lanes": {lane.value: n for lane, n in queue.lane_counts(store).items()},
        "sources": {row["name"]: row["cause"] or "ok" for row in sources.every(store)},
    }
    if json_:
        as_json(shown)
        return
    for name, value in shown.items():
        text = ", ".join(f"{key} {n}" for key, n in value.items()) if isinstance(value, dict) else value
        click.echo(f"{name.replace('_', ' '):<18} {text if text not in (None, []) else '-'}")


def _ledger_word(health: Row | None) -> str:
    if health is None or health["ledger_ok"] is None:
        return "not verified yet"
    return f"verified to entry {health['verified_seq']}" if health["ledger_ok"] else "DOES NOT VERIFY"
