"""run, worker, desk, demo: the processes. Each ends within ten seconds of SIGTERM."""

import secrets
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
from flask import Flask

from bot import keys
from bot.cli.common import wired
from bot.config.starter import starter_dir
from bot.desk.app import create_app
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
def run() -> None:
    """Start worker and desk in one process."""
    _serve(wired(), worker=True, desk=True)


@click.command()
def worker() -> None:
    """Start only the worker: listens, assesses, sends."""
    _serve(wired(), worker=True, desk=False)


@click.command()
def desk() -> None:
    """Start only the desk."""
    _serve(wired(), worker=False, desk=True)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True)
def demo(folder: Path, port: int) -> None:
    """Start everything over sample posts, with two people to sign in as."""
    settings = Settings(data_dir=folder / "data", config_dir=folder / "config", port=port)
    configure("console", "warning")
    if not settings.config_dir.exists():
        shutil.copytree(starter_dir(), settings.config_dir)
    keys.make(settings.keys_dir)
    wiring = Wiring(settings)
    passwords = {name: _demo_person(wiring, name, role) for name, role in DEMO_PEOPLE}

    def welcome(port: int) -> None:
        click.echo(f"\n  Earshot listens to its sample posts at http://127.0.0.1:{port}\n")
        for name, role in DEMO_PEOPLE:
            click.echo(f"  sign in as {name:<6} ({role.value:<6})   password {passwords[name]}")
        click.echo(f"\n  What a passer-by sees:  http://127.0.0.1:{port}/square")
        click.echo(f"  Everything is in {folder}/. Ctrl+C ends it.\n")

    _serve(wiring, worker=True, desk=True, ready=welcome)


def _demo_person(wiring: Wiring, name: str, role: Role) -> str:
    password = secrets.token_hex(6)
    with wiring.stores().write() as tx:
        known = users.by_name(tx, name)
        if known is None:
            hashed = hash_password(password)
            now = wiring.clock.now()
            users.add(tx, name=name, role=role, initials=name[:2].upper(), password_hash=hashed, trained=True, at=now)
        else:
            users.set_password(tx, known["id"], hash_password(password))
    return password


def _serve(wiring: Wiring, *, worker: bool, desk: bool, ready: Callable[[int], None] | None = None) -> None:
    """Run until SIGTERM or Ctrl+C; ``ready`` is told the desk's port."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    running = Worker(wiring) if worker else None
    server = Server(_app(wiring), wiring.settings.host, wiring.settings.port) if desk else None
    if running is not None:
        running.start()
    if server is not None:
        server.start()
        (ready or _say_address)(server.port)
    ended.wait()
    if server is not None:
        server.stop()
    if running is not None:
        running.stop()


def _app(wiring: Wiring) -> Flask:
    settings = wiring.settings
    return create_app(
        stores=wiring.stores,
        keys=wiring.keys,
        clock=wiring.clock,
        ruleset=wiring.ruleset,
        not_offered=wiring.not_offered,
        hosts=[settings.host],
        checkpoints_dir=settings.checkpoints_dir,
    )


def _say_address(port: int) -> None:
    click.echo(f"The desk is at http://127.0.0.1:{port}")
