"""The ledger: the seal, the entries, and one entry exactly as it is stored. Nothing here can change one."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request

from bot.desk import words
from bot.desk.i18n import _
from bot.desk.state import desk, house, store, user
from bot.ledger.anchors import compare
from bot.ledger.verify import Report, Verdict
from bot.ledger.verify import verify as verify_chain
from bot.model import EntryKind, Outcome
from bot.protect.holds import may_keep
from bot.review import why as why_of
from bot.store import house as house_rows
from bot.store import log, queue
from bot.store.db import Row
from bot.store.purge import ANSWERED_DAYS

ledger = Blueprint("ledger", __name__, url_prefix="/ledger")

PAGE = 50
_TONES = {Outcome.ALLOW: "allow", Outcome.DENY: "deny"}


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in plain words."""

    seq: int
    at: int
    kind: str
    title: str
    fact: str
    tone: str
    tone_word: str
    seal: str


@ledger.get("")
def show() -> str:
    """The seal and the newest entries."""
    return _page(None)


@ledger.post("/verify")
def verify() -> str:
    """Check the whole chain now, against all checkpoints that there are, and say what was found."""
    about = desk()
    if about.checkpoints_dir is None:
        return _page(verify_chain(store()))
    return _page(compare(store(), about.checkpoints_dir, about.keys.known).report)


def _page(report: Report | None) -> str:
    kind = request.args.get("type", "")
    if kind and kind not in set(EntryKind):
        abort(404)
    before = request.args.get("before", type=int)
    rows = queue.ledger_page(store(), before=before, kind=kind, limit=PAGE + 1)
    return render_template(
        "ledger.html",
        lines=[_line(row) for row in rows[:PAGE]],
        older=rows[PAGE - 1]["seq"] if len(rows) > PAGE else None,
        kind=kind,
        kinds=[(one.value, words.ENTRIES[one]) for one in EntryKind],
        health=house_rows.health(store()),
        size=log.head(store())[0],
        keeps_evidence=may_keep(user()),
        report=report,
        report_words=_report_words(report),
    )


def _report_words(report: Report | None) -> tuple[str, str, str]:
    if report is None:
        return "", "", ""
    if report.verdict is Verdict.OK:
        return "ok", _("Chain complete"), _("%(n)s entries checked just now, every one in its place.", n=report.seq)
    if report.verdict is Verdict.MISSING:
        told = _(
            "The chain ends at entry %(n)s, but a checkpoint saw more. Keep the file and call who runs the desk.",
            n=report.seq,
        )
        return "bad", _("Entries are missing"), told
    told = _(
        "Entry %(n)s does not fit. Nothing leaves any more. Keep the file and call who runs the desk.", n=report.seq
    )
    return "bad", _("The chain is broken"), told


@ledger.get("/<int:seq>")
def entry(seq: int) -> str:
    """One entry with its canonical JSON, and its neighbours."""
    row = log.entry(store(), seq)
    if row is None:
        abort(404)
    return render_template(
        "entry.html",
        line=_line(row),
        prev=_seal(row["prev"]),
        before=_neighbour(seq - 1),
        after=_neighbour(seq + 1),
        body=_pretty(row["body"]),
        digest=row["h"].hex(),
        answers=why_of.facts_of(store(), house(), seq) is not None,
    )


@ledger.get("/<int:seq>/why")
def why(seq: int) -> str:
    """The answer to "why did you write to me?" about one reply that left, in both languages."""
    facts = why_of.facts_of(store(), house(), seq)
    if facts is None:
        abort(404)
    letters = [(code, why_of.letter(facts, house(), code, kept_days=ANSWERED_DAYS)) for code in ("de", "en")]
    legal = house().brand.legal
    return render_template(
        "why.html",
        facts=facts,
        letters=letters,
        longest=why_of.LONGEST,
        lacking=[line for line in ("operator", "privacy_notice", "public_pages") if not getattr(legal, line)],
    )


def _neighbour(seq: int) -> EntryLine | None:
    row = log.entry(store(), seq)
    return None if row is None else _line(row)


def _line(row: Row) -> EntryLine:
    body = _parsed(row["body"])
    kind = body.get("type", "")
    outcome = body.get("outcome", "")
    tone = _TONES.get(Outcome(outcome), "hold") if outcome in set(Outcome) else ""
    return EntryLine(
        seq=row["seq"],
        at=body.get("at", 0),
        kind=kind,
        title=str(words.ENTRIES[EntryKind(kind)]) if kind in set(EntryKind) else kind,
        fact=_fact(body),
        tone=tone,
        tone_word={"allow": _("allowed"), "hold": _("held"), "deny": _("denied")}.get(tone, ""),
        seal=_seal(row["h"]),
    )


def _fact(body: dict[str, Any]) -> str:
    """A few facts of an entry in words: the case, the phase, the rules that stood against it, the result."""
    phases = {"approve": _("at approval"), "dispatch": _("at the last look"), "submit": _("at submission")}
    results = {
        "sent": _("sent in public"),
        "found": _("found in public after a restore"),
        "not_sent": _("not sent"),
        "uncertain": _("uncertain"),
        "refused": _("refused"),
        "stopped": _("everything stopped"),
        "lift_asked": _("first person agreed to lift"),
        "lifted": _("lifted"),
        "asked": _("asked for"),
        "done": _("done"),
        "flagged": _("flagged by a person"),
        "set": _("no more replies wanted"),
        "once": _("one answer allowed"),
        "answered_by_hand": _("a person answered at the original, not sent by us"),
        "not answered by hand": _("nobody answered at the original after all"),
        "attested": _("a senior vouched"),
        "attestation withdrawn": _("attestation withdrawn"),
        "place lifted": _("replies may go there again"),
    }
    others = body.get("others")
    rules = [str(one.get("rule", "")) for one in others if isinstance(one, dict)] if isinstance(others, list) else []
    parts = [
        phases.get(str(body.get("phase", "")), ""),
        results.get(str(body.get("result", body.get("step", ""))), ""),
        str(body.get("rule", "")),
        ", ".join(rules[:4]),
        _("case %(n)s", n=body["case"]) if "case" in body else "",
    ]
    return " · ".join(part for part in parts if part)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        known = json.loads(body)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _pretty(body: bytes) -> str:
    return json.dumps(_parsed(body), indent=2, ensure_ascii=False, sort_keys=True)


def _seal(digest: bytes) -> str:
    known = digest.hex()
    return f"{known[:4]}…{known[-2:]}"
