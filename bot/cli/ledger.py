"""ledger: verify it, read it, export it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.common import wired
from bot.cli.screen import as_json, columns, counted, json_option
from bot.errors import EarshotError
from bot.keys import published
from bot.ledger.anchors import compare, judged
from bot.ledger.export import Wanted, export
from bot.ledger.full import compare_in_full
from bot.settings import read_settings
from bot.store import house, log
from bot.store.db import Store
from bot.wiring import Wiring

_TOLD = ("outcome", "phase", "result", "step", "cause")
"""What a line of ``show`` tells of an entry, beside its number, time and type."""


@click.group()
def ledger() -> None:
    """The tamper-evident record of every decision."""


@ledger.command()
@click.option("--database", type=click.Path(path_type=Path), help="Database file; default: the one of the settings.")
@click.option("--full", is_flag=True, help="Also check what each entry says and what the vault opens.")
@json_option
def verify(database: Path | None, *, full: bool, json_: bool) -> int:
    """Check the chain and every checkpoint.

    Checkpoints count from their folder and from the database. Exit 0: all is well. 1: tampered with. 2: entries are
    missing that a checkpoint knows, or checkpoints are missing from their folder. 3: wrong usage. 4: all is genuine,
    but the entries tell of a remote deletion that was not closed in time.
    """
    settings = read_settings()
    store = Store(_existing(database or settings.data_dir / "earshot.db"))
    keys = published(settings.keys_dir)
    if not keys:
        raise EarshotError(f"{settings.keys_dir} holds no public key. Put signing.pub back, or run: earshot init")
    try:
        compared = (compare_in_full if full else compare)(store, settings.checkpoints_dir, keys)
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


@ledger.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "first", default=1, show_default=True, type=click.IntRange(1), help="First entry.")
@click.option("--to", "last", type=click.IntRange(1), help="Last entry; default: the newest.")
@click.option("--with-personal-data", "personal", is_flag=True, help="With what the vault opens. The ledger says so.")
def export_(file: Path, first: int, last: int | None, *, personal: bool) -> None:
    """Write entries with their proofs to a zip for an authority.

    It can be checked without Earshot: a verifier of its own is in it. Each export is itself an entry.
    """
    wiring = _wired()
    now, store = wiring.clock.now(), wiring.stores()
    wanted = Wanted(file, first, last, personal)
    seq = export(store, wiring.keys, wiring.settings.checkpoints_dir, wanted, now=now)
    click.echo(f"Wrote {file}; entry {seq} tells of it. To check it, unpack it and run: python verify.py .")


def _wired() -> Wiring:
    _existing(read_settings().data_dir / "earshot.db")
    return wired()


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
