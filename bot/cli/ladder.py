"""ladder: authors whom we do not write to any more, and the reviews that are due, for a terminal."""

from datetime import UTC, datetime

import click

from bot.cli.common import person, user_option, wired
from bot.cli.screen import as_json, columns, counted, json_option, plain
from bot.errors import NotAllowed
from bot.model import Role
from bot.store import incidents
from bot.store import ladder as rows
from bot.store.db import Row


@click.command()
@user_option
@json_option
def ladder(user_name: str, *, json_: bool) -> None:
    """List authors after their third warning, and the reviews that are due.

    Appeals too; only a senior may. The desk's page "Closed conversations" shows the same and takes the votes.
    """
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    if person(store, user_name)["role"] != Role.SENIOR:
        raise NotAllowed("Only a senior looks at closed conversations.")
    found, storm = rows.under_review(store, now), incidents.storm(store, now)
    if json_:
        as_json({"storm": storm, "under_review": [_row(row) for row in found]})
        return
    click.echo(f"{counted(len(found), 'author')} closed or under review. Storm: {'on' if storm else 'off'}.")
    columns([_line(row, now) for row in found])


def _row(row: Row) -> dict[str, object]:
    return {
        "case": row["case_id"],
        "platform": row["platform"],
        "closed_at": _when(row["closed_at"]),
        "review": row["cause"],
        "due_at": _when(row["due_at"]),
        "last_outcome": row["outcome"],
    }


def _line(row: Row, now: int) -> tuple[str, ...]:
    case = f"case {row['case_id']}" if row["case_id"] else "words erased"
    late = " (overdue)" if row["due_at"] and row["due_at"] < now else ""
    due = f"review due {_when(row['due_at'])} UTC{late}" if row["due_at"] else f"reviewed: {row['outcome'] or '-'}"
    who = f"@{plain(row['author_handle'])}" if row["author_handle"] else "-"
    return (case, row["platform"], who, due)


def _when(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
