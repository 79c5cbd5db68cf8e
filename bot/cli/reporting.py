"""report: sums for those who protect staff, as a file."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.cli.common import wired
from bot.cli.screen import columns
from bot.errors import EarshotError
from bot.protect import weekly as sums
from bot.store.weekly import QUERIES


@click.group("report")
def report() -> None:
    """Sums for the safety board and the works council, never by person."""


@report.command()
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, sums.MOST_WEEKS), help="How many weeks.")
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Write the sums to this file.")
def protection(weeks: int, file: Path | None) -> None:
    """Abuse, threats, warnings, reports and outcomes by week, the running week first.

    Where fewer than five people wrote what is counted, "<5" stands. Writing a file is an entry in the ledger.
    """
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    told = sums.weeks(store, ZoneInfo(wiring.house(store).brand.timezone), now, weeks)
    if file is None:
        columns([["sum", *(week.name for week in told)], *_lines(told)])
        return
    try:
        file.write_text(sums.as_csv(told, ["week", *QUERIES]), "utf-8", newline="")
    except OSError as error:
        raise EarshotError(f"{file} cannot be written: {error.strerror}") from None
    with store.write() as tx:
        seq = sums.note(tx, "operator", weeks, now)
    click.echo(f"{len(told)} weeks written to {file}. Ledger entry {seq}.")


def _lines(told: list[sums.Week]) -> list[list[str]]:
    return [[what, *(sums.shown(week.sums.get(what, 0)) for week in told)] for what in QUERIES]
