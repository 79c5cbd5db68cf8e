"""Asking the gate: as a preview that writes nothing, or as a decision that is logged in the same transaction."""

from collections.abc import Sequence

from bot import __version__
from bot.gate.decide import decide
from bot.gate.facts import Approval, Phase, slotted, text_hash
from bot.gate.hits import Hit, hits
from bot.gate.rule import Question
from bot.gate.rules.origin import identifiers_in
from bot.ledger import entries
from bot.ledger.entries import Value
from bot.model import Decision, EntryKind, Outcome, RuleResult
from bot.review import facts
from bot.review.house import House
from bot.review.rows import Rows
from bot.store import drafts, mentions, sources, standing
from bot.store.db import Reader, Row, Tx


def hash_of(house: House, rows: Rows, text: str) -> str:
    """What an approval of ``text`` names, as a reply to the post of ``rows``."""
    return text_hash(text, rows.mention["author_handle"], own_accounts(house, rows))


def own_accounts(house: House, rows: Rows) -> frozenset[str]:
    """Our accounts where the post of ``rows`` was read."""
    return facts.own_names(house.brand, mentions.to_mention(rows.mention))


def own_approval(house: House, rows: Rows, user: Row, text: str, now: int) -> Approval:
    """The approval that ``user`` is giving right now for exactly ``text``."""
    return Approval(
        by=str(user["id"]),
        role=user["role"],
        text_hash=hash_of(house, rows, text),
        at=now,
        trained=bool(user["trained"]),
        languages=frozenset(user["languages"].split()),
    )


def ask(
    reader: Reader,
    house: House,
    rows: Rows,
    *,
    text: str,
    phase: Phase,
    approvals: Sequence[Approval],
    now: int,
    author: str = "",
) -> Decision:
    """Run the gate over the rows as they are. ``author`` stands in as long as nobody wrote the draft."""
    snapshot = facts.snapshot(reader, house, rows, now)
    draft = facts.draft_facts(rows, text, snapshot.status, author=author)
    around = facts.context(reader, house, rows, phase=phase, now=now, approvals=approvals)
    return decide(snapshot, draft, around, house.ruleset)


def minded(reader: Reader, house: House, rows: Rows, *, text: str, now: int) -> tuple[Hit, ...]:
    """The words of ``text`` that rules mind, as a draft for this post, with a suggestion for each."""
    snapshot = facts.snapshot(reader, house, rows, now)
    draft = facts.draft_facts(rows, text, snapshot.status)
    around = facts.context(reader, house, rows, phase="preview", now=now, approvals=())
    return hits(Question(snapshot, draft, around, house.ruleset))


def preview(
    reader: Reader, house: House, draft_id: int, *, now: int, text: str | None = None, user: Row | None = None
) -> Decision:
    """What the gate would say now, for the panel. Writes nothing; it is not a decision."""
    rows = Rows(reader, draft_id)
    return ask(
        reader,
        house,
        rows,
        text=rows.draft["text"] if text is None else text,
        phase="preview",
        approvals=facts.stored_approvals(reader, draft_id),
        now=now,
        author="" if user is None else str(user["id"]),
    )


def log_decision(tx: Tx, house: House, rows: Rows, decision: Decision, *, text: str, phase: Phase, now: int) -> int:
    """Append the DECISION entry with every rule's answer; returns its number."""
    mention, draft = rows.mention, rows.draft
    subject = house.keys.author(mention["platform"], mention["author_id"])
    post: dict[str, Value] = {
        "post": mention["canonical_key"],
        "text_hash": mention["text_hash"],
        "author": mention["author_id"],
        "wire": text,
    }
    people: list[Value] = [
        {"by": house.keys.staff(row["user_id"], row["at"]), "seq": row["seq"]}
        for row in drafts.approvals(tx, draft["id"])
    ]
    told = "" if _holds_data(house, decision, text) else text
    body: dict[str, Value] = {
        "act": "PUBLIC_REPLY",
        "phase": phase,
        "outcome": decision.outcome.value,
        "case": rows.case["id"],
        "draft": draft["id"],
        "version": draft["version"],
        "platform": mention["platform"],
        "triggers": mention["triggers"],
        "visibility": mention["visibility"],
        "passed": " ".join(result.rule for result in decision.results if result.outcome is Outcome.ALLOW),
        "others": [_answer(result) for result in decision.results if result.outcome is not Outcome.ALLOW],
        "ruleset": decision.ruleset,
        "config": house.config_hash,
        "code": __version__,
        "origin": draft["origin"],
        "template": draft["template"],
        "server_rules": sources.server_rules(tx, mention["source"]),
        "target": entries.commit(tx, "target", subject, post),
        "text": slotted(told, mention["author_handle"], own_accounts(house, rows)),
        "text_hash": hash_of(house, rows, told),
        "approvals": people,
    }
    fired = ((result.rule, result.outcome.value) for result in decision.results if result.outcome is not Outcome.ALLOW)
    standing.fired(tx, mention["platform"], [("", decision.outcome.value), *fired], now)
    return entries.append(tx, EntryKind.DECISION, body, now)


def _holds_data(house: House, decision: Decision, text: str) -> bool:
    """Whether a text was denied because somebody's data stands in it: the ledger is for ever and holds none (A-03)."""
    denied = {(result.rule, result.code) for result in decision.results if result.outcome is Outcome.DENY}
    if ("C-22", "holds data") in denied:
        return True
    # C-25 also denies for what stands in the case; then our own words hold nothing that must go.
    found = identifiers_in(text, house.brand.personal_data.customer_numbers)
    return ("C-25", "off-platform") in denied and bool(found)


def _answer(result: RuleResult) -> Value:
    evidence: dict[str, Value] = dict(result.evidence)
    return {
        "rule": result.rule,
        "outcome": result.outcome.value,
        "code": result.code,
        "evidence": evidence,
        "missing": result.missing,
        "released": result.released,
    }
