"""How much room is left on the disk, and what it is kept for. Standard library only."""

from enum import StrEnum


class Room(StrEnum):
    """What may still be written. The value stands in the worker's row."""

    ENOUGH = ""
    TIGHT = "tight"
    """Posts that only a keyword found wait outside; everything else goes on."""
    BARE = "bare"
    """Only what protects people is written: deletions, opt-outs, stop, alarms, and the ledger that tells of them."""


TIGHT_BELOW, TIGHT_ENDS = 100, 120
BARE_BELOW, BARE_ENDS = 30, 40
"""Marks, as free space per mille of the disk. Each state ends a little above its beginning, or it would flutter."""


def room_after(before: Room, free: int) -> Room:
    """The state that follows ``before`` when ``free`` per mille of the disk are free."""
    if free < (BARE_ENDS if before is Room.BARE else BARE_BELOW):
        return Room.BARE
    if free < (TIGHT_BELOW if before is Room.ENOUGH else TIGHT_ENDS):
        return Room.TIGHT
    return Room.ENOUGH
