"""What became of a reply on its platform (C-34): what everyone reads there is what was approved."""

from typing import Literal

from bot.gate.folding import visible

ReadBack = Literal["same", "differs", "not told"]


def read_back(sent: str, found: str) -> ReadBack:
    """Compare ``found``, the reply as its platform shows it, with ``sent``; "" was not told.

    Platforms put the addressee before it, make links shorter or longer and change white space: the words between
    must stand there in their order.
    """
    if not found:
        return "not told"
    shown = "".join(visible(found).split())
    return "same" if all(part in shown for part in _parts(sent)) else "differs"


def _parts(sent: str) -> list[str]:
    """Words of ``sent`` without links, in runs that no platform takes apart."""
    runs: list[list[str]] = [[]]
    for word in visible(sent).split():
        if word.startswith(("http://", "https://")):
            runs.append([])
        else:
            runs[-1].append(word)
    return ["".join(run) for run in runs if run]
