"""Access for a person (Art. 15): everything that is held of one account, in plain words, with what the ledger opens to.

Nobody of the staff is named in it. Every look and every export is an entry of its own.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind
from bot.protect.erasure import escalated, names_of, need_senior
from bot.protect.ladder import step_of
from bot.store import incidents, ladder, opt_ins, people
from bot.store import log as ledger_rows
from bot.store.db import Reader, Row, Tx

Told = dict[str, Any]


def note(tx: Tx, keys: Keys, kind: EntryKind, platform: str, author_id: str, *, user: Row, now: int) -> None:
    """Write that a person looked at (ACCESS) or took along (EXPORT) what is held of an account."""
    need_senior(user)
    key = keys.author(platform, author_id)
    author = entries.commit(tx, "author", key, {"author": author_id, "platform": platform})
    fields: dict[str, entries.Value] = {"platform": platform, "author": author, "by": keys.staff(user["id"], now)}
    entries.append(tx, kind, {**fields, "step": "person"}, now)


def summary(reader: Reader, keys: Keys, platform: str, author_id: str, now: int) -> Told:
    """How much is held of an account, for a person at the desk or a terminal; counts and times, no words."""
    cases = people.cases_of(reader, platform, author_id, now)
    posts = people.posts_of(reader, platform, author_id)
    replies = people.of_cases(reader, "dispatches", [row["id"] for row in cases])
    handles, key = names_of(reader, platform, author_id), keys.author(platform, author_id)
    opted_in = opt_ins.in_force(reader, key, now)
    lifted = [row["lifted_at"] for row in people.opt_outs_of(reader, key)]
    return {
        "platform": platform,
        "account": author_id,
        "handles": handles,
        "posts": len(posts),
        "posts_with_words": sum(bool(row["text_hash"]) for row in posts),
        "cases": [row["id"] for row in cases],
        "replies_in_public": sum(row["state"] == "sent" for row in replies),
        "replies_on_the_way": people.on_the_way(reader, platform, author_id),
        "ledger_openings": len(people.openings_of(reader, key)),
        "opted_out": None in lifted,
        "opted_in": opted_in["until"] if opted_in else None,
        "named_by_others": people.named_by_others(
            reader, platform, author_id, [f"@{name.lower()}" for name in handles]
        ),
        "held": {row["id"]: row["held"] for row in cases if row["held"] is not None},
        "escalated": escalated(reader, platform, author_id, now),
    }


def export(reader: Reader, keys: Keys, platform: str, author_id: str, now: int) -> Told:
    """Everything that is held of an account, ready to be sent to the person as JSON."""
    cases = people.cases_of(reader, platform, author_id, now)
    posts = people.posts_of(reader, platform, author_id)
    key, case_ids = keys.author(platform, author_id), [row["id"] for row in cases]
    ids = [row["id"] for row in posts]
    return {
        "what_this_is": "Everything that we hold about this account: a copy under Art. 15 GDPR. Times are UTC.",
        "was_das_ist": "Alles, was wir zu diesem Konto speichern: eine Kopie nach Art. 15 DSGVO. Zeiten in UTC.",
        "made_at": _when(now),
        "platform": platform,
        "account_id": author_id,
        "handles": names_of(reader, platform, author_id),
        "your_posts": [_post(row) for row in posts],
        "earlier_wordings": _columns(people.of_posts(reader, "revisions", ids), "mention_id number text", "seen_at"),
        "words_that_made_us_listen": _columns(people.of_posts(reader, "matches", ids), "mention_id watch rule term"),
        "what_our_software_read_in_a_post": _columns(
            people.of_posts(reader, "findings", ids), "mention_id detector label score reason"
        ),
        "conversations": _columns(
            cases, "id lane priority state topic language reason account", "opened_at updated_at held"
        ),
        "what_happened": _columns(people.of_cases(reader, "case_events", case_ids), "case_id kind note", "at"),
        "noted_for_the_next_shift": _columns(people.of_cases(reader, "handover_notes", case_ids), "case_id text", "at"),
        "counted_among_many_in": _columns(incidents.of_cases(reader, case_ids), "case_id kind", "valid_from"),
        "suspected_of_acting_in_our_name": _columns(
            people.of_cases(reader, "security_cases", case_ids), "case_id kind signals outcome", "opened_at closed_at"
        ),
        "drafts_of_replies": _columns(
            people.of_posts(reader, "drafts", ids), "mention_id text prepared template state", "created_at updated_at"
        ),
        "our_replies": _columns(
            people.of_cases(reader, "dispatches", case_ids), "case_id text state remote_id remote_url", "sent_at"
        ),
        "answered_by_a_person_at_the_original": _columns(
            people.of_cases(reader, "hand_answers", case_ids), "case_id url", "at"
        ),
        "kept_as_evidence": _columns(
            people.of_cases(reader, "evidence", case_ids), "case_id state", "asked_at taken_at"
        ),
        "no_more_replies_wanted": _columns(people.opt_outs_of(reader, key), "", "at lifted_at"),
        "you_let_us_match_what_we_know_from_elsewhere": _columns(
            opt_ins.of_author(reader, key), "evidence", "given_at at until withdrawn_at"
        ),
        "our_warnings": _warnings(reader, key, now),
        "in_the_tamper_evident_ledger": _openings(reader, key),
        "posts_of_others_that_name_you": people.named_by_others(
            reader, platform, author_id, [f"@{name.lower()}" for name in names_of(reader, platform, author_id)]
        ),
    }


def _warnings(reader: Reader, author_key: str, now: int) -> Told:
    """The warnings that stand against a person, when each was given or withdrawn, and until when they are kept."""
    row, known = ladder.row_of(reader, author_key), ladder.of_author(reader, author_key)
    return {
        "where_it_stands": step_of(known, now).value,
        "kept_until": _when(row["forget_at"]) if row else None,
        "closed_at": _when(known.closed_at),
        "warnings": [
            {"incident_at": _when(rung.incident_at), "given_at": _when(rung.delivered_at)}
            | {"withdrawn_at": _when(rung.withdrawn_at)}
            for rung in known.rungs
        ],
    }


def _when(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _columns(rows: Iterable[Row], names: str, times: str = "") -> list[Told]:
    return [
        {name: row[name] for name in names.split()} | {name: _when(row[name]) for name in times.split()} for row in rows
    ]


def _post(row: Row) -> Told:
    [told] = _columns(
        [row],
        "id url native_id text declared_language visibility kind revision author_is_bot author_opted_out author_is_new"
        " source",
        "created_at fetched_at edited_at stood_at sealed_at",
    )
    return {
        **told,
        "answers_post": row["parent_key"],
        "thread": row["thread_key"],
        "attached": json.loads(row["extras"]),
        "last_look": None if row["status"] is None else json.loads(row["status"]),
    }


def _openings(reader: Reader, author_key: str) -> list[Told]:
    """What the vault opens of the person, each with the number, time and type of the entry that names it."""
    snapshots = {row["commitment"]: row for row in people.openings_of(reader, author_key)}
    found = []
    for rows in ledger_rows.chunks(reader) if snapshots else ():
        for seq, body, _, _ in rows:
            entry = json.loads(body)
            named = [value for value in entry.values() if isinstance(value, str) and value in snapshots]
            found += [
                {
                    "entry": seq,
                    "at": _when(entry["at"]),
                    "type": entry["type"],
                    "opens_to": json.loads(snapshots[commitment]["snapshot"]),
                }
                for commitment in named
            ]
    return found
