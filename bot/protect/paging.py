"""Paging: planned rounds become pages, pages are sent, timers that run out stand in the ledger (E-01).

A page is claimed in one transaction, sent, and marked in another. A worker that dies between them leaves a page of
which nobody knows whether it arrived: it is never sent again, and the next person of the chain is paged at once
instead. So nobody is paged twice with one page, and no alarm is forgotten. A channel that says no is another matter:
then the contact's next channel is tried, and after the last one the first again.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.config.protection import Chain, Paged, Protection
from bot.config.roster import Colleague, Duty, Roster
from bot.errors import EarshotError
from bot.model import AlarmKind
from bot.ports import Clock, Notifier
from bot.protect.alarm import FIRST_LOOK_MS, MINUTE_MS, log
from bot.protect.oncall import on_call
from bot.protect.page_words import words
from bot.store import alarms, pages
from bot.store.db import Row, Store, Tx

logger = logging.getLogger(__name__)

DECIDED_MS = 15 * MINUTE_MS
REPORTED_MS = 60 * MINUTE_MS
"""E-01: a human decides within 15 minutes; what they confirm is reported within 60."""

HOUR_MS = 60 * MINUTE_MS
MOST_AN_HOUR = 5
"""Consent rules, section 0: above so many pages an hour to one contact, further ones are joined to a digest."""

GATHER_MS = 45_000
"""A digest gathers for so long: what is acute is still paged within the minute."""

CLAIM_MS = 45_000
"""Longer than any channel takes (``notifiers.apprise``)."""

RETRY_MS = 30_000
"""After the last channel of a contact failed, the first is tried again so much later."""

LINK_MS = 24 * HOUR_MS
"""How long an acknowledge link holds."""

_DUTIES: dict[AlarmKind, Duty] = {
    AlarmKind.THREAT: "threat",
    AlarmKind.CRISIS: "crisis",
    AlarmKind.SECURITY: "security",
}


@dataclass(frozen=True, slots=True)
class Pager:
    """Who is paged under a configuration, and how.

    Attributes:
        protection: the chains.
        notifier: name of a secret -> the notifier behind it; raises ``EarshotError`` if it cannot be made.
        token: number of a page and when it was made -> the token of its link.
        desk: address at which people reach the desk, without a slash at its end.
        language: of contacts that name none.
        roster: who is on call when.
        zone: the brand's, in which the roster is written.
    """

    protection: Protection
    notifier: Callable[[str], Notifier]
    token: Callable[[int, int], str]
    desk: str
    language: str
    roster: Roster = field(default_factory=Roster)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def chain(self, kind: AlarmKind, *, first_look: bool) -> Chain:
        """Who is paged; a first look is that of ``threat`` where nobody is named for it."""
        if first_look and _ring(self.protection.first_look):
            return self.protection.first_look
        chains: dict[AlarmKind, Chain] = {
            AlarmKind.THREAT: self.protection.threat,
            AlarmKind.CRISIS: self.protection.crisis,
            AlarmKind.SECURITY: self.protection.security,
        }
        return chains[kind]

    def on_call(self, kind: AlarmKind, at: int, *, first_look: bool) -> Paged | None:
        """Who is on call for it now; those of ``first_look`` are named in ``protection.yaml`` alone."""
        if first_look and _ring(self.protection.first_look):
            return None
        found = on_call(self.roster, _DUTIES[kind], at, zone=self.zone, holidays=self.protection.holidays).person
        return None if found is None else _paged(found)

    def ring(self, kind: AlarmKind, at: int, *, first_look: bool) -> list[tuple[Paged, ...]]:
        """The rounds of an alarm, whoever is on call first.

        For a threat those of ``first`` are paged together with them: E-01 asks for the on-call senior and the health
        and safety board within the minute. Otherwise they come next.
        """
        rounds, duty = _ring(self.chain(kind, first_look=first_look)), self.on_call(kind, at, first_look=first_look)
        if duty is None:
            return rounds
        others = [tuple(one for one in group if one.name != duty.name) for group in rounds]
        if kind is AlarmKind.THREAT and not first_look and self.protection.threat.first:
            return [(duty, *others[0]), *(group for group in others[1:] if group)]
        return [(duty,), *(group for group in others if group)]

    def contact(self, kind: AlarmKind, name: str, *, first_look: bool) -> Paged | None:
        """The person called so, whether on call by now or not: a page planned for them is theirs."""
        known = self.roster.person(name)
        if known is not None and known.channels:
            return _paged(known)
        ring = _ring(self.chain(kind, first_look=first_look))
        return next((one for group in ring for one in group if one.name == name), None)


def token_hash(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def run(store: Store, pager: Pager, clock: Clock, stopping: Callable[[], bool] = lambda: False) -> int:
    """Plan what is due and send it; returns how many pages were tried. Safe to be killed anywhere."""
    if not alarms.standing(store):
        return 0
    with store.write() as tx:
        _give_up_cut_off(tx, clock.now())
        for escalation in alarms.rounds_due(tx, clock.now()):
            _plan_round(tx, pager, escalation, clock.now())
        pages.drop_needless(tx)
        _note_late(tx, clock.now())
    tried = 0
    while not stopping() and _send_next(store, pager, clock):
        tried += 1
    return tried


def _ring(chain: Chain) -> list[tuple[Paged, ...]]:
    """The rounds of a chain, each with who is paged in it."""
    return [each for each in (chain.first, *((one,) for one in chain.then)) if each]


def _paged(person: Colleague) -> Paged | None:
    """Somebody on call as somebody who is paged; None for whom no channel is named, which the configuration refuses."""
    return Paged(name=person.name, channels=person.channels, language=person.language) if person.channels else None


def is_first_look(escalation: Row) -> bool:
    """Whether it is a model's suspicion, which a trained person looks at before anybody else is paged."""
    return bool(escalation["kind"] == AlarmKind.THREAT and not escalation["acute"])


