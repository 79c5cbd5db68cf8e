"""A house's ledger with all that belongs to it, and what somebody can do to it who has the files, not the program.

It holds a reply that was held, approved and sent, a rotation of the key, a last checkpoint, and after it a second
reply, an opt-out and a remote deletion. What comes after the last checkpoint only the full verification can judge.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot import keys
from bot.gate.ruleset import ruleset_source
from bot.ledger import entries
from bot.ledger.checkpoint import sign, write
from bot.ledger.export import Wanted, export
from bot.ledger.proof import SIGNED_BEFORE, Checkpoint, Tree, digest, parsed, written
from bot.ledger.rotation import rotate
from bot.model import EntryKind
from bot.store import abroad
from bot.store.db import Store, Tx
from bot.store.migrate import migrate

AT = 1_790_000_000_000
RULES = sha256(ruleset_source()).hexdigest()
HANDLE = "kim.lovis"
LATER = AT + 3_600_000
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def decision(draft: int, text: str, outcome: str = "ALLOW", phase: str = "dispatch", **more: Any) -> dict[str, Any]:
    """The body of a DECISION as ``bot.review.decide`` writes it."""
    answers = [] if outcome == "ALLOW" else [answer(outcome)]
    body = {
        "act": "PUBLIC_REPLY",
        "phase": phase,
        "outcome": outcome,
        "draft": draft,
        "visibility": "public",
        "passed": "C-01 C-02",
        "others": answers,
        "ruleset": RULES,
        "text": text,
        "text_hash": sha256(text.encode()).hexdigest(),
    }
    return body | more


def answer(outcome: str, **more: Any) -> dict[str, Any]:
    """One rule's answer within a DECISION."""
    said = {"rule": "C-16", "outcome": outcome, "code": "echo", "evidence": {}, "missing": False, "released": False}
    return said | more


@dataclass(frozen=True)
class Sealed:
    """The folder of a house: ``data``, ``keys`` and ``checkpoints``."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "data" / "earshot.db"

    @property
    def keys(self) -> keys.Keys:
        return keys.load(self.root / "keys")

    @property
    def stolen(self) -> Ed25519PrivateKey:
        """The first signing key, as a thief had it before it was rotated away."""
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex((self.root / "stolen.key").read_text()))

    def connect(self) -> sqlite3.Connection:
        """A connection without any guard: triggers dropped, columns without types."""
        connection = sqlite3.connect(self.database, isolation_level=None)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        return connection

    def run(self, *statements: str, **values: object) -> None:
        connection = self.connect()
        for statement in statements:
            connection.execute(statement, values)
        connection.close()

    def loosen(self, table: str, columns: str) -> None:
        """Make a table take values of any type."""
        self.run(
            f"ALTER TABLE {table} RENAME TO strict_{table}",
            f"CREATE TABLE {table} ({columns})",
            f"INSERT INTO {table} SELECT {columns} FROM strict_{table}",  # noqa: S608 - names of ours
        )

    def bodies(self) -> list[bytes]:
        connection = sqlite3.connect(self.database)
        found = [body for (body,) in connection.execute("SELECT body FROM log ORDER BY seq")]
        connection.close()
        return found

    def rewrite(self, bodies: Iterable[bytes]) -> list[bytes]:
        """Replace the whole chain by one with these bodies, all hashes fitting; returns its hashes."""
        connection, prev, hashes = self.connect(), bytes(32), []
        connection.execute("DELETE FROM log")
        for seq, body in enumerate(bodies, start=1):
            own = digest(prev, body)
            connection.execute("INSERT INTO log VALUES (?, ?, ?, ?)", (seq, body, prev, own))
            hashes.append(own)
            prev = own
        connection.close()
        return hashes

    def change(self, wanted: Callable[[dict[str, Any]], bool], change: Callable[[dict[str, Any]], object]) -> None:
        """Change the last entry that ``wanted`` picks, and make all hashes after it fit."""
        bodies = self.bodies()
        place = max(place for place, body in enumerate(bodies) if wanted(json.loads(body)))
        facts = json.loads(bodies[place])
        change(facts)
        bodies[place] = written(facts)
        self.rewrite(bodies)

    def append(self, *facts: dict[str, Any] | bytes, at: int = LATER + 60_000) -> None:
        """Append entries whose hashes fit, which no checkpoint knows."""
        more = [one if isinstance(one, bytes) else written({"at": at, **one}) for one in facts]
        self.rewrite([*self.bodies(), *more])

    def notes(self) -> list[Path]:
        return sorted((self.root / "checkpoints").iterdir())

    def replace_checkpoints(self, notes: dict[int, str]) -> None:
        """Put other checkpoints into both places."""
        shutil.rmtree(self.root / "checkpoints")
        self.run("DELETE FROM checkpoints")
        for size, note in notes.items():
            write(self.root / "checkpoints", size, note)
            self.run("INSERT INTO checkpoints VALUES (:size, :note, 1)", size=size, note=note)

    def root_of(self, size: int) -> bytes:
        connection = sqlite3.connect(self.database)
        tree = Tree()
        tree.extend([own for (own,) in connection.execute("SELECT h FROM log ORDER BY seq LIMIT ?", (size,))])
        connection.close()
        return tree.root()

    def export(self, place: Path, **wanted: Any) -> Path:
        store = Store(self.database)
        try:
            export(store, self.keys, self.root / "checkpoints", Wanted(place, **wanted), now=LATER + 120_000)
        finally:
            store.close()
        return place


def build(root: Path) -> Sealed:
    """The ledger in ``root``, through the program's own functions."""
    house = Sealed(root)
    keys.make(root / "keys")
    (root / "stolen.key").write_bytes((root / "keys" / "signing.key").read_bytes())
    migrate(house.database)
    store = Store(house.database)
    with store.write() as tx:
        abroad.keep_ruleset(tx, RULES, ruleset_source(), AT)
        entries.append(tx, EntryKind.CONFIG, {"config": "c" * 64, "ruleset": RULES}, AT)
        _reply(tx, 1, "Hallo @{author}, wir prüfen das.", AT + 1_000)
    _checkpoint(store, house)
    rotate(store, house.keys, root / "keys", root / "checkpoints", AT + 5_000)
    _checkpoint(store, house)
    with store.write() as tx:
        _reply(tx, 2, "Danke, @{author}.", LATER)
        author = entries.commit(tx, "author", "subject-2", {"author": "9"})
        entries.append(tx, EntryKind.OPT_OUT, {"platform": "mastodon", "author": author, "step": "set"}, LATER + 10_000)
        gone = {"mention": 7, "noticed_at": LATER + 11_000, "hours": 24}
        entries.append(tx, EntryKind.DELETION, {**gone, "step": "noticed"}, LATER + 11_000)
        entries.append(tx, EntryKind.DELETION, {**gone, "step": "erased"}, LATER + 12_000)
    store.close()
    return house


