"""connect, doctor: credentials asked for, tested and put away; every connection looked at without sending anything."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from pydantic import SecretStr

from bot.cli.common import wired
from bot.cli.guides import GUIDES
from bot.cli.screen import as_json, columns, json_option, plain
from bot.config.load import load
from bot.config.models import Source, WatchModel
from bot.credentials import WARN_MS, endings
from bot.errors import EarshotError, Unauthorised
from bot.model import Identity, Platform
from bot.refusals import StoredPurse
from bot.registry import signer
from bot.settings import secret, stands_in_environment
from bot.store import sources
from bot.store.db import Reader
from bot.wiring import Wiring, secrets_of


@click.command()
@click.argument("platform", type=click.Choice([each.value for each in GUIDES]))
@click.option("--source", "name", help="Which source, if platforms.yaml has several of this platform.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the secrets; default EARSHOT_SECRETS_DIR, else ./secrets.",
)
@click.option("--secrets-stdin", is_flag=True, help="Read what is asked for from standard input, a line each.")
@click.option("--again", is_flag=True, help="Ask anew for what is set already, such as after a token was lost.")
def connect(platform: str, name: str | None, into: Path | None, *, secrets_stdin: bool, again: bool) -> None:
    """Say what a platform needs, ask for its credentials, test and store them.

    Each secret goes into a file of its own that only you can read. None is ever printed. Asked for is what is not set
    yet, and all of it if the platform refuses what is set.
    """
    wiring = wired()
    config = load(wiring.settings.config_dir)
    source = _chosen(config.platforms.sources, Platform(platform), name)
    _explain(source)
    folder = into or wiring.settings.secrets_dir or Path("secrets")
    wanted = _wanted(wiring, source, config.watches, again=again)
    given = _asked(wiring, source, wanted, _from_stdin if secrets_stdin else _hidden)
    tried = _with(wiring, given)
    unset = ", ".join(tried.unset(source))
    try:
        _read_once(tried, source, config.watches)
        if not unset:
            _own_account(tried, source)
    except EarshotError as error:
        hint = "" if len(wanted) == len(secrets_of(source)) else " With --again every secret is asked for anew."
        raise EarshotError(f"Nothing was stored. {error}{hint}") from None
    for secret_name, value in given.items():
        _put_away(folder, secret_name, value)
    stored = f"Stored in {folder}/: {', '.join(given)}." if given else "Nothing new to store."
    click.echo(f"{source.name}: connected as {source.account}. {stored}")
    if unset:
        click.echo(f"It only listens, not set: {unset}.")
    if wiring.settings.secrets_dir != folder and given:
        click.echo(f"Set EARSHOT_SECRETS_DIR={folder} for the worker.")


def _with(wiring: Wiring, given: Mapping[str, str]) -> Wiring:
    """The same house with secrets that are stored nowhere yet."""
    known = {name: SecretStr(value) for name, value in given.items()}
    return Wiring(wiring.settings, wiring.clock, lambda name: known.get(name) or secret(name))


def _chosen(known: tuple[Source, ...], platform: Platform, name: str | None) -> Source:
    fitting = [source for source in known if source.kind is platform and name in {None, source.name}]
    if not fitting:
        raise EarshotError(f"platforms.yaml has no {platform.label} source{f' called {name}' if name else ''} yet.")
    if len(fitting) > 1:
        raise EarshotError(f"Choose one with --source: {', '.join(source.name for source in fitting)}.")
    return fitting[0]


def _explain(source: Source) -> None:
    guide = GUIDES[source.kind]
    for number, step in enumerate(guide.steps, 1):
        click.echo(f"{number}. {step}")
    if guide.leave:
        click.echo("Leave to give, and nothing more:")
        columns(guide.leave)
    if guide.off:
        click.echo(guide.off)


def _wanted(wiring: Wiring, source: Source, watches: Sequence[WatchModel], *, again: bool) -> list[str]:
    """The secrets to ask for: those that are not set, and all of them if the platform refuses them or ``again``.

    Raises:
        EarshotError: one that is asked for anew stands where no file of ours would change it.
    """
    named, missing = list(secrets_of(source).values()), wiring.unset(source)
    for name in sorted(set(named) - set(missing)):
        click.echo(f"{name} is set already.")
    if not again and (missing or not _refused(wiring, source, watches)):
        return missing
    for name in named:
        if stands_in_environment(name):
            raise EarshotError(f"{name} is set in the environment, which counts before any file. Change it there.")
    click.echo("What is set is asked for anew.")
    return named


def _refused(wiring: Wiring, source: Source, watches: Sequence[WatchModel]) -> bool:
    """Whether the platform refuses the secrets that are set."""
    try:
        _read_once(wiring, source, watches)
        _own_account(wiring, source)
    except Unauthorised:
        return True
    except EarshotError:
        return False
    return False


def _asked(wiring: Wiring, source: Source, wanted: Sequence[str], ask: Callable[[str], str]) -> dict[str, str]:
    """The wanted secrets, from the person or from the platform's own sign-in; without those left empty."""
    fields = {field: name for field, name in secrets_of(source).items() if name in wanted}
    sign_in = signer(source.kind) if fields else None
    if sign_in is not None:
        found = sign_in(source, wiring.tools(source), lambda page: ask(f"Open {page}\nCode"))
        return {fields[field]: value for field, value in found.items()}
    given = {name: ask(f"{field} ({name})") for field, name in fields.items()}
    return {name: value for name, value in given.items() if value}


