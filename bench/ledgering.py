# ruff: noqa: INP001 - a folder of scripts, not a package
"""How long a ledger of 100,000 entries takes to verify, next to a plain SHA-256 of the same bytes in the same run.

The plain one reads the same columns of the same rows from the same file and hashes them in one go; it checks nothing.
Entries are of the kinds, sizes and mix that a working house writes, with a checkpoint for each hundred and openings in
the vault. Each way takes its turn several times, and the median counts.
"""

import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figures import Figure
from bot import keys
from bot.ledger import entries
from bot.ledger.anchors import Compared, compare
from bot.ledger.checkpoint import sign, write
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Checkpoint, Tree, Verdict, digest, written
from bot.store import log
from bot.store.db import Store, Tx
from bot.store.migrate import migrate

ENTRIES = 100_000
CHECKPOINT_EVERY = 100
ROUNDS = 5
AT = 1_790_000_000_000
TEXT = "Danke für die Meldung, {author}. Wir prüfen die Leitung und melden uns hier wieder, sobald wir mehr wissen. ^AL"
RULES = "b" * 64
_RULES_PASSED = " ".join(f"C-{number:02}" for number in range(1, 33))


def ledger_figures(folder: Path) -> Iterator[Figure]:
    """Quick and full verification, as multiples of the plain hash."""
    root = folder / "ledger"
    store, known = _build(root)

    def quick() -> Compared:
        return compare(store, root / "checkpoints", known)

    def full() -> Compared:
        return compare_in_full(store, root / "checkpoints", known)

    ways: dict[str, Callable[[], object]] = {"plain": lambda: _plain(store), "quick": quick, "full": full}
    for verified in (quick(), full()):
        if verified.report.verdict is not Verdict.OK:
            raise ValueError(verified.report.sentence)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - begin)
    seconds = {name: statistics.median(taken) for name, taken in times.items()}
    name = f"{ENTRIES:,} entries"
    yield Figure(f"{name}, plain SHA-256", seconds["plain"], "s")
    yield Figure(f"{name}, quick verify / plain SHA-256", seconds["quick"] / seconds["plain"], most=3)
    yield Figure(f"{name}, full verify / plain SHA-256", seconds["full"] / seconds["plain"], most=50)
    yield Figure("SHA-256 alone, the bytes in memory", _in_memory(store), "s")
    store.close()


def _plain(store: Store) -> bytes:
    hashed = hashlib.sha256()
    for rows in log.chunks(store):
        for _, body, prev, own in rows:
            hashed.update(body)
            hashed.update(prev)
            hashed.update(own)
    return hashed.digest()


def _in_memory(store: Store) -> float:
    whole = b"".join(body + prev + own for rows in log.chunks(store) for _, body, prev, own in rows)
    begin = time.perf_counter()
    hashlib.sha256(whole).digest()
    return time.perf_counter() - begin


def _build(root: Path) -> tuple[Store, tuple[bytes, ...]]:
    """A ledger written past the program, in one transaction: it is its verification that is measured."""
    keys.make(root / "keys")
    migrate(root / "earshot.db")
    store, signer, tree, prev = Store(root / "earshot.db"), keys.load(root / "keys").signer, Tree(), bytes(32)
    with store.write() as tx:
        for seq in range(1, ENTRIES + 1):
            body = written(_entry(tx, seq))
            own = digest(prev, body)
            log.append(tx, seq, body, prev, own)
            tree.extend([own])
            prev = own
            if seq % CHECKPOINT_EVERY == 0:
                note = sign(Checkpoint(seq, tree.root()), signer)
                write(root / "checkpoints", seq, note)
                tx.insert("checkpoints", {"size": seq, "note": note, "at": AT + seq})
    return store, keys.published(root / "keys")


def _entry(tx: Tx, seq: int) -> dict[str, object]:
    """Of each four: a decision of the first look, an approval, a decision of the last look, and what became of it."""
    draft, turn = divmod(seq + 2, 4)
    text = hashlib.sha256(TEXT.encode()).hexdigest()
    facts: dict[str, object] = {"at": AT + seq, "draft": draft, "version": 1}
    if seq == 1:
        return facts | {"type": "CONFIG", "config": "c" * 64, "ruleset": RULES}
    if turn == 1:
        return facts | {"type": "APPROVAL", "by": "0123456789abcdef", "role": "agent", "text_hash": text}
    if turn == 3:  # noqa: PLR2004 - the last of four
        receipt = entries.commit(
            tx, "receipt", f"author-{draft}", {"id": str(draft), "url": "https://social.example/1"}
        )
        sent = {"dispatch": draft, "result": "sent", "cause": "", "text_hash": text, "receipt": receipt}
        return facts | {"type": "SEND_RESULT", **sent}
    return facts | {
        "target": entries.commit(tx, "target", f"author-{draft}", {"post": str(draft), "wire": TEXT}),
        "type": "DECISION",
        "act": "PUBLIC_REPLY",
        "phase": "approve" if turn == 0 else "dispatch",
        "outcome": "NOTE",
        "case": draft,
        "platform": "mastodon",
        "triggers": "mention",
        "visibility": "public",
        "passed": _RULES_PASSED,
        "others": [
            {"rule": "C-31", "outcome": "NOTE", "code": "unsure", "evidence": {}, "missing": False, "released": False}
        ],
        "ruleset": RULES,
        "config": "c" * 64,
        "code": "1.0",
        "origin": "template",
        "template": "outage_asked",
        "text": TEXT,
        "text_hash": text,
        "approvals": [{"by": "0123456789abcdef", "seq": seq}],
    }
