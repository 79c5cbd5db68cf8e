"""What became of a reply on its platform (C-34): what everyone reads there is what was approved."""

from typing import Literal

from bot.gate.folding import words

ReadBack = Literal["same", "differs", "not told"]


def read_back(sent: str, found: str) -> ReadBack:
    """Compare ``found``, the reply as its platform shows it, with ``sent``; "" was not told.

    Platforms put the addressee before it, make links shorter, quotation marks rounder and faces to pictures. So every
    word of ``sent`` but its links must stand there, in the same order; what stands between is the platform's.
    """
    if not found:
        return "not told"
    shown = iter(words(found))
    told = " ".join(word for word in sent.split() if not word.startswith(("http://", "https://")))
    return "same" if all(word in shown for word in words(told)) else "differs"
