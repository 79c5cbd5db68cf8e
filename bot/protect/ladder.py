"""The warning ladder as a pure state machine (E-10): 0 -> W1 -> W2 -> W3 -> CLOSED. No I/O and no clock.

Every function takes the ladder as it is and answers, or gives the ladder as it is afterwards. Nobody gets on it but by
a person's hand, and a step counts once its warning was delivered in public.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.errors import NotAllowed, Stale
from bot.model.ladder import Bar, Incident, Ladder, Outcome, Rung, Step
from bot.model.retention import DAY_MS

DECAY_MS = 365 * DAY_MS
"""So long after the last incident nothing of a ladder counts, and it is erased (E-10, section 4)."""

PAUSE_MS = DAY_MS
"""A post that was there before the last warning and was edited into abuse counts so long after that warning only."""

LEFTOVER_MS = 30 * DAY_MS
"""A ladder on which nothing counts any more is kept so long: its apology may still be on its way."""

WARNINGS = (Step.W1, Step.W2, Step.W3)

REVIEW_DAYS = 2
"""Working days until a review is due."""

UNANIMOUS = 2
"""So many people at least must agree, and nobody may object, before a closed author is answered again."""

_SATURDAY = 5


def counting(ladder: Ladder) -> tuple[Rung, ...]:
    """The warnings that count: delivered, not withdrawn, and not before the last reset."""
    since = ladder.reset_at
    return tuple(
        rung
        for rung in ladder.rungs
        if rung.delivered_at is not None and rung.withdrawn_at is None and (since is None or rung.delivered_at > since)
    )


def lapsed(ladder: Ladder, now: int) -> bool:
    """Whether the last incident is so long ago that nothing counts any more."""
    incidents = [rung.incident_at for rung in counting(ladder)] or ([ladder.closed_at] if ladder.closed_at else [])
    return bool(incidents) and now >= max(incidents) + DECAY_MS


def step_of(ladder: Ladder, now: int) -> Step:
    """Where the author stands."""
    if lapsed(ladder, now):
        return Step.NONE
    if ladder.closed_at is not None:
        return Step.CLOSED
    return (Step.NONE, *WARNINGS)[min(len(counting(ladder)), len(WARNINGS))]


def next_step(ladder: Ladder, now: int) -> Step:
    """The warning that would come next; ``CLOSED`` when none does."""
    following = (*WARNINGS, Step.CLOSED)
    at = step_of(ladder, now)
    return Step.CLOSED if at is Step.CLOSED else following[(Step.NONE, *WARNINGS).index(at)]


def pending(ladder: Ladder) -> Rung | None:
    """The warning that was proposed and is not out yet."""
    return next((rung for rung in ladder.rungs if rung.delivered_at is None), None)


def bars(ladder: Ladder, incident: Incident, now: int, *, draft_id: int | None = None) -> tuple[Bar, ...]:
    """Why no warning may answer this post now, the gravest first. ``draft_id`` is the one that is about to leave."""
    return tuple(sorted(set(_bars(ladder, incident, now, draft_id)), key=list(Bar).index))


def leaving_bars(ladder: Ladder, incident: Incident, step: Step, draft_id: int, now: int) -> tuple[Bar, ...]:
    """Why the warning in this draft may not leave now: what would stand against proposing it, and its turn is over."""
    waiting = pending(ladder)
    in_turn = (
        waiting is not None
        and waiting.draft_id == draft_id
        and next_step(ladder, now) is step
        and now < waiting.incident_at + DECAY_MS
    )
    return (*bars(ladder, incident, now, draft_id=draft_id), *(() if in_turn else (Bar.OUT_OF_TURN,)))


def _bars(ladder: Ladder, incident: Incident, now: int, draft_id: int | None) -> Iterator[Bar]:
    standing = {
        Bar.THREAT: incident.threat,
        Bar.CRISIS: incident.crisis,
        Bar.STOPPED: incident.stopped,
        Bar.STORM: incident.storm,
        Bar.NOT_ABUSE: not incident.abuse_lane,
        Bar.NOBODY_MEANT: not incident.means_person,
        Bar.NOT_ADDRESSED: not incident.addressed,
        Bar.CLOSED: step_of(ladder, now) is Step.CLOSED,
    }
    yield from (bar for bar, there in standing.items() if there)
    waiting = pending(ladder)
    if waiting is not None and (draft_id is None or waiting.draft_id != draft_id):
        yield Bar.PENDING
    if not _is_new(ladder, incident):
        yield Bar.SAME_INCIDENT


def _is_new(ladder: Ladder, incident: Incident) -> bool:
    """Whether this happened after the last warning was there to be read: a later post, or words a day later."""
    for rung in ladder.rungs:
        if rung.delivered_at is None:
            continue
        if rung.mention_id == incident.mention_id:
            return False
        if rung.withdrawn_at is not None:
            continue
        if incident.at <= rung.delivered_at:
            return False
        if incident.written_at <= rung.delivered_at and incident.at < rung.delivered_at + PAUSE_MS:
            return False
    return True


def propose(ladder: Ladder, incident: Incident, *, by: int, now: int) -> tuple[Ladder, Step]:
    """A person proposes the next warning; returns which one it is. Its draft is linked afterwards.

    Raises:
        Stale: something stands against it.
    """
    against = bars(ladder, incident, now)
    if against:
        raise Stale(f"No warning may be given here at present: {', '.join(against)}.")
    step = next_step(ladder, now)
    if lapsed(ladder, now):
        ladder = Ladder()
    rung = Rung(incident.at, by, now, mention_id=incident.mention_id, issued_by=frozenset({by}))
    return replace(ladder, rungs=(*ladder.rungs, rung)), step


def linked(ladder: Ladder, *, case_id: int, draft_id: int) -> Ladder:
    """The proposal with the case and the draft that it stands in."""
    *before, last = ladder.rungs
    return replace(ladder, rungs=(*before, replace(last, case_id=case_id, draft_id=draft_id)))


def drop(ladder: Ladder) -> Ladder:
    """The proposal is taken off again; what was delivered stays."""
    return replace(ladder, rungs=tuple(rung for rung in ladder.rungs if rung.delivered_at is not None))


def deliver(ladder: Ladder, draft_id: int, *, approved_by: Collection[int], at: int) -> Ladder:
    """The warning stands in public. The third one is our last message: the author is closed at once."""
    rungs = tuple(
        replace(rung, delivered_at=at, issued_by=rung.issued_by | set(approved_by))
        if rung.draft_id == draft_id and rung.delivered_at is None
        else rung
        for rung in ladder.rungs
    )
    after = replace(ladder, rungs=rungs)
    last = len(counting(after)) >= len(WARNINGS)
    return replace(after, closed_at=at) if last and ladder.closed_at is None else after


def false_step(ladder: Ladder) -> Rung | None:
    """The warning that could be withdrawn: the last one that stands, counting or not."""
    standing = [rung for rung in ladder.rungs if rung.delivered_at is not None and rung.withdrawn_at is None]
    return standing[-1] if standing else None


def withdraw(ladder: Ladder, *, by: int, at: int) -> Ladder:
    """Undo the last warning, with an apology. It counts no more, for decay neither.

    Raises:
        NotAllowed: its own issuer asks for it.
        Stale: nothing stands, or the author is closed: then a review decides first.
    """
    rung = false_step(ladder)
    if rung is None:
        raise Stale("There is no warning to withdraw.")
    if step_of(ladder, at) is Step.CLOSED:
        raise Stale("The author is closed. A unanimous review reopens first; then the warning can be withdrawn.")
    if rung.proposed_by == by:
        raise NotAllowed("Somebody else than its issuer withdraws a warning.")
    undone = replace(rung, withdrawn_at=at, withdrawn_by=by)
    return replace(ladder, rungs=tuple(undone if each is rung else each for each in ladder.rungs))


def apologised(ladder: Ladder, draft_id: int, apology_id: int) -> Ladder:
    """The withdrawn warning with the draft of its apology."""
    rungs = tuple(replace(rung, apology_id=apology_id) if rung.draft_id == draft_id else rung for rung in ladder.rungs)
    return replace(ladder, rungs=rungs)


def reset(ladder: Ladder, *, by: int, at: int) -> Ladder:
    """Back to the ground, by somebody who issued none of the warnings. A closed author needs a review.

    Raises:
        NotAllowed: the person issued one of them.
        Stale: nothing counts, or the author is closed.
    """
    if step_of(ladder, at) is Step.CLOSED:
        raise Stale("The author is closed. Only a unanimous review lifts that.")
    if not counting(ladder):
        raise Stale("There is nothing to reset.")
    need_uninvolved(ladder, by)
    return replace(drop(ladder), reset_at=at)


def need_uninvolved(ladder: Ladder, user_id: int) -> None:
    """Refuse whoever proposed or approved one of the warnings."""
    if not uninvolved(ladder, user_id):
        raise NotAllowed("Somebody who issued none of the warnings decides this.")


def uninvolved(ladder: Ladder, user_id: int) -> bool:
    """Whether a person proposed and approved none of the warnings."""
    return all(user_id not in rung.issued_by for rung in ladder.rungs)


def decided(votes: Collection[Outcome], *, closed: bool) -> Outcome | None:
    """What the votes of a review come to, or ``None`` while more are needed.

    One person can leave things as they are, or take them further. To lift a lock all must agree, two at least.
    """
    others = [vote for vote in votes if vote is not Outcome.REOPEN]
    if others:
        return others[-1]
    return Outcome.REOPEN if len(votes) >= (UNANIMOUS if closed else 1) else None


def reopen(ladder: Ladder, at: int) -> Ladder:
    """A review lifted everything: the author stands on the ground again."""
    return replace(drop(ladder), closed_at=None, reset_at=at)


def forget_at(ladder: Ladder, now: int) -> int:
    """When the ladder is erased: twelve months after the last incident, or soon if nothing on it counts."""
    waiting = pending(ladder)
    incidents = [rung.incident_at for rung in (*counting(ladder), *([waiting] if waiting else []))]
    if ladder.closed_at is not None:
        incidents.append(ladder.closed_at)
    return max(incidents) + DECAY_MS if incidents else now + LEFTOVER_MS


def review_due(opened_at: int, zone: tzinfo, holidays: Collection[str]) -> int:
    """The same time of day, two working days later where the brand is. ``holidays`` are days as ``2026-12-25``."""
    return working_days_later(opened_at, REVIEW_DAYS, zone, holidays)


def working_days_later(at: int, days: int, zone: tzinfo, holidays: Collection[str]) -> int:
    """The same time of day in ``zone``, so many working days later. Weekends and ``holidays`` do not count."""
    left, day = days, datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    while left:
        day = (day + timedelta(days=1)).replace(tzinfo=zone)
        left -= _is_working(day.date(), holidays)
    return int(day.timestamp() * 1000)


def _is_working(day: date, holidays: Collection[str]) -> bool:
    return day.weekday() < _SATURDAY and day.isoformat() not in holidays
