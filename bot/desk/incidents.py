"""Incidents in words: the rows that fold, the banner, the page of one, the results of an answer. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.desk import words
from bot.desk.i18n import _, lazy_gettext
from bot.desk.reasons import cause_words, topic_word
from bot.desk.state import house, now, user, zone
from bot.desk.text import TEASER, name, visible
from bot.gate.sentences import title as rule_title
from bot.incidents import IncidentRefused, Kind
from bot.model import DispatchState
from bot.review.acts import signed
from bot.review.open_incidents import Written
from bot.store import batches, queue
from bot.store import incidents as rows
from bot.store.db import Reader, Row

KINDS: Mapping[Kind, str] = {
    Kind.OUTAGE: lazy_gettext("Outage"),
    Kind.MAINTENANCE: lazy_gettext("Maintenance"),
    Kind.LAUNCH: lazy_gettext("Launch"),
    Kind.STORM: lazy_gettext("Storm of anger"),
}

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "": (lazy_gettext("its turn comes"), "quiet"),
    "held": (lazy_gettext("held for a person"), "warn"),
    "denied": (lazy_gettext("denied by the gate"), "bad"),
    "changed": (lazy_gettext("changed or gone meanwhile"), "quiet"),
    "withdrawn": (lazy_gettext("withdrawn"), "quiet"),
}
"""What became of a post of an answer, with its tone; once it is queued its dispatch tells."""

_TONES = {DispatchState.SENT: "ok", DispatchState.REFUSED: "bad", DispatchState.UNCERTAIN: "warn"}
_LOCAL = "%Y-%m-%dT%H:%M"
"""How a browser writes a time without a zone."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The one row in which the cases of an incident stand."""

    id: int
    kind: str
    title: str
    n: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident that counts now; of a case, ``folded`` says whether it stands in the incident's row."""

    id: int
    kind: str
    title: str
    since: int
    folded: int
    link: str


@dataclass(frozen=True, slots=True)
class Result:
    """One post of an answer with what became of it. ``post`` is the beginning of the author's own words."""

    draft_id: int
    case_id: int
    handle: str
    platform: str
    post: str
    text: str
    told: str
    tone: str
    why: str
    url: str
    at: int | None


def title(row: Row) -> str:
    """What an incident is called: its kind, and the places, else the first word, else the topic."""
    about = row["area"].replace("\n", ", ") or (row["words"].splitlines() or [""])[0]
    about = about or (row["topic"] and topic_word(row["topic"]))
    return ": ".join(filter(None, (str(KINDS[Kind(row["kind"])]), name(about))))


def title_of(reader: Reader, incident_id: int) -> str:
    """The same of an incident by its number; an unknown one has the name of its room."""
    row = rows.by_id(reader, incident_id)
    return title(row) if row else _("Incidents")


def folds(reader: Reader, wanted: queue.Wanted) -> tuple[Fold, ...]:
    """The rows that stand for the wanted cases which fold; none while one of them is unfolded."""
    if not wanted.folding or wanted.incident:
        return ()
    known = {row["id"]: row for row in rows.standing(reader, now())}
    found = queue.folds(reader, wanted, now=now())
    return tuple(
        Fold(row["incident"], known[row["incident"]]["kind"], title(known[row["incident"]]), row["n"]) for row in found
    )


def standing(reader: Reader) -> tuple[Standing, ...]:
    """The incidents that count now, oldest first."""
    return tuple(_standing(row, rows.counts(reader, row["id"])[1]) for row in rows.standing(reader, now()))


def of_case(reader: Reader, case_id: int) -> tuple[Standing, ...]:
    """The incidents that a case concerns now."""
    return tuple(_standing(row, row["folds"]) for row in rows.of_case(reader, case_id, now()))


def _standing(row: Row, folded: int) -> Standing:
    return Standing(row["id"], row["kind"], title(row), row["valid_from"], folded, row["link"])


def state(row: Row) -> tuple[str, str]:
    """How an incident stands, with its tone."""
    if row["ended_at"] is not None or (row["valid_until"] is not None and row["valid_until"] <= now()):
        return _("over"), "quiet"
    return (_("planned"), "accent") if row["valid_from"] > now() else (_("open"), "warn")


