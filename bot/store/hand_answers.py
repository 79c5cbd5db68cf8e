"""Answers that a person gave at the original: not sent by us, and counted where the rules count replies."""

from bot.store.db import Reader, Row, Tx


def add(tx: Tx, mention: Row, *, url: str, seq: int, at: int) -> None:
    """A person answered the post in ``mention``; ``url`` leads there, or is "". A second time changes nothing."""
    row = {"case_id": mention["case_id"], "mention_id": mention["id"], "canonical_target": mention["canonical_key"]}
    tx.insert("hand_answers", {**row, "url": url, "at": at, "seq": seq}, tail="ON CONFLICT (mention_id) DO NOTHING")


def of_case(reader: Reader, case_id: int) -> Row | None:
    """The newest answer by hand in a case, if any."""
    return reader.row("SELECT * FROM hand_answers WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=case_id)


def remove(tx: Tx, answer_id: int) -> bool:
    """It was none after all; False if somebody else said so already."""
    return bool(tx.run("DELETE FROM hand_answers WHERE id = :id", id=answer_id))
