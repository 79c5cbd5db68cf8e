"""hold: legal holds from a terminal: list, place, approve, review, lift."""

from collections.abc import Callable
from datetime import UTC, datetime

import click

from bot.cli.common import person, user_option, wired
from bot.cli.screen import as_json, columns, counted, json_option, plain
from bot.model.retention import LONGEST_HOLD_DAYS
from bot.protect import holds as acts
from bot.protect.erasure import need_senior
from bot.store import holds as rows
from bot.store.db import Row, Tx
from bot.wiring import Wiring

_days_option = click.option(
    "--days",
    default=90,
    show_default=True,
    type=click.IntRange(1, LONGEST_HOLD_DAYS),
    help="Days until the next review.",
)


@click.group()
def hold() -> None:
    """Legal holds: which cases are kept as evidence, by whom, until when.

    One person asks, a second one, a senior, approves; each act is an entry in the ledger. The desk's page "Legal holds"
    does the same.
    """


def _act(user_name: str, act: Callable[[Tx, Wiring, Row, int], object]) -> object:
    """Run one act of a named person, in one transaction."""
    wiring = wired()
    with wiring.stores().write() as tx:
        return act(tx, wiring, person(tx, user_name), wiring.clock.now())


@hold.command("list")
@user_option
@json_option
def list_(user_name: str, *, json_: bool) -> None:
    """List the holds that have not ended, the next review first.

    Only a senior may. A hold that waits for its second person counts for three days.
    """
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    need_senior(person(store, user_name))
    found = rows.open_ones(store)
    if json_:
        as_json([_told(row, now) for row in found])
        return
    click.echo(f"{counted(len(found), 'legal hold')}.")
    columns([_line(_told(row, now)) for row in found])


def _told(row: Row, now: int) -> dict[str, object]:
    return {
        "hold": row["id"],
        "case": row["case_id"],
        "classification": row["classification"],
        "basis": row["basis"],
        "asked_by": row["asked"],
        "approved_by": row["approved"],
        "asked_at": _when(row["at"]),
        "review_at": _when(row["review_at"]),
        "overdue": row["review_at"] <= now,
    }


def _line(told: dict[str, object]) -> tuple[str, ...]:
    approved = f"approved by ^{told['approved_by']}" if told["approved_by"] else "waits for its second person"
    overdue = " (overdue)" if told["overdue"] else ""
    asked, review = f"asked by ^{told['asked_by']}", f"review {told['review_at']} UTC{overdue}"
    return f"hold {told['hold']}", f"case {told['case']}", plain(str(told["classification"])), asked, approved, review


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")


@hold.command()
@click.argument("case", type=int)
@click.option("--classification", required=True, metavar="TEXT", help="What a person found the post to be.")
@click.option("--basis", required=True, metavar="TEXT", help="The legal basis, and the permission of the platform.")
@_days_option
@user_option
def place(case: int, classification: str, basis: str, days: int, user_name: str) -> None:
    """Ask for a hold on a case; a senior who did not ask must approve it within three days."""
    number = _act(
        user_name,
        lambda tx, wiring, user, now: acts.place(
            tx, wiring.keys, case, classification=classification, basis=basis, days=days, user=user, now=now
        ),
    )
    click.echo(f"Hold {number} on case {case} is asked for. A second person: earshot hold approve {number} --user NAME")


@hold.command()
@click.argument("number", type=int, metavar="HOLD")
@user_option
def approve(number: int, user_name: str) -> None:
    """Agree to a hold as the second person."""
    _act(user_name, lambda tx, wiring, user, now: acts.approve(tx, wiring.keys, number, user=user, now=now))
    click.echo(f"Hold {number} is approved.")


@hold.command()
@click.argument("number", type=int, metavar="HOLD")
@_days_option
@user_option
def review(number: int, days: int, user_name: str) -> None:
    """Say that a hold was reviewed and goes on."""
    _act(user_name, lambda tx, wiring, user, now: acts.extend(tx, wiring.keys, number, days=days, user=user, now=now))
    click.echo(f"Hold {number} goes on; its next review is due in {counted(days, 'day')}.")


@hold.command()
@click.argument("number", type=int, metavar="HOLD")
@user_option
def lift(number: int, user_name: str) -> None:
    """End a hold: the case goes when its time comes, at once if its author asked for that."""
    _act(user_name, lambda tx, wiring, user, now: acts.end(tx, wiring.keys, number, user=user, now=now))
    click.echo(f"Hold {number} is over.")