def _plan_round(tx: Tx, pager: Pager, escalation: Row, now: int) -> None:
    """One round's pages. Where nobody is named the round stays due: it is paged as soon as somebody is.

    Somebody who came on call since the alarm was raised is paged before the chain goes on.
    """
    kind, first_look = AlarmKind(escalation["kind"]), is_first_look(escalation)
    ring = pager.ring(kind, now, first_look=first_look)
    if not ring:
        return
    place = escalation["place"] if escalation["place"] < len(ring) else 0
    duty = pager.on_call(kind, now, first_look=first_look)
    group, following = ring[place], place + 1 if place + 1 < len(ring) else 0
    if place and duty and not pages.told_since(tx, duty.name, escalation["id"], escalation["rung_at"]):
        group, following = (duty,), place
    if pages.about_since(tx, escalation["id"], escalation["rung_at"]):
        log(tx, escalation["id"], kind, "unacknowledged", now, place=place)
    for contact in group:
        if not pages.waits(tx, contact.name, escalation["id"]):
            _plan_page(tx, contact, escalation, first_look=first_look, now=now)
    wait = pager.chain(kind, first_look=first_look).minutes * MINUTE_MS
    alarms.next_round(tx, escalation["id"], place=following, page_at=now + wait)


def _plan_page(tx: Tx, contact: Paged, escalation: Row, *, first_look: bool, now: int) -> None:
    """A page of its own, or a place in the contact's digest."""
    joined = pages.made_since(tx, contact.name, now - HOUR_MS) >= MOST_AN_HOUR
    due_at = now if not joined else now + (FIRST_LOOK_MS if first_look else GATHER_MS)
    page_id = pages.waiting_digest(tx, contact.name, AlarmKind(escalation["kind"])) if joined else None
    if page_id is None:
        row = {"kind": escalation["kind"], "contact": contact.name, "digest": joined, "first_look": first_look}
        page_id = pages.add(tx, row | {"made_at": now, "due_at": due_at})
    pages.about(tx, page_id, escalation["id"], due_at)


def _give_up_cut_off(tx: Tx, now: int) -> None:
    for page in pages.cut_off(tx, now):
        for escalation in pages.escalations_of(tx, page["id"]):
            log(tx, escalation["id"], AlarmKind(page["kind"]), "page_uncertain", now, page=page["id"])
            alarms.hasten(tx, escalation["id"], now)