def _hidden(question: str) -> str:
    answer: str = click.prompt(question, hide_input=True, default="", show_default=False)
    return answer.strip()


def _from_stdin(question: str) -> str:
    click.echo(f"{question}:")
    return sys.stdin.readline().strip()


def _put_away(folder: Path, name: str, value: str) -> None:
    """Write a secret to a file that only its owner can read; an older one is replaced whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{name}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(value)
    fresh.replace(folder / name)


def _read_once(wiring: Wiring, source: Source, watches: Sequence[WatchModel]) -> None:
    """Read a source as the worker would.

    Raises:
        EarshotError: it cannot be read.
    """
    wiring.connector(source, watches).fetch("", 1)


def _own_account(wiring: Wiring, source: Source) -> Identity | None:
    """Our account as the platform shows it; None where nothing can be written.

    Raises:
        Unauthorised: the credentials are refused, or are another account's.
        EarshotError: it cannot be looked at.
    """
    if not source.answers:
        return None
    known = wiring.publisher(source).identity()
    if known.handle.lower() != source.account.removeprefix("@").lower():
        raise Unauthorised("The credentials belong to another account than platforms.yaml names.")
    return known


@click.command()
@json_option
def doctor(*, json_: bool) -> int:
    """Look at every connection without sending anything.

    Credentials, reading, our own account with its label and bio, allowances, costs.
    """
    wiring = wired()
    config = load(wiring.settings.config_dir)
    found = [_looked_at(wiring, source, config.watches) for source in config.platforms.sources]
    if json_:
        as_json(found)
    else:
        for each in found:
            click.echo(f"{each['source']} ({each['platform']}): {each['state']}")
            columns([(name, plain(str(told))) for name, told in each.items() if name not in _TITLE and told])
    return 0 if all(each["state"] == "ok" for each in found) else 1


_TITLE = frozenset({"source", "platform", "state"})


def _looked_at(wiring: Wiring, source: Source, watches: Sequence[WatchModel]) -> dict[str, str]:
    unset, trouble, known, told_at_once = ", ".join(wiring.unset(source)), "", None, ""
    try:
        _read_once(wiring, source, watches)
        told_at_once = _rings(wiring, source)
        if unset:
            trouble = f"only listens, not set: {unset}"
        else:
            known = _own_account(wiring, source)
    except EarshotError as error:
        trouble = f"not set: {unset}" if unset else str(error)
    now = wiring.clock.now()
    ending = [one for one in endings(secrets_of(source).values(), wiring.secrets) if one.at <= now + WARN_MS]
    told = {
        "source": source.name,
        "platform": source.kind.label,
        "state": trouble or ("a credential ends" if ending else "ok"),
        "credentials": " ".join(one.sentence(now) for one in ending),
        "account": source.account,
        "allowances": "; ".join(_allowances(wiring.stores(), source, now)),
        "stream": told_at_once,
        "replies": "" if source.answers else "listens only",
        "costs": _costs(wiring.purse(source)),
    }
    if known is not None:
        told["bot label"] = {True: "set", False: "not set", None: "the platform has none"}[known.is_bot]
        told["bio"] = {True: "filled in", False: "EMPTY: say who runs the account", None: "not shown"}[
            None if known.bio is None else bool(known.bio.strip())
        ]
    return told


def _rings(wiring: Wiring, source: Source) -> str:
    """Whether a source that is told of news at once could be; "" for one that is not.

    Raises:
        EarshotError: it could not.
    """
    bell = wiring.bell(source)
    if bell is None:
        return ""
    bell.check()
    return "tells of news at once"


def _costs(purse: StoredPurse) -> str:
    """What a source that is billed has cost, and what its month will have cost at this pace."""
    today, month = purse.costs()
    return f"${today:.2f} today, ${month:.2f} this month, ${purse.forecast():.2f} by its end" if month else ""


def _allowances(store: Reader, source: Source, now: int) -> list[str]:
    """What is left of the platform's budgets that are not refilled yet."""
    return [
        f"{row['bucket'].removeprefix(source.kind + ':')} {row['remaining']:,} of {row['most']:,} left"
        for row in sources.budgets(store, source.kind)
        if row["reset_at"] > now
    ]
