"""person: what is held of one person, for them to have, and to have erased."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.common import F, person, user_option, wired
from bot.cli.screen import as_json, columns, json_option, plain
from bot.errors import EarshotError
from bot.model import EntryKind, Platform
from bot.protect import access, erasure
from bot.review import opt_in as agreements
from bot.store import people
from bot.store.db import Store
from bot.wiring import Wiring

_WAITS = "It waits: {why}. The worker goes on by itself."


@click.group("person")
def person_() -> None:
    """What is held of one person: show, export, erase.

    HANDLE is the account's name on its platform, with or without @, or its id there. Whoever controls the account may
    ask; ask for no other proof. Only a senior may do it, and each look is an entry in the ledger.
    """


def _platform_option(function: F) -> F:
    names = click.Choice([platform.value for platform in Platform])
    return click.option("--platform", required=True, type=names, help="Where the account is.")(function)


def _account(wiring: Wiring, platform: str, handle: str, user_name: str, kind: EntryKind | None) -> str | None:
    """The account's id, with the entry that says who looked; None if nothing is held."""
    store = wiring.stores()
    user = person(store, user_name)
    erasure.need_senior(user)
    account = erasure.somebody(store, wiring.house(store).brand, platform, handle)
    if account is not None and kind is not None:
        with store.write() as tx:
            access.note(tx, wiring.keys, kind, platform, account, user=user, now=wiring.clock.now())
    return account


@person_.command()
@click.argument("handle")
@_platform_option
@user_option
@json_option
def show(handle: str, platform: str, user_name: str, *, json_: bool) -> None:
    """Say how much is held of a person, without their words."""
    wiring = wired()
    account = _account(wiring, platform, handle, user_name, EntryKind.ACCESS)
    if account is None:
        _nothing(handle, platform)
        return
    told = access.summary(wiring.stores(), wiring.keys, platform, account, wiring.clock.now())
    if json_:
        as_json(told)
    else:
        columns([(name.replace("_", " "), plain(str(value))) for name, value in told.items()], indent=0)


@person_.command()
@click.argument("handle")
@_platform_option
@user_option
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it; must not exist yet.")
def export(handle: str, platform: str, user_name: str, file: Path | None) -> None:
    """Write everything that is held of a person as JSON, ready to be sent to them (Art. 15 GDPR)."""
    wiring = wired()
    account = _account(wiring, platform, handle, user_name, EntryKind.EXPORT)
    if account is None:
        _nothing(handle, platform)
        return
    told = access.export(wiring.stores(), wiring.keys, platform, account, wiring.clock.now())
    if file is None:
        as_json(told)
    else:
        _write(file, json.dumps(told, ensure_ascii=False, indent=2))


def _write(file: Path, text: str) -> None:
    """Write a file that its owner alone can read."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise EarshotError(f"{file} cannot be written: {error.strerror}. Name another place.") from error
    click.echo(f"Written to {file}. Send it to the person, then delete it.")


@person_.command()
@click.argument("handle")
@_platform_option
@user_option
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
def erase(handle: str, platform: str, user_name: str, *, yes: bool) -> int:
    """Erase everything that is held of a person (Art. 17 GDPR).

    Posts, what was read in them, conversations, drafts, our own record of replies to them, and what the ledger could
    open. An opt-out stays as a keyed digest. Replies that stand in public stay there: take them back first, if the
    person wants that. Exit 0: done. Exit 1: it waits, or nobody confirmed.
    """
    wiring = wired()
    store = wiring.stores()
    account = _account(wiring, platform, handle, user_name, None)
    if account is None:
        _nothing(handle, platform)
        return 0
    told = access.summary(store, wiring.keys, platform, account, wiring.clock.now())
    if told["replies_in_public"]:
        click.echo(f"{told['replies_in_public']} of our replies to this person stay in public; afterwards nobody can")
        click.echo("take them back from here. Take them back first if the person wants that: earshot retract REPLY")
    if not yes and not click.confirm(f"Erase {told['posts']} posts and {len(told['cases'])} conversations for good?"):
        return 1
    with store.write() as tx:
        job = erasure.ask(tx, wiring.keys, platform, account, user=person(tx, user_name), now=wiring.clock.now())
    erasure.work(store, wiring.keys, wiring.clock)
    return _told(store, job, told)


@person_.command("opt-in")
@click.argument("handle")
@_platform_option
@user_option
@click.option("--given", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the person agreed.")
@click.option("--evidence", metavar="TEXT", help="Where the agreement can be found.")
@click.option("--withdraw", is_flag=True, help="The person takes the agreement back.")
def opt_in(
    handle: str, platform: str, user_name: str, *, given: datetime | None, evidence: str | None, withdraw: bool
) -> None:
    """Record that a person agreed to be matched with what is known of them from elsewhere, or end that.

    Without such a record the gate denies every reply to a conversation in which a customer number, an e-mail address
    or a phone number of theirs is noted (C-25). It counts for a year at most, and ends with an opt-out.
    """
    if not withdraw and (given is None or not evidence):
        raise click.UsageError("Name the day with --given and the place of the agreement with --evidence.")
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    account = _account(wiring, platform, handle, user_name, None)
    if account is None:
        _nothing(handle, platform)
        return
    with store.write() as tx:
        house, user = wiring.house(tx), person(tx, user_name)
        if withdraw or given is None or not evidence:
            agreements.withdraw(tx, house, platform, account, user=user, now=now)
        else:
            day = int(given.replace(tzinfo=UTC).timestamp() * 1000)
            agreements.record(tx, house, platform, account, evidence=evidence, given_at=day, user=user, now=now)
    click.echo("The agreement counts no longer." if withdraw else "Recorded. It ends at once when the person opts out.")


def _told(store: Store, job: int, before: access.Told) -> int:
    row = people.erasure(store, job)
    if row is None:
        raise EarshotError("The request is gone. Ask again.")
    if row["closed_at"] is not None:
        click.echo("Erased. Nothing of it is left in the database; the ledger keeps its entries without their content.")
        return 0
    if row["erased_at"] is not None:
        why = "another program keeps the database busy"
    elif before["held"]:
        why = f"a legal hold keeps case {', '.join(map(str, before['held']))}; the rest is erased"
    else:
        why = "a reply to this person is on its way or uncertain"
    click.echo(_WAITS.format(why=why))
    return 1


def _nothing(handle: str, platform: str) -> None:
    click.echo(f"Nothing is held of {plain(handle)} on {platform}. If the handle changed, ask with the account's id.")
