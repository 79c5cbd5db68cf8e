"""What people do with incidents, and the look of the worker that says which cases concern one.

Each act runs inside the caller's transaction and leaves an INCIDENT entry there.

Raises throughout: ``Stale`` when something changed meanwhile, ``NotAllowed`` when the role forbids it,
``IncidentRefused`` when what was written describes no incident.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from bot.errors import Stale
from bot.gate.rules.links import link_fault
from bot.incidents import IncidentRefused, Kind, Lens, Post, Scope, folding_lanes, terms
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.review import batches
from bot.review.acts import need_role
from bot.review.facts import allowed_hosts
from bot.review.house import House
from bot.store import batches as batch_rows
from bot.store import cases, drafts
from bot.store import incidents as rows
from bot.store.db import Reader, Row, Store, Tx

STEP = 200
"""Case events that one look takes: a transaction of this size stays short."""


@dataclass(frozen=True, slots=True)
class Written:
    """An incident as a person wrote it: ``words`` and ``area`` one term a line, times in UTC milliseconds."""

    kind: str
    words: str = ""
    topic: str = ""
    area: str = ""
    link: str = ""
    valid_from: int = 0
    valid_until: int | None = None


def scope_of(row: Row) -> Scope:
    """What the incident in a row covers."""
    return Scope(
        kind=Kind(row["kind"]),
        words=terms(row["words"]),
        topic=row["topic"],
        places=terms(row["area"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )


def folding(reader: Reader, now: int) -> str:
    """What folds at present, as lists ask for it; "" when no incident counts."""
    pairs = [(row["id"], lane) for row in rows.standing(reader, now) for lane in folding_lanes(Kind(row["kind"]))]
    return rows.folding(pairs) if pairs else ""


def open_incident(tx: Tx, house: House, written: Written, *, user: Row, now: int) -> int:
    """Open an incident, also ahead of its time; returns its number. A storm is declared by a senior."""
    _need(user, written.kind)
    columns = _columns(house, written)
    incident_id = rows.add(tx, {**columns, "opened_at": now, "opened_by": user["id"]})
    _log(tx, house, incident_id, "opened", user=user, now=now)
    return incident_id


def change(tx: Tx, house: House, incident_id: int, written: Written, *, version: int, user: Row, now: int) -> None:
    """Write an incident anew; every case is compared again."""
    was = _row(tx, incident_id)
    for kind in (was["kind"], written.kind):
        _need(user, kind)
    if was["ended_at"] is not None:
        raise Stale("This incident is over. Reopen it first.")
    rows.change(tx, incident_id, version=version, **_columns(house, written))
    _log(tx, house, incident_id, "changed", user=user, now=now)


def end(tx: Tx, house: House, incident_id: int, *, version: int, user: Row, now: int) -> None:
    """It is over: its cases stand for themselves again, and what has not left of its answers is withdrawn."""
    was = _row(tx, incident_id)
    _need(user, was["kind"])
    if was["ended_at"] is not None:
        return
    rows.change(tx, incident_id, version=version, ended_at=now, ended_by=user["id"])
    for batch in batch_rows.open_ones(tx, incident_id):
        if batch["kind"] == "answer":
            batches.cancel(tx, house, batch["id"], version=batch["version"], user=user, now=now)
    _log(tx, house, incident_id, "ended", user=user, now=now)


def reopen(tx: Tx, house: House, incident_id: int, *, version: int, user: Row, now: int) -> None:
    """It was not over. An end that had been set and is past is lifted with it."""
    was = _row(tx, incident_id)
    _need(user, was["kind"])
    until = was["valid_until"] if was["valid_until"] is None or was["valid_until"] > now else None
    rows.change(tx, incident_id, version=version, ended_at=None, ended_by=None, valid_until=until)
    _log(tx, house, incident_id, "reopened", user=user, now=now)


def take_out(tx: Tx, incident_id: int, case_id: int, *, user: Row, now: int) -> None:
    """A case does not belong to an incident, a person says; it stands for itself again."""
    need_role(user, Role.AGENT, Role.SENIOR)
    if rows.take_out(tx, incident_id, case_id):
        cases.note(tx, case_id, "not_this_incident", now, user_id=user["id"])


def _need(user: Row, kind: str) -> None:
    need_role(user, *((Role.SENIOR,) if kind == Kind.STORM else (Role.AGENT, Role.SENIOR)))


def _row(tx: Tx, incident_id: int) -> Row:
    row = rows.by_id(tx, incident_id)
    if row is None:
        raise Stale("This incident no longer exists.")
    return row


def _columns(house: House, written: Written) -> dict[str, object]:
    """The columns of an incident, each checked."""
    if written.kind not in set(Kind):
        raise IncidentRefused("kind")
    words, places = terms(written.words), terms(written.area)
    named = [word for word in words if not word.startswith("~")]
    if written.topic and written.topic not in house.config.triage.topics:
        raise IncidentRefused("topic")
    if written.kind != Kind.STORM and not named and not written.topic:
        raise IncidentRefused("nothing_named")
    if any(place.startswith("~") for place in places):
        raise IncidentRefused("place_excluded")
    if written.valid_until is not None and written.valid_until <= written.valid_from:
        raise IncidentRefused("end_first")
    fault = link_fault(written.link, allowed_hosts(house.brand), house.ruleset) if written.link else ""
    if fault:
        raise IncidentRefused(f"link_{fault}")
    return {
        "kind": written.kind,
        "words": "\n".join(words),
        "topic": written.topic,
        "area": "\n".join(places),
        "link": written.link,
        "valid_from": written.valid_from,
        "valid_until": written.valid_until,
    }


def _log(tx: Tx, house: House, incident_id: int, step: str, *, user: Row, now: int) -> None:
    row = _row(tx, incident_id)
    fields: dict[str, entries.Value] = {"incident": incident_id, "step": step, "by": house.keys.staff(user["id"], now)}
    fields |= {name: row[name] for name in ("kind", "topic", "link", "valid_from", "valid_until", "version")}
    fields |= {"words": len(terms(row["words"])), "places": len(terms(row["area"]))}
    entries.append(tx, EntryKind.INCIDENT, fields, now)


# the worker's look --------------------------------------------------------------------------------


def look(store: Store, house: House, now: int, stopping: Callable[[], bool]) -> int:
    """Compare what is new with every incident that counts; returns how many cases were compared.

    Each step is one short transaction and begins where the last one ended, whatever happened between. In a storm what
    was prepared and nobody has touched is set aside.
    """
    compared = 0
    for incident in rows.standing(store, now):
        scope, found = scope_of(incident), 1
        lens = Lens(scope, house.config.triage)
        while found and not stopping():
            found = _compare(store, incident["id"], lens)
            compared += found
        if scope.kind is Kind.STORM:
            with store.write() as tx:
                drafts.set_aside_prepared(tx, now)
    return compared


def _compare(store: Store, incident_id: int, lens: Lens) -> int:
    """One step of ``look``; how many cases it compared, 0 when nothing is new."""
    incident = rows.by_id(store, incident_id)
    if incident is None:
        return 0
    case_ids, cursor = rows.with_news(store, incident, STEP)
    if not case_ids:
        return 0
    fits = []
    posts = rows.to_compare(store, case_ids, incident["valid_from"])
    for case_id, of_case in groupby(posts, key=lambda row: int(row["case_id"])):
        found = list(of_case)
        own = [Post(row["text"], row["created_at"], bool(row["personal"])) for row in found]
        fit = lens.read(own, topic=found[0]["topic"], reason=found[0]["reason"])
        fits.append((case_id, fit.concerns, fit.folds))
    with store.write() as tx:
        return len(case_ids) if rows.compared(tx, incident, fits, cursor) else 0