def _note_late(tx: Tx, now: int) -> None:
    """Every timer that ran out, once."""
    late = (
        ("paged", alarms.unpaged_since(tx, rung_before=now - MINUTE_MS, look_before=now - FIRST_LOOK_MS - MINUTE_MS)),
        ("decided", alarms.undecided_since(tx, now - DECIDED_MS)),
        ("reported", alarms.unreported_since(tx, now - REPORTED_MS)),
    )
    for timer, rows in late:
        for row in rows:
            alarms.late(tx, row["id"], timer, now)
            log(tx, row["id"], AlarmKind(row["kind"]), "overdue", now, timer=timer)


def _send_next(store: Store, pager: Pager, clock: Clock) -> bool:
    """Claim, send and mark the page that is due longest; False when there is none."""
    now = clock.now()
    with store.write() as tx:
        page = pages.next_due(tx, now)
        if page is None:
            return False
        contact = _contact(pager, page)
        if contact is None:
            pages.drop(tx, page["id"])
            for escalation in pages.escalations_of(tx, page["id"]):
                alarms.hasten(tx, escalation["id"], now)
            return True
        token = pager.token(page["id"], page["made_at"])
        until = now + CLAIM_MS
        pages.claim(tx, page["id"], until=until, token_hash=token_hash(token), token_until=page["made_at"] + LINK_MS)
        about = pages.escalations_of(tx, page["id"])
    notice = words(
        AlarmKind(page["kind"]),
        [row["case_id"] for row in about if row["case_id"] is not None],
        first_look=bool(page["first_look"]),
        acknowledge=f"{pager.desk}/ack/{token}",
        desk=f"{pager.desk}/escalations" + (f"/{about[0]['id']}" if len(about) == 1 else ""),
        language=contact.language or pager.language,
    )
    channel = page["channel"] if page["channel"] < len(contact.channels) else 0
    try:
        pager.notifier(contact.channels[channel]).notify(notice)
    except EarshotError as error:
        logger.warning("a page was not taken by %s: %s", contact.channels[channel], type(error).__name__)
        _mark_failed(store, page, contact, channel, clock.now())
        return True
    _mark_sent(store, page, about, channel, clock.now())
    return True


def _contact(pager: Pager, page: Row) -> Paged | None:
    return pager.contact(AlarmKind(page["kind"]), page["contact"], first_look=bool(page["first_look"]))


def _mark_sent(store: Store, page: Row, about: list[Row], channel: int, now: int) -> None:
    with store.write() as tx:
        if pages.sent(tx, page["id"], now):
            for escalation in about:
                fields = {"page": page["id"], "channel": channel, "after_ms": now - escalation["rung_at"]}
                log(tx, escalation["id"], AlarmKind(page["kind"]), "paged", now, **fields)


def _mark_failed(store: Store, page: Row, contact: Paged, channel: int, now: int) -> None:
    """The next channel at once; after the last one the next person at once, and the first channel again later."""
    last = channel + 1 >= len(contact.channels)
    with store.write() as tx:
        following, due_at = (0, now + RETRY_MS) if last else (channel + 1, now)
        pages.failed(tx, page["id"], channel=following, due_at=due_at, cause=contact.channels[channel], at=now)
        if last and page["attempts"] < len(contact.channels):
            for escalation in pages.escalations_of(tx, page["id"]):
                log(tx, escalation["id"], AlarmKind(page["kind"]), "unreachable", now, page=page["id"])
                alarms.hasten(tx, escalation["id"], now)


def acknowledge(tx: Tx, token: str, now: int) -> None:
    """Somebody follows the link in a page: all that it tells of is in their hands. The link counts once."""
    page = pages.by_token(tx, token_hash(token), now)
    if page is None or not pages.use_token(tx, page["id"], now):
        return
    for escalation in pages.escalations_of(tx, page["id"]):
        if alarms.acknowledge(tx, escalation["id"], now, contact=page["contact"]):
            fields = {"page": page["id"], "after_ms": now - escalation["rung_at"]}
            log(tx, escalation["id"], AlarmKind(escalation["kind"]), "acknowledged", now, **fields)
