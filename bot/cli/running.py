"""run, demo: worker and desk in one process."""

import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bot import keys
from bot.cli.common import standby_option, wired_to_begin
from bot.cli.desking import desk_of, say_address
from bot.cli.waiting import End
from bot.config.starter import starter_dir
from bot.desk.passwords import hash_password
from bot.desk.serve import Server
from bot.log import configure
from bot.model import Role
from bot.settings import Settings
from bot.store import users
from bot.wiring import Wiring
from bot.worker import Worker

DEMO_PEOPLE = (("alice", Role.AGENT), ("bob", Role.SENIOR))


@click.command()
@standby_option
def run(*, standby: bool) -> None:
    """Start worker and desk in one process.

    SIGTERM or Ctrl+C ends both. A second worker over the same database refuses, or waits for the first one's end.
    """
    serve(wired_to_begin(), ready=say_address, standby=standby)


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default="demo", show_default=True, help="Where everything is kept."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="Port of the desk; 0 takes any."
)
def demo(folder: Path, port: int) -> None:
    """Start everything over sample posts, with two people to sign in as.

    Nothing leaves this machine. The passwords are new at every start.
    """
    settings = Settings(
        data_dir=folder / "data",
        config_dir=folder / "config",
        keys_dir=folder / "keys",
        checkpoints_dir=folder / "checkpoints",
        backups_dir=folder / "backups",
        host="127.0.0.1",
        port=port,
    )
    configure("console", "warning")
    furnish(settings)
    play(Wiring(settings), DEMO_PEOPLE, folder)


def furnish(settings: Settings) -> None:
    """The starter's configuration with its sample posts, and keys, where there are none yet."""
    if not settings.config_dir.exists():
        shutil.copytree(starter_dir(), settings.config_dir)
    keys.make(settings.keys_dir)


def play(wiring: Wiring, people: Sequence[tuple[str, Role]], folder: Path, *, more: str = "") -> None:
    """Run a house of sample posts for ``people``, whose passwords are new each time; ``more`` is one line about it."""
    passwords = {name: _sign_in(wiring, name, role) for name, role in people}

    def welcome(server: Server) -> None:
        port = server.port
        click.echo(f"\n  Earshot listens to its sample posts at  http://127.0.0.1:{port}\n")
        for name, role in people:
            click.echo(f"  sign in as {name:<6} ({role.value:<7})  password {passwords[name]}")
        click.echo(f"\n  What a passer-by sees:  http://127.0.0.1:{port}/square")
        click.echo(f"{more}  Everything is in {folder}/. Ctrl+C ends it.\n")

    serve(wiring, ready=welcome)


def _sign_in(wiring: Wiring, name: str, role: Role) -> str:
    """A person of this name with a new password, which is returned; all but trainees are trained for crises."""
    password = secrets.token_hex(6)
    with wiring.stores().write() as tx:
        known = users.by_name(tx, name)
        if known is None:
            hashed = hash_password(password)
            now = wiring.clock.now()
            users.add(
                tx,
                name=name,
                role=role,
                initials=name[:2].upper(),
                password_hash=hashed,
                trained=role is not Role.TRAINEE,
                at=now,
            )
        else:
            users.set_password(tx, known["id"], hash_password(password))
    return password


def serve(wiring: Wiring, *, ready: Callable[[Server], None], standby: bool = False) -> None:
    """Run until somebody ends the process; ``ready`` is told once the desk answers."""
    end = End()
    worker = Worker(wiring, ended=end.ask)
    if not worker.take_charge(end.asked, standby=standby):
        return
    try:
        server = desk_of(wiring, worker.alive)
        worker.start()
        server.start()
        ready(server)
        end.wait()
        server.stop()
    finally:
        worker.stop()
    if worker.displaced:
        raise worker.displaced
