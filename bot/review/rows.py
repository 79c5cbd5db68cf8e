"""The rows behind one draft, read once: what both halves of the gate's input are built from."""

from bot.errors import Stale
from bot.store import cases, drafts, mentions
from bot.store.db import Reader, Row


class Rows:
    """The rows behind one draft, read once."""

    def __init__(self, reader: Reader, draft_id: int) -> None:
        self.draft = _needed(drafts.by_id(reader, draft_id), "This reply no longer exists.")
        self.mention = _needed(mentions.by_id(reader, self.draft["mention_id"]), "This post no longer exists.")
        self.case = _needed(cases.by_id(reader, self.draft["case_id"]), "This case no longer exists.")


def _needed(row: Row | None, sentence: str) -> Row:
    if row is None:
        raise Stale(sentence)
    return row
