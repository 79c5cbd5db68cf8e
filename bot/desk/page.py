"""What stands around every page: the rail of lanes, the badges, the banners, the short word after an act."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, request

from bot.desk import bad_day, incidents, shifts, words
from bot.desk.alarms import Banner, banners
from bot.desk.bad_day import BadDay
from bot.desk.i18n import _
from bot.desk.operations import Notice, notices
from bot.desk.reasons import mute_words
from bot.desk.state import house, now, person, store
from bot.model import DispatchState, Lane, Platform, Role
from bot.model.retention import ALARM_MS
from bot.protect import debrief
from bot.protect.security import may_look
from bot.store import alarms, dispatches, holds, ladder, queue, security, sources, standing, upkeep, users
from bot.store import house as house_rows
from bot.store.db import Reader, Row
from bot.store.house import SILENT_MS

OUTBOX_TABS: Mapping[str, tuple[DispatchState, ...]] = {
    "leaving": (DispatchState.QUEUED, DispatchState.SENDING),
    "failed": (DispatchState.REFUSED,),
    "uncertain": (DispatchState.UNCERTAIN,),
    "sent": (DispatchState.SENT, DispatchState.RETRACTING, DispatchState.RETRACTED),
}
"""The outbox's tabs and the states that each shows."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The stop-all in force: when, by whom, why, and who already agreed to lift it."""

    at: int
    by: str
    reason: str
    first: str


MOST_GAPS = 3
"""Gaps that the rail names: the newest."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source in the rail's foot with what is wrong ``since`` a time.

    ``trouble`` is "without" (told us nothing for an hour: its posts get sealed and in the end erased), "hold" (``name``
    is a case whose legal hold is overdue for review), "failing" (does not answer), "secrets" (``why`` nothing is sent
    as its account), "identity" (its account or profile is at fault), "quiet" (brings nothing), "gap" (posts up to
    ``until`` are lost) or "room" (so are those that only a keyword finds, because the disk was nearly full).
    """

    name: str
    trouble: str
    since: int
    until: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Toast:
    """A short word after an act. ``dispatch`` offers to undo it until ``due_at``."""

    words: str
    dispatch: int | None = None
    due_at: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that base.html needs beside the page itself."""

    brand: str
    outbox: Mapping[str, int]
    stop: Stop | None
    silent_since: int | None
    config_problems: bool
    bad_day: BadDay
    unanchored_since: int | None
    places_rest: bool
    change: str
    toast: Toast | None
    square: bool
    alarms: tuple[Banner, ...]
    operations: tuple[Notice, ...]
    escalations: int
    shifts: shifts.Banners
    incidents: tuple[incidents.Standing, ...]


def frame() -> Frame:
    """The frame of this request's page, for somebody who is signed in; read once, when a template asks for it."""
    if "frame" not in g:
        g.frame = _frame()
    found: Frame = g.frame
    return found


def _frame() -> Frame:
    reader = store()
    health = house_rows.health(reader)
    beat = health["heartbeat_at"] if health else None
    return Frame(
        brand=house().brand.name,
        outbox=tab_counts(reader),
        stop=standing_stop(reader),
        silent_since=beat if beat is not None and beat < now() - SILENT_MS else (0 if beat is None else None),
        config_problems=bool(health and health["config_problems"]),
        bad_day=bad_day.read(health),
        unanchored_since=health["anchor_failing_since"] if health else None,
        places_rest=bool(standing.place_stops(reader)),
        change=change_mark(reader),
        toast=toast(reader),
        square=has_square(),
        alarms=banners(reader),
        operations=notices(reader, now()),
        escalations=alarms.open_ones(reader),
        shifts=shifts.banners(reader),
        incidents=incidents.standing(reader),
    )


def tab_counts(reader: Reader) -> dict[str, int]:
    """How many replies each tab of the outbox holds."""
    known = queue.outbox_counts(reader)
    return {tab: sum(known.get(state, 0) for state in states) for tab, states in OUTBOX_TABS.items()}


def standing_stop(reader: Reader) -> Stop | None:
    """The stop-all in force with the initials of who is behind it."""
    row = house_rows.stop(reader)
    if row is None:
        return None
    return Stop(row["at"], _initials(reader, row["user_id"]), row["reason"], _initials(reader, row["first_release_by"]))


def _initials(reader: Reader, user_id: int | None) -> str:
    row: Row | None = None if user_id is None else users.by_id(reader, user_id)
    return f"^{row['initials']}" if row else ""


def change_mark(reader: Reader) -> str:
    """A mark that changes whenever a case, the outbox, the stop or the worker's state does: what pages poll with."""
    event = queue.newest_change(reader)
    stop = house_rows.stop(reader)
    health = house_rows.health(reader)
    silent = health is None or health["heartbeat_at"] < now() - SILENT_MS
    counts = "-".join(str(n) for n in tab_counts(reader).values())
    return f"{event}.{stop['id'] if stop else 0}.{int(silent)}.{counts}"


