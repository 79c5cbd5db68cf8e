"""ledger: verify it, and read it."""

import json
from pathlib import Path

import click

from bot.cli.common import as_json, json_option
from bot.errors import EarshotError, LedgerBroken
from bot.keys import load_public
from bot.ledger.checkpoint import read_all
from bot.ledger.verify import Report, Verdict
from bot.ledger.verify import verify as verify_log
from bot.settings import read_settings
from bot.store import log
from bot.store.db import Store


@click.group()
def ledger() -> None:
    """The tamper-evident record of every decision."""


@ledger.command()
@click.option("--database", type=click.Path(path_type=Path), help="Database file; default: the one of the settings.")
@json_option
def verify(database: Path | None, *, json_: bool) -> int:
    """Check the chain and every checkpoint: exit 0 ok, 1 tampered, 2 entries missing."""
    settings = read_settings()
    place = database or settings.data_dir / "earshot.db"
    if not place.exists():
        raise EarshotError(f"{place} does not exist.")
    store = Store(place)
    try:
        report = verify_log(store, read_all(settings.checkpoints_dir, load_public(settings.keys_dir)))
    except LedgerBroken as error:
        report = Report(Verdict.TAMPERED, 0, str(error))
    finally:
        store.close()
    if json_:
        as_json({"verdict": report.verdict.name.lower(), "entry": report.seq, "sentence": report.sentence})
    else:
        click.echo(f"{report.verdict.name.lower()}: {report.sentence}")
    return int(report.verdict)


@ledger.command()
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, 1000))
@json_option
def show(last: int, *, json_: bool) -> None:
    """Print the newest entries, newest first."""
    store = Store(read_settings().data_dir / "earshot.db")
    shown: list[dict[str, object]] = [
        {"seq": row["seq"], **json.loads(row["body"])} for row in log.page(store, None, last)
    ]
    store.close()
    if json_:
        as_json(shown)
        return
    for entry in shown:
        facts = {
            name: value for name, value in entry.items() if name in {"outcome", "phase", "result", "step", "cause"}
        }
        click.echo(f"{entry['seq']:>6}  {entry['type']:<12} " + "  ".join(f"{k} {v}" for k, v in facts.items()))
