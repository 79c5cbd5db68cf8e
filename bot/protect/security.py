"""Security cases: what opens one, and what its people do with it (E-13).

Every act runs inside the caller's transaction and is an entry of its own, without a word or a name of anybody.
Raises throughout: ``Stale`` when something changed meanwhile, ``NotAllowed`` when a person may not.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.config.models import Brand, ConfigSet
from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import AlarmKind, EntryKind, Finding, Role
from bot.protect.alarm import raise_alarm, settle
from bot.protect.impostor import Own, Reply, Suspicion, digits, suspicion
from bot.store import cases, drafts, mentions, security
from bot.store.db import Reader, Row, Tx
from bot.withdrawal import withdraw

OUTCOMES = ("taken_down", "stays", "no_false_helper")
LONGEST_RECEIPT = 120


def own_of(brand: Brand) -> Own:
    """Our hosts and numbers, as the configuration names them."""
    values = [contact.value for contact in brand.contacts]
    hosts = {urlsplit(value).hostname for value in values} | set(brand.domains)
    numbers = {digits(value) for value in values if not value.startswith("http")}
    return Own(frozenset(host.lower() for host in hosts if host), frozenset(filter(None, numbers)))


def judged(reader: Reader, row: Row, findings: Sequence[Finding], config: ConfigSet) -> Suspicion | None:
    """Whether the post in ``row`` is a false helper's, for the place where it stands."""
    customer = security.customers_post(reader, row)
    said = {finding.detector: finding for finding in findings if not finding.failed}
    least = config.triage.scam_at

    def says(detector: str, label: str) -> bool:
        found = said.get(detector)
        return found is not None and found.label == label and found.score >= least

    reply = Reply(
        text=row["text"],
        lookalike=says("lookalike", "lookalike"),
        scam_words=says("scam", "scam"),
        new_account=None if row["author_is_new"] is None else bool(row["author_is_new"]),
        after_ms=None if customer is None else row["created_at"] - customer["created_at"],
    )
    return suspicion(reply, own_of(config.brand))


def open_case(tx: Tx, row: Row, case_id: int, suspected: Suspicion, now: int) -> None:
    """A false helper's post: the case of its account is a security case, and its people are told."""
    customer = security.customers_post(tx, row)
    new = security.put(
        tx,
        case_id=case_id,
        kind="false_helper",
        signals=" ".join(suspected.signals),
        mention_id=row["id"],
        customer=None if customer is None else customer["id"],
        at=now,
    )
    if new:
        raise_alarm(tx, case_id=case_id, kind=AlarmKind.SECURITY, acute=False, why="false_helper", now=now)


def open_report(tx: Tx, row: Row, case_id: int, now: int) -> None:
    """Somebody tells us that others act in our name."""
    put = security.put(
        tx, case_id=case_id, kind="report", signals="told-by-a-person", mention_id=row["id"], customer=None, at=now
    )
    if put:
        raise_alarm(tx, case_id=case_id, kind=AlarmKind.SECURITY, acute=False, why="impostor_report", now=now)


def open_by_hand(tx: Tx, keys: Keys, case_id: int, kind: str, *, user: Row, now: int) -> None:
    """A person sees what no detector saw: the account acts in our name ("false_helper"), or tells of one ("report").

    What was prepared for a false helper goes, and what was approved is called back.
    """
    case = cases.by_id(tx, case_id)
    row = None if case is None else mentions.by_id(tx, case["latest_mention"])
    if row is None or kind not in {"false_helper", "report"}:
        raise Stale("The post behind this case is gone.")
    customer = security.customers_post(tx, row)
    new = security.put(
        tx,
        case_id=case_id,
        kind=kind,
        signals="seen-by-a-person",
        mention_id=row["id"],
        customer=None if customer is None else customer["id"],
        at=now,
        by_person=True,
    )
    known = security.of_case(tx, case_id)
    if not new or known is None:
        raise Stale("This case is a security case already.")
    raise_alarm(tx, case_id=case_id, kind=AlarmKind.SECURITY, acute=False, why="human", now=now)
    _log(tx, known["id"], "opened_by_hand", now, by=keys.staff(user["id"], now), kind=kind)
    security.into_lane(tx, case_id, now)
    if kind == "false_helper":
        withdraw(tx, case_id, now, cause="lane_changed")
        drafts.set_aside(tx, case_id, now)


def may_look(config: ConfigSet, user: Row) -> bool:
    """Whether a person works on security cases: seniors, and the people whom protection.yaml names."""
    named = {name.casefold() for name in config.protection.security_people}
    return user["role"] == Role.SENIOR or str(user["name"]).casefold() in named


def need_security(config: ConfigSet, user: Row) -> None:
    """Refuse everybody else."""
    if not may_look(config, user):
        raise NotAllowed("Security cases are for seniors and for the people whom protection.yaml names.")


def report(tx: Tx, keys: Keys, security_id: int, *, version: int, receipt: str, user: Row, now: int) -> None:
    """The account was reported to its platform. ``receipt`` is what the platform calls the report, or nothing."""
    shown = " ".join(receipt.split())[:LONGEST_RECEIPT]
    _need(security.reported(tx, security_id, version=version, receipt=shown, at=now))
    _log(tx, security_id, "reported", now, by=keys.staff(user["id"], now), receipt=bool(shown))


def warn(tx: Tx, keys: Keys, security_id: int, *, version: int, user: Row, now: int) -> None:
    """A person posted the prepared warning on our own timeline, by hand."""
    _need(security.warned(tx, security_id, version=version, at=now))
    _log(tx, security_id, "warned", now, by=keys.staff(user["id"], now))


def close(tx: Tx, keys: Keys, security_id: int, *, version: int, outcome: str, user: Row, now: int) -> None:
    """It is over; nobody is paged for it any more."""
    if outcome not in OUTCOMES:
        raise Stale("Choose an outcome from the list.")
    _need(security.closed(tx, security_id, version=version, outcome=outcome, at=now))
    row = security.by_id(tx, security_id)
    if row is not None:
        settle(tx, row["case_id"], AlarmKind.SECURITY, now)
    _log(tx, security_id, "closed", now, by=keys.staff(user["id"], now), outcome=outcome)


def _need(changed: bool) -> None:  # noqa: FBT001 - reads as the sentence that it is
    if not changed:
        raise Stale("This security case changed meanwhile. Look at it again.")


def _log(tx: Tx, security_id: int, step: str, now: int, *, by: str, **more: entries.Value) -> None:
    fields: dict[str, entries.Value] = {"security": security_id, "step": step, "by": by}
    entries.append(tx, EntryKind.REPORT, {**fields, **more}, now)


def answers_judged(reader: Reader, row: Row, config: ConfigSet) -> list[tuple[Row, Suspicion]]:
    """Answers to the post in ``row`` that came in before it, and are a false helper's in the light of it."""
    answers = security.answers_to(reader, row)
    told = [(answer, judged(reader, answer, mentions.findings_of(reader, answer["id"]), config)) for answer in answers]
    return [(answer, suspected) for answer, suspected in told if suspected is not None]