def rail_sources(reader: Reader) -> tuple[int, list[Source]]:
    """How many sources run, and what is wrong with any."""
    known = sources.every(reader)
    silent = upkeep.without_platform(reader, now() - ALARM_MS)
    alarms = [Source(row["name"], "without", row["since"]) for row in silent]
    alarms += [Source(str(row["case_id"]), "hold", row["review_at"]) for row in holds.overdue(reader, now())]
    alarmed = {row["name"] for row in silent}
    failing = [Source(row["name"], "failing", row["failing_since"]) for row in known if row["failing_since"]]
    unnamed = [_account(row) for row in known if row["identity_trouble"]]
    quiet = [Source(row["name"], "quiet", row["heard_at"]) for row in sources.quiet(reader, now())]
    gaps = [
        Source(row["source"], row["cause"] or "gap", row["begins"], row["ends"])
        for row in sources.gaps(reader, now() - sources.DAY_MS)
    ]
    shown = [one for one in failing if one.name not in alarmed]
    return len(known) - len(failing), [*alarms, *shown, *unnamed, *quiet, *gaps[:MOST_GAPS]]


def _account(row: Row) -> Source:
    at, trouble = row["identity_at"] or 0, row["identity_trouble"]
    if trouble.startswith(sources.NOT_SET) or trouble == sources.UNREACHED:
        return Source(row["name"], "secrets", at, why=mute_words(trouble))
    return Source(row["name"], "identity", at)


def has_square() -> bool:
    """Whether the public square exists: only where everything is played and nothing leaves the machine."""
    if house_rows.config(store()) is None:
        return False
    kinds = {source.kind for source in house().config.platforms.sources}
    return kinds == {Platform.REPLAY.value}


def toast(reader: Reader) -> Toast | None:
    """The word for what was just done, from the address: fixed words only, nobody can put others in."""
    told = request.args.get("told", "")
    dispatch_id = request.args.get("dispatch", type=int)
    row = None if dispatch_id is None else dispatches.by_id(reader, dispatch_id)
    if told == "queued":
        if row is None or row["state"] != DispatchState.QUEUED:
            return None
        return Toast(_("Approved. The reply leaves by itself."), row["id"], row["due_at"])
    known = {
        **incidents.told(),
        "waiting": _("Handed on. A second person approves."),
        "cancelled": _("Cancelled. The draft is back in the case."),
        "saved": _("Saved."),
        "closed": _("Case closed."),
        "by_hand": _("Noted: answered by hand. Nothing leaves from here for this post."),
        "not_by_hand": _("Noted. The case is open again."),
        "taken": _("It is in your hands. Nobody else is paged."),
        "confirmed": _("Confirmed. The people who protect staff are paged, and the hour for reports runs."),
        "figurative": _("Closed as a figure of speech. We may answer this person again."),
        "linked": _("Linked. The ledger says that you did."),
        "let_go": _("The case is back in the queue."),
        "taken_over": _("The case is yours now. The draft is as your colleague left it."),
        "warned": _("The standard text is in the reply. Two people approve it."),
        "warning_dropped": _("The proposed warning is off the table."),
        "withdrawn": _("The warning is being taken back. The apology is in the reply."),
        "ladder_reset": _("The warnings count no more."),
        "appealed": _("A senior who issued none of it will look."),
        "voted": _("Your vote counts."),
        "escalated": _("Escalated. The case left this queue."),
        "moved": _("The case is in another lane now."),
        "rejected": _("Sent back with your note."),
        "released": _("Released. The reason is in the ledger."),
        "opted_out": _("We do not write to this person any more."),
        "opt_out_lifted": _("We may write to this person again."),
        "answer_once": _("One answer to this post is allowed."),
        "rechecked": _("The worker looks at the post again."),
        "retracting": _("The reply is being taken back."),
        "resolved": _("Noted. The ledger knows what happened."),
        "lift_asked": _("You agreed. A second person lifts the stop."),
        "lifted": _("Replies leave again."),
        "preferences": _("Preferences saved."),
        "preserving": _("The worker takes the evidence within seconds."),
        "handed_over": _("Noted in the custody log and in the ledger."),
        "erasing": _("The worker erases it within seconds."),
        "attested": _("Attested. It counts from now on and stands in the ledger."),
        "attestation_withdrawn": _("Withdrawn. The rule asks again."),
        "resting": _("Hard texts go to others until your break ends."),
        "cared_for": _("Noted. Thank you."),
        "hotline_confirmed": _("Confirmed. The card may leave again."),
        "place_lifted": _("Lifted. Replies may go there again."),
        "noted": _("The next shift reads it here."),
        "promise_kept": _("Done. It is off the list."),
        "left": _("Your cases are back in the queue. Thank you, and rest well."),
        "solo_began": _("The solo shift is open. Every page shows it."),
        "solo_ended": _("The solo shift is over. Two people count again."),
        "solo_reviewed": _("Noted in the ledger. Thank you."),
    }
    return Toast(known[told]) if told in known else None


def rail(reader: Reader) -> dict[str, object]:
    """Counts for the rail: open cases by lane, those held by the reader, those that wait for a second person."""
    someone = person()
    counts = queue.lane_counts(reader)
    states = queue.state_counts(reader)
    running, troubles = rail_sources(reader)
    return {
        "lanes": [(lane.value, words.LANES[lane], counts.get(lane, 0)) for lane in Lane],
        "false_helpers": security.open_count(reader) if someone and may_look(house().config, someone.row) else 0,
        "mine": queue.counted(reader, queue.Wanted(holder=someone.id), now=now()) if someone else 0,
        "waiting": states.get("waiting", 0),
        "failed": states.get("failed", 0),
        "cares": len(debrief.shown_to(reader, someone.row)) if someone else 0,
        "reviews": ladder.reviews_waiting(reader) if someone and someone.role is Role.SENIOR else 0,
        "running": running,
        "troubles": troubles,
    }
