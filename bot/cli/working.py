"""worker: the process that listens, assesses and sends."""

import click

from bot.cli.common import standby_option, wired_to_begin
from bot.cli.waiting import End
from bot.worker import Worker


@click.command()
@standby_option
def worker(*, standby: bool) -> None:
    """Start only the worker: it listens, assesses and sends.

    SIGTERM or Ctrl+C ends it. A second one over the same database refuses, or waits for the first one's end.
    """
    end = End()
    running = Worker(wired_to_begin(), ended=end.ask)
    if not running.take_charge(end.asked, standby=standby):
        return
    try:
        running.start()
        click.echo("The worker runs. Ctrl+C ends it.")
        end.wait()
    finally:
        running.stop()
    if running.displaced:
        raise running.displaced
