# ruff: noqa: INP001 - a folder of scripts, not a package
"""Houses to measure: a fresh one in a temporary folder, and one that has grown for a year."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import assess, ingest, keys
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.config.starter import starter_dir
from bot.desk import auth
from bot.model import Role
from bot.settings import Settings
from bot.store import users
from bot.wiring import Wiring

ROOT = Path(__file__).resolve().parent.parent
HANDLE = "fjordfon_hilft"
OPEN_EVERY = 4
"""One case in four is open."""

MENTIONS_A_CASE = 2.5


@dataclass(frozen=True)
class House:
    """A house in ``root`` that plays the posts of ``posts.jsonl``, all of which address us, at full pace."""

    root: Path
    wiring: Wiring
    config: ConfigSet

    @property
    def posts(self) -> Path:
        """The file that its source plays."""
        return self.root / "posts.jsonl"

    def listen(self, after_each: Callable[[int], None] = lambda _: None) -> int:
        """Take everything that waits through all stages; returns how many mentions came into the queue.

        ``after_each`` is told after each page how many have come so far.
        """
        wiring, config = self.wiring, self.config
        store, config_id, matcher = wiring.stores(), wiring.apply(config), wiring.matcher(config)
        connector = wiring.connector(config.platforms.sources[0])
        door, assessor = wiring.door(config, matcher), wiring.assessor(config, config_id, matcher)
        more, came = True, 0
        while more:
            more = ingest.poll(store, connector, door, wiring.clock)
            while done := assess.run(store, assessor, wiring.clock):
                came += done
            after_each(came)
        return came

    def bytes_on_disk(self) -> int:
        """Size of the database once everything stands in the file itself."""
        self.wiring.stores().connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.wiring.database.stat().st_size

    def sign_in(self) -> str:
        """The cookie of an agent's session."""
        store, now = self.wiring.stores(), self.wiring.clock.now()
        with store.write() as tx:
            user_id = users.add(
                tx,
                name="alice",
                role=Role.AGENT,
                initials="AL",
                password_hash="-",  # noqa: S106 - nobody signs in with it
                trained=True,
                at=now,
            )
        return auth.begin(store, user_id, now)

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """A command over this house as a process of its own; its first line is what it says when it is ready.

        ``more`` of the environment; whoever says how the log is to be written gets it on standard error.
        """
        settings = self.wiring.settings
        places = {f"EARSHOT_{name.upper()}": str(getattr(settings, name)) for name in Settings.model_fields}
        places = {name: place for name, place in places.items() if name.endswith("_DIR") and place != "None"}
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", "from bot.cli import main; main()", *words],
            env={**os.environ, **places, "EARSHOT_PORT": "0", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if more else subprocess.DEVNULL,
            text=True,
        )


def build(root: Path, texts: Sequence[str], config_dir: Path | None = None) -> House:
    """A fresh house with ``texts`` waiting in its source.

    Every post addresses us, which is the dearest case: each becomes a case with a draft. Under ``config_dir`` they are
    somebody else's posts as a watch hears them, as in ``earshot replay``.
    """
    root.mkdir(parents=True)
    settings = Settings(
        data_dir=root / "data", config_dir=root / "config", keys_dir=root / "keys", checkpoints_dir=root / "checkpoints"
    )
    (root / "config").symlink_to((config_dir or starter_dir()).resolve())
    keys.make(settings.keys_dir)
    config = load(settings.config_dir)
    played = {"file": str(root / "posts.jsonl"), "posts_per_minute": 0, "timeline": str(root / "timeline.jsonl")}
    source = config.platforms.sources[0].model_copy(update=played)
    platforms = config.platforms.model_copy(update={"sources": (source,)})
    house = House(root, Wiring(settings), config.model_copy(update={"platforms": platforms}))
    write_posts(house.posts, texts, addressing=[] if config_dir else [HANDLE])
    return house


def write_posts(file: Path, texts: Sequence[str], *, addressing: Sequence[str], first: int = 0) -> None:
    """Posts of one author each that mention the handles ``addressing``."""
    with file.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(texts, start=first):
            post = {"id": str(number), "author": f"author{number}", "text": text, "mentions": [*addressing]}
            lines.write(json.dumps(post) + "\n")


def grow(house: House, mentions: int) -> None:
    """Multiply what the house holds to ``mentions`` mentions, a tenth as many open cases, all rows that belong to them.

    Written past the program, in one transaction: it is the rows that are measured here, not how they came.
    """
    connection = sqlite3.connect(house.wiring.database, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    copies = _Copies(connection)
    known = connection.execute("SELECT * FROM mentions WHERE stage = 'assessed' ORDER BY id").fetchall()
    for number in range(mentions - len(known)):
        copies.add(known[number % len(known)], number)
    copies.flush()
    connection.execute("COMMIT")
    connection.close()


class _Copies:
    """Copies of mentions with their matches, findings, cases and events, inserted by the thousand."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._mention = connection.execute("SELECT max(id) FROM mentions").fetchone()[0]
        self._case = connection.execute("SELECT max(id) FROM cases").fetchone()[0]
        self._rows: dict[str, list[dict[str, object]]] = {}
        self._below = {table: self._by_mention(table) for table in ("matches", "findings")}
        self._cases = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM cases")}

    def _by_mention(self, table: str) -> dict[int, list[dict[str, object]]]:
        found: dict[int, list[dict[str, object]]] = {}
        for row in self._connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - one of two names above
            found.setdefault(row["mention_id"], []).append(dict(row))
        return found

    def add(self, mention: sqlite3.Row, number: int) -> None:
        """One more mention like ``mention``; every few of them begin a case."""
        self._mention += 1
        if number % int(2 * MENTIONS_A_CASE) in {0, 2}:
            self._begin_case(self._cases[mention["case_id"]], number)
        own = {"id": self._mention, "case_id": self._case, "native_id": f"n{number}", "author_id": f"a{number}"}
        times = {"created_at": mention["created_at"] - number * 1000}
        self._put("mentions", {**dict(mention), **own, **times, "canonical_key": f"copy:{number}"})
        for table, rows in self._below.items():
            for row in rows.get(mention["id"], ()):
                self._put(table, {**row, "mention_id": self._mention})

    def _begin_case(self, case: dict[str, object], number: int) -> None:
        self._case += 1
        state = "new" if self._case % OPEN_EVERY == 0 else "closed"  # the few that came themselves are open, too
        own = {"id": self._case, "author_id": f"a{number}", "thread_key": f"t{number}", "state": state}
        self._put("cases", {**case, **own, "latest_mention": self._mention, "claimed_by": None})
        event = {"case_id": self._case, "at": case["opened_at"], "kind": "opened", "user_id": None, "note": ""}
        self._put("case_events", event)

    def _put(self, table: str, row: dict[str, object]) -> None:
        rows = self._rows.setdefault(table, [])
        rows.append(row)
        if len(rows) >= 5_000:  # noqa: PLR2004 - enough for one statement
            self.flush()

    def flush(self) -> None:
        """Write what is gathered, cases first: mentions point at them."""
        for table in ("cases", "mentions", "matches", "findings", "case_events"):
            rows = self._rows.pop(table, [])
            if rows:
                names = ", ".join(rows[0])
                marks = ", ".join(f":{name}" for name in rows[0])
                self._connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - ours
