"""health, metrics: what a container's health check and a collector of figures ask without a browser."""

import ipaddress
import socket

import click

from bot import metrics as figures
from bot.cli.common import wired
from bot.errors import EarshotError
from bot.settings import Settings
from bot.store import house as house_rows
from bot.store.db import Reader, Row
from bot.store.house import SILENT_MS

STARTING_MS = 600_000
"""A worker verifies the whole ledger before its first beat; on a large one that takes minutes."""

PATIENCE_S = 5.0
PARTS = ("worker", "desk")


@click.command()
@click.argument("part", type=click.Choice(PARTS), required=False)
def health(part: str | None) -> None:
    """Say whether the worker and the desk are alive: 0 if they are, 1 if not.

    Or only PART, where they run apart. Platforms, configuration and queues are no part of it: a container is started
    anew when this says no, and that mends none of them.
    """
    wiring = wired()
    troubles = []
    if part != "desk":
        if not wiring.database.exists():
            raise EarshotError("There is no database yet, so no worker has run.")
        troubles.append(_worker(wiring.stores(), wiring.clock.now()))
    if part != "worker":
        troubles.append(_desk(wiring.settings))
    told = [trouble for trouble in troubles if trouble]
    if told:
        raise EarshotError("\n".join(told))
    click.echo("ok")


@click.command()
def metrics() -> None:
    """Print all figures in Prometheus' text format.

    The same as the desk's /metrics, for a worker that runs alone.
    """
    wiring = wired()
    click.echo(figures.exposition(wiring.stores(), wiring.clock.now()).decode(), nl=False)


def _worker(reader: Reader, now: int) -> str:
    row: Row | None = house_rows.health(reader)
    if row is None:
        return "No worker has run here yet."
    starting = row["ledger_ok"] is None and now - row["started_at"] < STARTING_MS
    silent = now - row["heartbeat_at"]
    return "" if starting or silent < SILENT_MS else f"The worker has been silent for {silent // 1000} s."


def _desk(settings: Settings) -> str:
    """Ask the desk on this machine; it may listen on any of this machine's addresses."""
    host = settings.host
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - what it is compared with, nothing is bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104 - likewise
    name = f"[{host}]" if _is_v6(host) else host
    try:
        with socket.create_connection((host, settings.port), PATIENCE_S) as line:
            line.sendall(f"GET /healthz HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            answer = line.makefile("rb").readline(200)
    except OSError:
        return f"The desk does not answer on {settings.host}:{settings.port}."
    return "" if b" 200 " in answer else "The desk answers that its process is ill."


def _is_v6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6  # noqa: PLR2004 - the protocol's own number
    except ValueError:
        return False
