"""init, check, migrate: from an empty folder to a valid configuration."""

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot import keys
from bot.cli.screen import as_json, columns, counted, json_option
from bot.clock import SystemClock
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.config.papers import refusal
from bot.config.starter import LINES, write_starter
from bot.errors import ConfigError, EarshotError
from bot.model import Platform
from bot.protect.oncall import vacancies
from bot.settings import Settings, read_settings
from bot.store import log
from bot.store.db import Store
from bot.store.migrate import migrate as migrate_file
from bot.wiring import DATABASE, Wiring, need_first_house

VACANCIES_SHOWN = 12


@click.command()
@click.option("--name", help="As customers know it.")
@click.option(
    "--handle",
    "handles",
    multiple=True,
    metavar="PLATFORM=HANDLE",
    help="An own account, for example mastodon=help@social.example. Repeat for more.",
)
@click.option(
    "--namesake", "namesakes", multiple=True, metavar="PHRASE", help="Words that mean something else. Repeat for more."
)
def init(name: str | None, handles: tuple[str, ...], namesakes: tuple[str, ...]) -> None:
    """Write a valid configuration, make the keys, create the database.

    What is not given as an option is asked for. Files that exist are never overwritten: a configuration that is there
    is kept, and gets what it lacks of keys and database.
    """
    settings = read_settings()
    if (settings.config_dir / "brand.yaml").exists():
        click.echo(f"Kept the configuration in {settings.config_dir}/: it exists already.")
    else:
        _configure(settings.config_dir, name, handles, namesakes)
    _furnish(settings)
    click.echo(f"Keys are in {settings.keys_dir}/, the database is in {settings.data_dir}/.")
    click.echo("Next: earshot check, then earshot user add, then earshot run")


def _configure(folder: Path, name: str | None, handles: tuple[str, ...], namesakes: tuple[str, ...]) -> None:
    """Ask for what was not given, and write the files."""
    name = name or click.prompt("Name of the brand")
    if not handles and sys.stdin.isatty():
        handle = click.prompt("Handle of the account that answers (name@server for Mastodon)")
        handles = (f"{Platform.MASTODON if '@' in handle.strip('@ ') else Platform.REPLAY}={handle}",)
        words = click.prompt("Namesakes to leave out, separated by commas", default="", show_default=False)
        namesakes = tuple(word.strip() for word in words.split(",") if word.strip())
    write_starter(folder, name, _handles(handles), namesakes)
    click.echo(f"Wrote {folder}/.")


def _furnish(settings: Settings) -> None:
    """Make keys and database, but no new keys for a ledger that others signed."""
    database = settings.data_dir / DATABASE
    if database.exists() and not keys.complete(settings.keys_dir) and _has_entries(database):
        raise EarshotError(
            f"The keys of the database in {settings.data_dir} are not all in {settings.keys_dir}. Put them back from "
            "your backup: with new ones nobody's wish not to be written to would be known any more."
        )
    keys.make(settings.keys_dir)
    Wiring(settings).bring_up_to_date()


def _has_entries(database: Path) -> bool:
    migrate_file(database)
    store = Store(database)
    try:
        return log.head(store)[0] > 0
    finally:
        store.close()


def _handles(given: tuple[str, ...]) -> dict[Platform, str]:
    handles = {}
    for pair in given:
        platform, sign, handle = pair.partition("=")
        if not sign or platform not in set(LINES) or not handle.strip("@ "):
            known = ", ".join(LINES)
            more = "Others need more than a handle: docs/platforms.md shows their sources."
            raise click.UsageError(f"'{pair}' is not PLATFORM=HANDLE. Known platforms: {known}. {more}")
        handles[Platform(platform)] = handle.strip("@ ")
    return handles


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@json_option
def check(folder: Path | None, *, json_: bool) -> int:
    """Report every fault of the configuration at once.

    Looks at FOLDER, or at EARSHOT_CONFIG_DIR. Each fault is one line, file:line:column and a plain sentence; exit 1
    if there is one. A source that stays off for want of papers is noted and is no fault.
    """
    place = folder or read_settings().config_dir
    try:
        config = load(place)
    except ConfigError as error:
        if json_:
            as_json([{"file": p.file, "line": p.line, "column": p.column, "fault": p.sentence} for p in error.problems])
        else:
            for problem in error.problems:
                file = place if problem.file == place.name else place / problem.file
                click.echo(f"{file}:{problem.line}:{problem.column}: {problem.sentence}")
            click.echo(f"{counted(len(error.problems), 'fault')}.", err=True)
        return 1
    _say(place, config, json_=json_)
    return 0


def _say(place: Path, config: ConfigSet, *, json_: bool) -> None:
    """What a faultless configuration listens to, and where it leaves somebody out."""
    counts = {"watches": len(config.watches), "templates": len(config.templates)}
    sources = [source.name for source in config.platforms.sources]
    off = [told for source in config.platforms.sources if (told := refusal(config.brand, source))]
    unpaged = [kind for kind in config.protection.unpaged if kind not in config.roster.duties]
    zone = ZoneInfo(config.brand.timezone)
    vacant = [
        {"duty": duty, "from": _wall(begins, zone), "to": _wall(ends, zone)}
        for duty, begins, ends in vacancies(config, SystemClock().now())
    ]
    if json_:
        as_json({**counts, "sources": sources, "off": off, "nobody_paged_for": unpaged, "nobody_on_call": vacant})
        return
    watches, templates = counted(counts["watches"], "watch", "watches"), counted(counts["templates"], "template")
    listens = f"listens to {', '.join(sources)}" if sources else "listens to nothing yet: platforms.yaml has no source"
    click.echo(f"{place}: no fault. {watches}, {templates}; {listens}.")
    for told in off:
        click.echo(f"Note: {told}")
    if unpaged:
        click.echo(f"Nobody is paged for {', '.join(unpaged)}: name people in protection.yaml.")
    if vacant:
        click.echo("Nobody is on call, in the week from now:")
        columns([(gap["duty"], f"{gap['from']} to {gap['to']}") for gap in vacant[:VACANCIES_SHOWN]])
    if len(vacant) > VACANCIES_SHOWN:
        click.echo(f"  and {counted(len(vacant) - VACANCIES_SHOWN, 'more time', 'more times')}: see --json.")


def _wall(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, zone).strftime("%a %Y-%m-%d %H:%M")


@click.command()
def migrate() -> None:
    """Create the database, or bring it to this version's schema.

    A database of an older version is saved first, into EARSHOT_BACKUPS_DIR. There is no way back but that backup.
    """
    settings = read_settings()
    need_first_house(settings)
    wiring = Wiring(settings)
    saved = wiring.bring_up_to_date()
    if saved is not None:
        click.echo(f"Saved it first as {saved}. It is deleted after 30 days.")
    click.echo(f"{wiring.database} has the schema of this version.")
