"""train: make weight files from their recipes, or check that the shipped ones come out again."""

from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Protocol, cast

import click

from bot.errors import EarshotError


class Trainer(Protocol):
    """What is asked of ``bot.training.train``, which is imported only here, for it needs the extra."""

    NAMES: Sequence[str]

    def train(self, name: str, folders: Sequence[Path]) -> bytes:
        """The bytes of a file of weights."""
        ...

    def file_of(self, name: str) -> str:
        """The name of the file."""
        ...


@click.command()
@click.argument("heads", nargs=-1)
@click.option(
    "--data",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder with sets of labelled posts; can be given several times.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Where to write; default: the installed weights.")
@click.option("--check", is_flag=True, help="Write nothing; say whether the installed weights come out byte for byte.")
def train(heads: Sequence[str], folders: Sequence[Path], output: Path | None, *, check: bool) -> None:
    """Make the detectors' weights anew, or check that they come out again.

    HEADS are names such as "abuse.de", or "abuse" for both languages; without one, all are made. The same sets give
    the same bytes.
    """
    trainer = _trainer()
    installed = Path(str(files("bot.detectors").joinpath("weights")))
    differing = []
    for name in _chosen(heads, trainer.NAMES):
        source, file = trainer.train(name, folders), trainer.file_of(name)
        if check:
            same = (installed / file).is_file() and (installed / file).read_bytes() == source
            click.echo(f"{name}: {'the same' if same else 'DIFFERENT'}, {len(source):,} bytes")
            differing += [] if same else [name]
        else:
            (output or installed).mkdir(parents=True, exist_ok=True)
            ((output or installed) / file).write_bytes(source)
            click.echo(f"{name}: {len(source):,} bytes written to {(output or installed) / file}")
    if differing:
        raise EarshotError(f"{', '.join(differing)}: the installed weights do not come out of these sets")


def _trainer() -> Trainer:
    try:
        return cast("Trainer", import_module("bot.training.train"))
    except ModuleNotFoundError as error:
        raise EarshotError("training needs more libraries: install them with pip install 'earshot[train]'") from error


def _chosen(heads: Sequence[str], recipes: Sequence[str]) -> list[str]:
    unknown = [head for head in heads if head not in recipes and head not in {name.split(".")[0] for name in recipes}]
    if unknown:
        raise EarshotError(f"there is no recipe {', '.join(unknown)}: choose of {', '.join(recipes)}")
    return [name for name in recipes if not heads or name in heads or name.split(".")[0] in heads]
