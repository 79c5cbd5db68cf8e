"""ledger: verify it, and read it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.screen import as_json, columns, counted, json_option
from bot.errors import EarshotError
from bot.keys import load_public
from bot.ledger.anchors import compare, judged
from bot.settings import read_settings
from bot.store import house, log
from bot.store.db import Store

_TOLD = ("outcome", "phase", "result", "step", "cause")
"""What a line of ``show`` tells of an entry, beside its number, time and type."""


@click.group()
def ledger() -> None:
    """The tamper-evident record of every decision."""


@ledger.command()
@click.option("--database", type=click.Path(path_type=Path), help="Database file; default: the one of the settings.")
@json_option
def verify(database: Path | None, *, json_: bool) -> int:
    """Check the chain and every checkpoint.

    Checkpoints count from their folder and from the database. Exit 0: all is well. 1: tampered with. 2: entries are
    missing that a checkpoint knows, or checkpoints are missing from their folder. 3: wrong usage.
    """
    settings = read_settings()
    store = Store(_existing(database or settings.data_dir / "earshot.db"))
    try:
        compared = compare(store, settings.checkpoints_dir, load_public(settings.keys_dir))
        health = house.health(store) if compared.lacking else None
    finally:
        store.close()
    report = judged(compared, told=health is not None and health["anchor_failing_since"] is not None)
    verdict, count = report.verdict.name.lower(), compared.checkpoints
    if json_:
        as_json({"verdict": verdict, "entry": report.seq, "sentence": report.sentence, "checkpoints": count})
    else:
        click.echo(f"{verdict}: {report.sentence} {counted(count, 'checkpoint')} compared.")
    return int(report.verdict)


@ledger.command()
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many entries.")
@json_option
def show(last: int, *, json_: bool) -> None:
    """Print the newest entries, newest first."""
    store = Store(_existing(read_settings().data_dir / "earshot.db"))
    shown: list[dict[str, object]] = [
        {"seq": row["seq"], **json.loads(row["body"])} for row in log.page(store, None, last)
    ]
    store.close()
    if json_:
        as_json(shown)
        return
    columns([_line(entry) for entry in shown], indent=0)


def _line(entry: dict[str, object]) -> tuple[str, ...]:
    at = datetime.fromtimestamp(int(str(entry["at"])) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    told = "  ".join(f"{name} {entry[name]}" for name in _TOLD if entry.get(name))
    return f"{entry['seq']:>6}", at, str(entry["type"]), told


def _existing(place: Path) -> Path:
    if not place.is_file():
        raise EarshotError(f"There is no database at {place}. See EARSHOT_DATA_DIR, or run: earshot init")
    return place
