"""keys: the house's own keys are exchanged, each in the way that what rests on it allows."""

from collections.abc import Callable

import click

from bot import keys as key_files
from bot.cli.common import wired
from bot.errors import EarshotError
from bot.ledger.rotation import rotate as rotate_signing
from bot.ledger.rotation import rotate_pseudonym
from bot.settings import read_settings
from bot.store import users
from bot.wiring import DATABASE, Wiring

NEVER = (
    "The suppression key is never rotated: who asked us not to write to them is known by it alone, and a new key would "
    "forget them all. If somebody may have seen it, keep it all the same; it opens nothing without the database."
)


@click.group()
def keys() -> None:
    """The house's own keys: exchange one for a fresh one."""


@keys.command()
@click.argument("name", type=click.Choice(["session", "pseudonym", "signing", "suppression"]))
def rotate(name: str) -> None:
    """Exchange the key NAME while everything goes on running.

    session: everybody signs in anew. pseudonym: staff get other names in the ledger from now on (W-03). signing: the
    old key signs the new one. suppression: is never rotated, and this says why. Once a year, or when one may have been
    seen.
    """
    if name == "suppression":
        raise EarshotError(NEVER)
    settings = read_settings()
    if not (settings.data_dir / DATABASE).is_file():
        raise EarshotError(f"There is no database at {settings.data_dir / DATABASE}. See EARSHOT_DATA_DIR.")
    steps: dict[str, Callable[[Wiring], str]] = {"session": _session, "pseudonym": _pseudonym, "signing": _signing}
    wiring = wired()
    try:
        click.echo(steps[name](wiring))
    finally:
        wiring.stores.close()


def _session(wiring: Wiring) -> str:
    with wiring.stores().write() as tx:
        ended = users.end_every_session(tx)
    return f"Every session ended ({ended}). Everybody signs in anew."


def _pseudonym(wiring: Wiring) -> str:
    rotate_pseudonym(wiring.stores(), wiring.settings.keys_dir, wiring.clock.now())
    days = key_files.FORMER_MS // 86_400_000
    return (
        "Staff have other pseudonyms in the ledger from now on. The key from before is kept beside the new one for "
        f"{days} days, for backups and legal claims; then the next rotation destroys it. {_copy(wiring)}"
    )


def _signing(wiring: Wiring) -> str:
    settings = wiring.settings
    folder, checkpoints = settings.keys_dir, settings.checkpoints_dir
    public = rotate_signing(wiring.stores(), wiring.keys, folder, checkpoints, wiring.clock.now())
    return f"The key in force is {public.hex()}. {_copy(wiring)}"


def _copy(wiring: Wiring) -> str:
    return f"Keep a copy of {wiring.settings.keys_dir}/ apart from the data."
