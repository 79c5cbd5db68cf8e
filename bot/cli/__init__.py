"""The command line: every command is a thin layer over the rooms, and the only place that prints.

Exit codes: 0 done, 1 refused or faulty, 2 ledger entries missing (``ledger verify``), 3 wrong usage,
4 a deletion was late (``ledger verify --full``), 130 interrupted.
"""

import sys

import click

from bot import __version__
from bot.cli.table import Table
from bot.errors import EarshotError
from bot.log import place

USAGE = 3


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="earshot")
def commands() -> None:
    """Hears what people say about a brand in public, and answers in public."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        sys.exit(commands.main(standalone_mode=False) or 0)
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Interrupted. Nothing was changed by the step that was running.", err=True)
        sys.exit(130)
    except EarshotError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"{error.filename or 'The system'}: {error.strerror or type(error).__name__}.", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the outer edge: a traceback's message may hold a customer's words
        click.echo(f"A fault in Earshot itself: {type(error).__name__} at {place(error)}.", err=True)
        sys.exit(1)
