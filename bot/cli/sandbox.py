"""sandbox: a house in which new colleagues practise."""

from pathlib import Path

import click

from bot.cli.running import furnish, play
from bot.errors import EarshotError
from bot.log import configure
from bot.model import Role
from bot.settings import Settings
from bot.wiring import DATABASE, Wiring

PEOPLE = (("alice", Role.AGENT), ("bob", Role.SENIOR), ("tom", Role.TRAINEE))

MARK = "SANDBOX"
"""A file that says what the folder is, so that no real house is ever run as one."""


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default="sandbox", show_default=True, help="Where everything is kept."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8001, show_default=True, help="Port of the desk; 0 takes any."
)
def sandbox(folder: Path, port: int) -> None:
    """Start a house for practice over sample posts: a red frame, and nothing leaves.

    It has its own folder and knows no secret and no setting of the environment, so there is no platform to write to and
    nobody to page. The passwords are new at every start.
    """
    settings = apart(folder, port)
    configure("console", "warning")
    _mark(folder, settings.data_dir / DATABASE)
    furnish(settings)
    wiring = Wiring(settings, secrets=lambda _name: None, sandbox=True)
    play(wiring, PEOPLE, folder, more="  This is a sandbox: tom is in training, and nothing leaves.\n")


def apart(folder: Path, port: int) -> Settings:
    """Settings in which nothing comes from the environment: every field is given here."""
    given: dict[str, object] = {
        "data_dir": folder / "data",
        "config_dir": folder / "config",
        "keys_dir": folder / "keys",
        "checkpoints_dir": folder / "checkpoints",
        "host": "127.0.0.1",
        "port": port,
    }
    others = {name: field.default for name, field in Settings.model_fields.items() if name not in given}
    return Settings(**{**others, **given})


def _mark(folder: Path, database: Path) -> None:
    """Make the folder a sandbox.

    Raises:
        EarshotError: a house that is none lives in it.
    """
    mark = folder / MARK
    if database.exists() and not mark.exists():
        raise EarshotError(f"The house in {folder} is no sandbox. Choose another folder with --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("Made by earshot sandbox: a house for practice. Nothing in it is real.\n", "utf-8")