def results(reader: Reader, batch: Row) -> list[Result]:
    """Every post of an answer with what became of it; before the first approval signed as this reader would."""
    found = batches.posts(reader, batch["id"])
    if batch["signed_by"] is not None or batch["cancelled_at"] is not None:
        return [_result(row, row["text"]) for row in found]
    return [_result(row, signed(reader, house(), row, user())) for row in found]


def _result(row: Row, text: str) -> Result:
    why = ""
    if row["dispatch_state"] is not None and row["outcome"] != "withdrawn":
        state_now = DispatchState(row["dispatch_state"])
        told, tone = str(words.DISPATCHES[state_now]), _TONES.get(state_now, "quiet")
        if state_now in {DispatchState.REFUSED, DispatchState.UNCERTAIN} and row["cause"]:
            why = cause_words(row["cause"])[0]
    else:
        told, tone = (str(word) for word in OUTCOMES[row["outcome"]])
        why = rule_title(row["rule"], words.language_code()) if row["rule"] else ""
    return Result(
        draft_id=row["draft_id"],
        case_id=row["case_id"],
        handle=name(row["author_handle"]),
        platform=words.platform(row["platform"]),
        post=visible(row["post"][:TEASER]) + ("…" if len(row["post"]) > TEASER else ""),
        text=text,
        told=told,
        tone=tone,
        why=why,
        url=row["remote_url"] or "",
        at=row["sent_at"] or (row["due_at"] if row["outcome"] == "" else None),
    )


def sums(found: list[Result]) -> list[tuple[str, str, int]]:
    """How many posts of an answer stand where: word, tone, number, as they first come up."""
    kinds = dict.fromkeys((one.told, one.tone) for one in found)
    return [(told, tone, sum(one.told == told for one in found)) for told, tone in kinds]


def topics() -> list[tuple[str, str]]:
    """The topics to choose from: name and how the desk calls it; the urgent ones first."""
    rules = house().config.triage
    ordered = sorted(rules.topics, key=lambda topic: topic not in rules.urgent_topics)
    return [(topic, topic_word(topic)) for topic in ordered]


def form_of(row: Row) -> dict[str, str]:
    """An incident as its form shows it."""
    plain = {name: row[name] for name in ("kind", "words", "topic", "area", "link")}
    return {**plain, "valid_from": local(row["valid_from"]), "valid_until": local(row["valid_until"])}


def local(at: int | None) -> str:
    """A time as a field of the form shows it, in the brand's zone; "" for none."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, zone()).strftime(_LOCAL)


def read_form(form: Mapping[str, str]) -> Written:
    """What a form says. An empty beginning is now.

    Raises:
        IncidentRefused: a time is none.
    """
    return Written(
        kind=form.get("kind", ""),
        words=form.get("words", ""),
        topic=form.get("topic", ""),
        area=form.get("area", ""),
        link=form.get("link", "").strip(),
        valid_from=_time(form.get("valid_from", ""), zone()) or now(),
        valid_until=_time(form.get("valid_until", ""), zone()),
    )


def _time(written: str, where: tzinfo) -> int | None:
    if not written.strip():
        return None
    try:
        return int(datetime.strptime(written.strip()[:16], _LOCAL).replace(tzinfo=where).timestamp() * 1000)
    except ValueError as error:
        raise IncidentRefused("time", written.strip()[:20]) from error


def told() -> dict[str, str]:
    """The short words after acts in this room."""
    return {
        "incident_opened": _("The incident is open. Its cases fold within seconds."),
        "incident_changed": _("The incident is changed. Its cases are compared anew."),
        "incident_ended": _("The incident is over. Its cases stand for themselves again."),
        "incident_reopened": _("The incident is open again."),
        "taken_out": _("The case stands for itself again."),
        "batch_prepared": _("Prepared. Nothing leaves before you approve."),
        "batch_approved": _("Approved. The replies leave one after the other."),
        "batch_signed": _("Approved by you. A second person sets it in motion."),
        "batch_cancelled": _("Withdrawn. What had left stays."),
        "left_out": _("Left out."),
    }
