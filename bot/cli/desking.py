"""desk: the process that people look at."""

import os
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import click

from bot import __version__
from bot.cli.common import wired
from bot.cli.waiting import End
from bot.desk.app import create_app
from bot.desk.serve import Server
from bot.desk.state import always
from bot.errors import EarshotError
from bot.store import house as house_rows
from bot.wiring import Wiring

METRICS_TOKEN = "EARSHOT_METRICS_TOKEN"  # noqa: S105 - the name of a secret
"""The secret that whoever reads the desk's figures shows."""


@click.command()
def desk() -> None:
    """Start only the desk.

    SIGTERM or Ctrl+C ends it.
    """
    end = End()
    server = desk_of(wired())
    server.start()
    say_address(server)
    end.wait()
    server.stop()


def desk_of(wiring: Wiring, alive: Callable[[], bool] = always) -> Server:
    """The desk of this house, its port already taken. ``alive``: whether a worker in this process still beats.

    Raises:
        EarshotError: somebody else has the port.
    """
    settings, token = wiring.settings, wiring.secrets(METRICS_TOKEN)
    app = create_app(
        stores=wiring.stores,
        keys=wiring.keys,
        clock=wiring.clock,
        ruleset=wiring.ruleset,
        hosts=[settings.host, urlsplit(settings.desk_url).hostname or settings.host],
        https=settings.desk_url.startswith("https://"),
        checkpoints_dir=settings.checkpoints_dir,
        metrics_token=token.get_secret_value() if token else "",
        alive=alive,
        sandbox=wiring.sandbox,
    )
    try:
        return Server(app, settings.host, settings.port, partial(_beat, wiring))
    except OSError as error:
        raise EarshotError(
            f"The desk cannot listen on {settings.host}:{settings.port}: {error.strerror}. Choose another port."
        ) from error


def _beat(wiring: Wiring) -> None:
    with wiring.stores().write() as tx:
        house_rows.sign_of_life(tx, "desk", pid=os.getpid(), version=__version__, at=wiring.clock.now())


def say_address(server: Server) -> None:
    """Tell where the desk is."""
    click.echo(f"The desk is at http://127.0.0.1:{server.port}  Ctrl+C ends it.")
