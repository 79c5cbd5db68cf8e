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
from bot.config.models import TOKEN_PATTERN, Source, WatchModel
from bot.errors import EarshotError, PlatformError
from bot.model import Platform
from bot.refusals import StoredPurse
from bot.registry import signer
from bot.settings import secret
from bot.store import sources
from bot.store.db import Reader
from bot.wiring import Wiring


@click.command()
@click.argument("platform", type=click.Choice([each.value for each in GUIDES]))
@click.option("--source", "name", help="Which source, if platforms.yaml has several of this platform.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the secrets; default EARSHOT_SECRETS_DIR, else ./secrets.",
)
@click.option("--secrets-stdin", is_flag=True, help="Read what is asked for from standard input, a line each.")
def connect(platform: str, name: str | None, into: Path | None, *, secrets_stdin: bool) -> None:
    """Say what a platform needs, ask for its credentials, test and store them.

    Each secret goes into a file of its own that only you can read. None is ever printed.
    """
    wiring = wired()
    config = load(wiring.settings.config_dir)
    source = _chosen(config.platforms.sources, Platform(platform), name)
    _explain(source)
    folder = into or wiring.settings.secrets_dir or Path("secrets")
    given = _asked(wiring, source, _from_stdin if secrets_stdin else _hidden)
    trouble = _trouble(_with(wiring, given), source, config.watches)
    if trouble:
        raise EarshotError(f"Nothing was stored. {trouble}")
    for secret_name, value in given.items():
        _put_away(folder, secret_name, value)
    stored = f"Stored in {folder}/: {', '.join(given)}." if given else "Nothing new to store."
    click.echo(f"{source.name}: connected as {source.account}. {stored}")
    if wiring.settings.secrets_dir is None and given:
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


def secrets_of(source: Source) -> Mapping[str, str]:
    """The fields of a source that name a secret -> that name."""
    named = {field: getattr(source, field) for field in type(source).model_fields}
    return {field: value for field, value in named.items() if isinstance(value, str) and TOKEN_PATTERN.fullmatch(value)}


def _asked(wiring: Wiring, source: Source, ask: Callable[[str], str]) -> dict[str, str]:
    """The secrets that are not set yet, from the person or from the platform's own sign-in."""
    wanted = secrets_of(source)
    missing = {field: name for field, name in wanted.items() if secret(name) is None}
    for name in sorted(set(wanted.values()) - set(missing.values())):
        click.echo(f"{name} is set already.")
    if not missing:
        return {}
    sign_in = signer(source.kind)
    if sign_in is not None:
        found = sign_in(source, wiring.tools(source), lambda page: ask(f"Open {page}\nCode"))
        return {wanted[field]: value for field, value in found.items()}
    return {name: ask(f"{field} ({name})") for field, name in missing.items()}


def _hidden(question: str) -> str:
    answer: str = click.prompt(question, hide_input=True)
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


def _trouble(wiring: Wiring, source: Source, watches: Sequence[WatchModel]) -> str:
    """What is wrong with a source's connection; empty when it can read, and write where it is meant to."""
    try:
        wiring.connector(source, watches).fetch("", 1)
        if source.kind.answers:
            known = wiring.publisher(source).identity()
            if known.handle.lower() != source.account.removeprefix("@").lower():
                return "The credentials belong to another account than platforms.yaml names."
    except (PlatformError, EarshotError) as error:
        return str(error)
    return ""


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
    missing = [name for name in secrets_of(source).values() if secret(name) is None]
    trouble = f"not set: {', '.join(missing)}" if missing else _trouble(wiring, source, watches)
    told = {
        "source": source.name,
        "platform": source.kind.label,
        "state": trouble or "ok",
        "account": source.account,
        "allowances": "; ".join(_allowances(wiring.stores(), source, wiring.clock.now())),
        "replies": "" if source.kind.answers else "listens only",
        "costs": _costs(wiring.purse(source)),
    }
    if not trouble and source.kind.answers:
        known = wiring.publisher(source).identity()
        told["bot label"] = {True: "set", False: "not set", None: "the platform has none"}[known.is_bot]
        told["bio"] = {True: "filled in", False: "EMPTY: say who runs the account", None: "not shown"}[
            None if known.bio is None else bool(known.bio.strip())
        ]
    return told


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
