"""worker: the process that listens, assesses and sends."""

import click

from bot.cli.common import wired_to_begin
from bot.cli.waiting import End
from bot.worker import Worker


@click.command()
def worker() -> None:
    """Start only the worker: it listens, assesses and sends.

    SIGTERM or Ctrl+C ends it.
    """
    end = End()
    running = Worker(wired_to_begin())
    running.start()
    click.echo("The worker runs. Ctrl+C ends it.")
    end.wait()
    running.stop()
