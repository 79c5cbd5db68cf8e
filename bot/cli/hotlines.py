"""hotlines: the telephone numbers that may leave in a crisis, and who confirmed them."""

from datetime import UTC, datetime

import click

from bot.cli.common import person, user_option, wired
from bot.cli.screen import as_json, columns, json_option
from bot.protect import hotlines as registry
from bot.protect.hotlines import Standing


@click.group("hotlines")
def hotlines() -> None:
    """The numbers that may leave in a crisis, and who confirmed them."""


@hotlines.command("list")
@json_option
def list_(*, json_: bool) -> None:
    """Show the hotline cards: their numbers, where to look, and whether they may leave.

    A card that nobody confirmed for 90 days is blocked, at the desk and in the gate.
    """
    wiring = wired()
    known = registry.standings(wiring.stores(), wiring.clock.now())
    if json_:
        as_json([_told(each) for each in known])
        return
    columns([_line(each) for each in known], indent=0)
    if not all(each.good for each in known):
        click.echo("\nLook at the page of a blocked card, then: earshot hotlines confirm CARD --user NAME")


@hotlines.command()
@click.argument("card")
@user_option
def confirm(card: str, user_name: str) -> None:
    """Say by name that a card's numbers stand at its source exactly so.

    A senior or a person trained for crises may. It stands in the ledger and holds for 90 days.
    """
    wiring = wired()
    with wiring.stores().write() as tx:
        seq = registry.confirm(tx, wiring.keys, card, user=person(tx, user_name), now=wiring.clock.now())
    click.echo(f"Confirmed for {registry.GOOD_DAYS} days. Ledger entry {seq}.")


def _told(each: Standing) -> dict[str, object]:
    return {
        "card": each.card.id,
        "numbers": list(each.card.numbers),
        "service": each.card.service[1],
        "countries": list(each.card.countries),
        "audience": each.card.audience,
        "source": each.card.source,
        "site": each.card.site,
        "confirmed_at": each.at,
        "by": each.by,
        "may_leave": each.good,
    }


def _line(each: Standing) -> tuple[str, ...]:
    day = "never" if each.at is None else f"{datetime.fromtimestamp(each.at // 1000, UTC):%d %b %Y}"
    confirmed = f"confirmed {day}" + (f" by {each.by}" if each.by else "")
    numbers = ", ".join(each.card.numbers)
    return each.card.id, numbers, "may leave" if each.good else "blocked", confirmed, each.card.site or each.card.source