def _reply(tx: Tx, draft: int, text: str, at: int) -> None:
    """A reply that the gate held at first, that was approved, and that was sent."""
    subject, by = f"subject-{draft}", "0" * 16
    target = entries.commit(tx, "target", subject, {"post": f"https://social.example/{draft}", "handle": HANDLE})
    held, allowed = decision(draft, text, "HOLD-self", "approve"), decision(draft, text, "NOTE", target=target)
    approved = {"draft": draft, "version": 1, "by": by, "text_hash": allowed["text_hash"]}
    receipt = entries.commit(tx, "receipt", subject, {"id": "1", "url": f"https://social.example/r{draft}"})
    sent = {"draft": draft, "dispatch": draft, "result": "sent", "text_hash": allowed["text_hash"], "receipt": receipt}
    kinds = (EntryKind.DECISION, EntryKind.APPROVAL, EntryKind.DECISION, EntryKind.SEND_RESULT)
    for late, (kind, facts) in enumerate(zip(kinds, (held, approved, allowed, sent), strict=True)):
        entries.append(tx, kind, facts, at + late)


def _checkpoint(store: Store, house: Sealed) -> None:
    size = store.value("SELECT max(seq) FROM log")
    note = sign(Checkpoint(size, house.root_of(size)), house.keys.signer)
    write(house.root / "checkpoints", size, note)
    with store.write() as tx:
        tx.insert("checkpoints", {"size": size, "note": note, "at": AT})


def repack(folder: Path, signer: Ed25519PrivateKey) -> None:
    """Make an export's manifest fit its files again and sign it: what only an insider with a key can do."""
    place = folder / "manifest.json"
    manifest = parsed(place.read_bytes())
    assert manifest is not None
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    place.write_bytes(written(manifest | {"files": files}))
    (folder / "manifest.sig").write_text(signer.sign(SIGNED_BEFORE + place.read_bytes()).hex())
