"""What the desk says on a bad day: no room on the disk, a clock that jumped. Reads the worker's row only."""

from dataclasses import dataclass

from bot.desk import words
from bot.desk.state import house
from bot.model.room import Room
from bot.store.db import Row
from bot.timekeeping import FAR_MS

WRITTEN_WHEN_BARE = frozenset(
    {
        *("door.enter", "door.sign_out", "door.confirmed", "account.sign_out_everywhere"),
        *("stop.begin", "stop.lift", "outbox.cancel", "outbox.retract", "outbox.resolve"),
        *("case.opt_out", "case.lift_opt_out", "person.opt_out", "person.erase", "person.search", "person.export"),
        *("escalations.take", "escalations.acknowledge", "escalations.confirm", "escalations.figurative"),
        *(
            "escalations.tell",
            "escalations.close",
            "escalations.no_report",
            "escalations.link",
            "escalations.concerns_me",
        ),
        *("case.open_case", "case.take_over", "case.reveal", "case.escalate", "evidence.fetch", "evidence.hand_over"),
        *("evidence.suspect", "incidents.cancel", "incidents.leave_out", "incidents.take_out", "solo.end"),
        *("person.withdraw_opt_in", "ledger.verify", "draft.preview"),
    }
)
"""What people may still do when there is almost no room: stop, opt out, delete, take back, look after an alarm."""


@dataclass(frozen=True, slots=True)
class BadDay:
    """How bad it is. ``percent`` of the disk are free; ``jumped`` says how far the clock did, "" if it did not.

    ``kept``: it jumped so far that nothing is erased by its age.
    """

    room: Room
    percent: int
    jumped: str
    kept: bool


def read(health: Row | None) -> BadDay:
    """How bad it is, by the worker's own row."""
    if health is None:
        return BadDay(Room.ENOUGH, 100, "", kept=False)
    skew, off = abs(health["skew_ms"]), abs(health["clock_off_ms"])
    counts = skew >= house().ruleset.limits.clock_skew_seconds * 1000
    jump = max(skew if counts else 0, off if off >= FAR_MS else 0)
    return BadDay(
        room=Room(health["room"]),
        percent=health["room_free"] // 10,
        jumped=words.length(jump) if jump else "",
        kept=off >= FAR_MS,
    )
