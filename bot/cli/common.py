"""What several commands share: the wiring under this process's settings, and a named person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bot import keys
from bot.errors import EarshotError
from bot.log import configure
from bot.settings import Settings, read_settings
from bot.store import users
from bot.store.db import Reader, Row
from bot.wiring import Wiring

F = TypeVar("F", bound=Callable[..., Any])


def wired(**changed: Path | None) -> Wiring:
    """The wiring under this process's settings, with some paths given on the command line."""
    settings = read_settings()
    given = {name: path for name, path in changed.items() if path is not None}
    if given:
        settings = Settings(**{**settings.model_dump(), **given})
    configure(settings.log_format, settings.log_level)
    return Wiring(settings)


def wired_to_begin() -> Wiring:
    """The wiring of a process that may be this house's first: without a database it makes the keys, and says so.

    Where there is a database, nothing but its own keys will do.
    """
    wiring = wired()
    if not wiring.database.exists() and keys.make(wiring.settings.keys_dir):
        click.echo(f"Made keys in {wiring.settings.keys_dir}/. Keep a copy of them apart from the data.")
    return wiring


def person(reader: Reader, name: str) -> Row:
    """The active person called ``name``.

    Raises:
        EarshotError: there is none.
    """
    row = users.by_name(reader, name)
    if row is None or not row["active"]:
        raise EarshotError(f"There is no active person called {name}. See: earshot user list")
    return row


def standby_option(function: F) -> F:
    """The ``--standby`` option of what runs a worker."""
    told = "If another worker runs, wait for its end and take over within 30 seconds."
    return click.option("--standby", is_flag=True, help=told)(function)


def user_option(function: F) -> F:
    """The ``--user`` option: who acts."""
    return click.option("--user", "user_name", required=True, metavar="NAME", help="Who acts: a sign-in name.")(
        function
    )
