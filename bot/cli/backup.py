"""backup, restore: one file with the database as of one moment, and the way back to it."""

from pathlib import Path

import click

from bot import keys
from bot.cli.common import wired
from bot.cli.screen import counted
from bot.errors import EarshotError
from bot.protect.backup import back_up, opened
from bot.protect.evidence.carry import Brought
from bot.protect.restore import Restored, Site
from bot.protect.restore import restore as put_back
from bot.settings import Settings, read_settings, secret
from bot.wiring import DATABASE, Wiring

PASSPHRASE = "EARSHOT_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a secret
LEAST_CHARACTERS = 16


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--with-keys", is_flag=True, help=f"The keys, too, under a passphrase: the secret {PASSPHRASE}, or asked."
)
def backup(file: Path, *, with_keys: bool) -> None:
    """Write everything to FILE while Earshot runs.

    FILE is made new and readable by its owner only. Keep it on another machine, and no longer than 30 days: erased
    posts live on in it. To restore it takes the keys, and the files *.journal beside the checkpoints.
    """
    settings = read_settings()
    if not (settings.data_dir / DATABASE).is_file():
        raise EarshotError(f"There is no database at {settings.data_dir / DATABASE}. See EARSHOT_DATA_DIR.")
    passphrase = _passphrase(new=True) if with_keys else None
    wiring = wired()
    try:
        made = back_up(wiring.stores(), wiring.keys, file, now=wiring.clock.now(), passphrase=passphrase)
    finally:
        wiring.stores.close()
    told = f"{counted(made.size, 'ledger entry', 'ledger entries')}, {counted(len(made.evidence), 'evidence bundle')}"
    click.echo(f"Wrote {file}: {told}, {_kept(with_keys=with_keys)}.")
    if made.evidence_missing:
        click.echo(
            f"{counted(made.evidence_missing, 'evidence bundle')} missing in the folder. See: earshot evidence list"
        )


def _kept(*, with_keys: bool) -> str:
    return "with the keys under your passphrase" if with_keys else "without the keys"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--without-journal", is_flag=True, help="The journal is lost: no older post is answered any more.")
@click.option("--yes", is_flag=True, help="Do not ask before restoring.")
def restore(file: Path, *, without_journal: bool, yes: bool) -> None:
    """Put the backup in FILE into force; nothing may run meanwhile.

    Sending is stopped until two people lift it. What waited to leave needs a new approval, what may have left since is
    uncertain, and posts are shown again once their platform confirmed them. Opt-outs, erasures and deletions since the
    backup count again. The database from before is kept under another name.
    """
    settings = read_settings()
    _bring_keys(settings, file)
    wiring = wired()
    if not yes and not click.confirm(f"Everything since the backup {file} is lost. Go on?"):
        raise click.Abort
    _told(put_back(_site(wiring), file, without_journal=without_journal), without_journal=without_journal)


def _site(wiring: Wiring) -> Site:
    settings = wiring.settings
    elsewhere = (settings.checkpoints_git,) if settings.checkpoints_git is not None else ()
    return Site(wiring.database, wiring.keys, wiring.journal, wiring.clock, settings.checkpoints_dir, elsewhere)


def _bring_keys(settings: Settings, file: Path) -> None:
    """Without keys of our own those of the backup are taken, if it has them."""
    if keys.complete(settings.keys_dir):
        return
    with opened(file) as (box, made):
        if not made.with_keys:
            raise EarshotError(
                f"There are no keys in {settings.keys_dir}, and none in this backup. Put your copy there."
            )
        keys.unsealed(box.read("keys.sealed"), _passphrase(new=False), settings.keys_dir)
    click.echo(f"Put the keys of the backup into {settings.keys_dir}/.")


def _passphrase(*, new: bool) -> str:
    given = secret(PASSPHRASE)
    phrase = (
        given.get_secret_value()
        if given
        else str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True))
    )
    if new and len(phrase) < LEAST_CHARACTERS:
        raise EarshotError(f"The passphrase needs {LEAST_CHARACTERS} characters: several words that you write down.")
    return phrase


def _told(done: Restored, *, without_journal: bool) -> None:
    counts = done.counts
    lines = {
        "replies may have left and are uncertain: look at the outbox": counts.begun,
        "conversations have a draft that needs a new approval": counts.reopened,
        "opt-outs count again": counts.opt_outs,
        "people's data is erased again": counts.erasures,
        "erasures wait for a decision about an escalated case; ask for them again": counts.erasures_waiting,
        "deleted posts are gone again": counts.deletions,
        "replies are taken back again": counts.retracts,
        "alarms ring again; decide about them anew": counts.alarms,
        "alarms concern posts that this backup does not know: look at your pages of that time": counts.alarms_lost,
        "legal holds count again; write down anew why": counts.holds,
        "legal holds concern posts that this backup does not know": counts.holds_lost,
    }
    click.echo("The backup is in force. Sending is stopped until two people lift it at the desk.")
    for told, count in lines.items():
        if count:
            click.echo(f"  {count} {told}.")
    if without_journal:
        click.echo("  Erasures, opt-outs and deletions since the backup are not known: do them again.")
    _told_of_evidence(done.evidence)
    click.echo("Roles and passwords are those of the backup. See: earshot user list")
    if done.aside is not None:
        click.echo(f"The database from before is {done.aside}. Delete it within 30 days.")


def _told_of_evidence(brought: Brought) -> None:
    lines = {
        "came back out of the backup": brought.back,
        "damaged in this backup: restore them from another one": brought.spoilt,
        "neither in the backup nor in the folder: put the files there": brought.missing,
    }
    for told, numbers in lines.items():
        if numbers:
            click.echo(f"  Evidence {', '.join(map(str, numbers))}: {told}.")
    if brought.aside:
        names = ", ".join(brought.aside)
        click.echo(f"  Evidence of after the backup is kept as {names}. Decide about each: its hold is lost.")
