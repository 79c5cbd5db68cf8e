"""Which entries of the ledger tell of one reply, and what we still hold of the post that it answered."""

import json

from bot.store.db import Reader, Row

_FACT = "json_extract(CAST(body AS TEXT), '$.{}')"
_TYPE, _DRAFT, _RESULT, _PHASE = (_FACT.format(name) for name in ("type", "draft", "result", "phase"))


def decision_before(reader: Reader, draft_id: int, seq: int) -> dict[str, object] | None:
    """Body of the last look's decision about a draft that stands before entry ``seq``, or in it."""
    row = reader.row(
        f"""SELECT body FROM log WHERE seq <= :seq AND {_TYPE} = 'DECISION' AND {_PHASE} = 'dispatch'
        AND {_DRAFT} = :draft ORDER BY seq DESC LIMIT 1""",  # noqa: S608 - names of ours
        seq=seq,
        draft=draft_id,
    )
    found: dict[str, object] | None = None if row is None else json.loads(row["body"])
    return found


def sent_entry(reader: Reader, case_id: int) -> int | None:
    """Number of the entry that tells of the newest reply in a case that left; None if none did."""
    approved = reader.row(
        """SELECT d.draft_id, max(a.seq) AS seq FROM dispatches d JOIN approvals a ON a.draft_id = d.draft_id
        WHERE d.case_id = :case AND d.sent_at IS NOT NULL GROUP BY d.id ORDER BY d.id DESC LIMIT 1""",
        case=case_id,
    )
    if approved is None:
        return None
    seq: int | None = reader.value(
        f"""SELECT seq FROM log WHERE seq > :after AND {_TYPE} = 'SEND_RESULT' AND {_RESULT} = 'sent'
        AND {_DRAFT} = :draft ORDER BY seq LIMIT 1""",  # noqa: S608 - names of ours
        after=approved["seq"],
        draft=approved["draft_id"],
    )
    return seq


def answered_post(reader: Reader, draft_id: int) -> Row | None:
    """Account, date and form of address of the post that a draft answers; None once it is erased."""
    return reader.row(
        """SELECT m.account, m.created_at, d.address FROM drafts d JOIN mentions m ON m.id = d.mention_id
        WHERE d.id = :id""",
        id=draft_id,
    )
