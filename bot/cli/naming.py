"""pseudonym: who stands behind a pseudonym of the ledger, told to two people together."""

from datetime import UTC, datetime

import click

from bot.cli.common import person, user_option, wired
from bot.cli.screen import as_json, columns, counted, json_option, plain
from bot.config.load import load
from bot.protect import naming as acts
from bot.store import naming as rows
from bot.store.db import Row


@click.group()
def pseudonym() -> None:
    """Names behind pseudonyms of the ledger: two people together open one.

    Only after a security incident or for a legal claim, and only the people whom protection.yaml names under
    pseudonym_openers. One asks, another opens; each act is an entry in the ledger. The name is printed once and kept
    nowhere.
    """


@pseudonym.command()
@click.argument("pseudonym_")
@click.option("--for", "occasion", type=click.Choice(acts.OCCASIONS), required=True, help="The occasion.")
@click.option("--reason", required=True, metavar="TEXT", help="Which incident or claim, with its number.")
@user_option
def ask(pseudonym_: str, occasion: acts.Occasion, reason: str, user_name: str) -> None:
    """Ask to open PSEUDONYM; a second person must open it within three days."""
    wiring = wired()
    config = load(wiring.settings.config_dir)
    with wiring.stores().write() as tx:
        number = acts.ask(
            tx,
            config,
            wiring.keys,
            pseudonym_.strip().lower(),
            occasion=occasion,
            reason=reason,
            user=person(tx, user_name),
            now=wiring.clock.now(),
        )
    click.echo(f"Opening {number} is asked for. A second person: earshot pseudonym open {number} --user NAME")


@pseudonym.command("open")
@click.argument("number", type=int)
@user_option
def open_(number: int, user_name: str) -> int:
    """Open what somebody else asked for, and print whose pseudonym it is; exit 1 if no key that is kept tells."""
    wiring = wired()
    config = load(wiring.settings.config_dir)
    with wiring.stores().write() as tx:
        found = acts.open_(tx, config, wiring.keys, number, user=person(tx, user_name), now=wiring.clock.now())
    if found is None:
        click.echo("No key that is kept tells whose pseudonym it is; they are kept for twelve months after a rotation.")
        return 1
    click.echo(f"{plain(found['name'])} (^{found['initials']}, {found['role']}{'' if found['active'] else ', left'})")
    return 0


@pseudonym.command("list")
@user_option
@json_option
def list_(user_name: str, *, json_: bool) -> None:
    """List what was asked for and opened in the last 365 days, without any name behind a pseudonym."""
    wiring = wired()
    config, store = load(wiring.settings.config_dir), wiring.stores()
    acts.need_opener(config, person(store, user_name))
    found = [_told(row) for row in rows.listed(store)]
    if json_:
        as_json(found)
        return
    click.echo(f"{counted(len(found), 'opening')}.")
    columns([tuple(str(told) for told in row.values()) for row in found])


def _told(row: Row) -> dict[str, object]:
    opened = f"opened by ^{row['opened']} {_when(row['opened_at'])}" if row["opened"] else "not opened"
    asked = f"asked by ^{row['asked']} {_when(row['at'])}"
    return {
        "opening": row["id"],
        "pseudonym": row["pseudonym"],
        "occasion": row["occasion"],
        "asked": asked,
        "opened": opened,
        "reason": plain(row["reason"]),
    }


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
