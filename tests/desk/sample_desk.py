"""A desk over a real database, and cases put into it through the store's own functions."""

import hashlib
import itertools
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

from bot import __version__
from bot.config.canonical import to_json, version_of
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.desk.app import create_app
from bot.desk.passwords import hash_password
from bot.drafting import propose
from bot.gate.ruleset import load_ruleset
from bot.keys import Keys
from bot.ledger import entries
from bot.ledger.checkpoint import sign
from bot.ledger.proof import Checkpoint, Tree
from bot.model import (
    Author,
    EntryKind,
    Finding,
    Lane,
    Match,
    Mention,
    Platform,
    PostStatus,
    Priority,
    Role,
    Triage,
    Trigger,
    Visibility,
)
from bot.ports import Clock
from bot.store import cases, drafts, log, mentions, sources, status, users
from bot.store import house as house_rows
from bot.store.db import Stores

CONFIG = Path(__file__).parents[2] / "config"
PASSWORD = "fjordfon-sample-only"
PEOPLE = (
    ("alice", Role.AGENT, "AB"),
    ("bob", Role.SENIOR, "KM"),
    ("charlie", Role.GUEST, "CH"),
    ("dora", Role.TRAINEE, "DR"),
)
KEYS = Keys(b"p" * 32, b"u" * 32, b"g" * 32)
MINUTE = 60_000

_hashed = hash_password(PASSWORD)


def standing(text_hash: str, at: int) -> PostStatus:
    """A post that stands in public and may be answered."""
    return PostStatus(
        checked_at=at,
        exists=True,
        visibility=Visibility.PUBLIC,
        http_status=200,
        text_hash=text_hash,
        author_is_bot=False,
        author_opted_out=False,
        author_active=True,
        author_blocks_us=False,
        replies_open=True,
        summoned=True,
    )


@cache
def sample_config() -> ConfigSet:
    """The configuration, read once a process: nothing changes it."""
    return load(CONFIG)


class Compiled(BytecodeCache):
    """Templates that an app of this process compiled before: each test makes an app of its own."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key + bucket.checksum in self.known:
            bucket.bytecode_from_string(self.known[bucket.key + bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


@dataclass
class SampleDesk:
    """A store with people and a configuration, and ways to let posts come in."""

    stores: Stores
    clock: Clock
    config: ConfigSet = field(default_factory=sample_config)
    people: dict[str, int] = field(default_factory=dict)
    config_id: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        now, body = self.clock.now(), to_json(self.config)
        with self.stores().write() as tx:
            for name, role, initials in PEOPLE:
                self.people[name] = users.add(
                    tx,
                    name=name,
                    role=role,
                    initials=initials,
                    password_hash=_hashed,
                    trained=role is Role.SENIOR,
                    at=now,
                )
            self.config_id = house_rows.add_config(tx, version_of(body), body, now)
            entries.append(tx, EntryKind.CONFIG, {"config": version_of(body)}, now)
            for source in self.config.platforms.sources:
                sources.register(tx, source.name, source.kind, source.account)
        self.beat()

    def beat(self) -> None:
        """The worker lives: heartbeat, verified ledger, fresh checkpoint."""
        now, tree = self.clock.now(), Tree()
        with self.stores().write() as tx:
            tree.extend([log.entry(tx, 1)["h"]])
            note = sign(Checkpoint(1, tree.root()), KEYS.signer)
            house_rows.start_health(tx, name="worker", pid=1, version=__version__, at=now)
            house_rows.set_verified(tx, "worker", ok=True, seq=1, at=now)
            house_rows.set_checkpoint(tx, "worker", 1, note, anchored=True, at=now)

    def app(self, **more: object):
        """The desk over this store."""
        app = create_app(stores=self.stores, keys=KEYS, clock=self.clock, ruleset=load_ruleset(), **more)
        app.jinja_env.bytecode_cache = COMPILED
        app.testing = False
        return app

    def hear(
        self,
        text: str,
        *,
        handle: str = "kaffee_und_kabel",
        lane: Lane = Lane.HELP,
        priority: Priority = Priority.MEDIUM,
        topic: str = "",
        language: str = "de",
        trigger: Trigger = Trigger.MENTION,
        terms: tuple[str, ...] = (),
        findings: tuple[Finding, ...] = (),
        reason: str = "question",
        age_ms: int = 14 * MINUTE,
        due_ms: int | None = 3 * 60 * MINUTE,
        thread: str = "",
        poison: bool = False,
        looked_at: bool = True,
        url: str = "",
    ) -> int:
        """One post comes in, is assessed, and becomes or joins a case; returns the case's number."""
        number, now = next(self._numbers), self.clock.now()
        mention = Mention(
            platform=Platform.REPLAY,
            surface="",
            account="fjordfon_hilft",
            native_id=str(number),
            canonical_key=f"replay:{number}",
            text=text,
            author=Author(f"id-{handle}", handle, is_bot=False, opted_out=False),
            created_at=now - age_ms,
            visibility=Visibility.PUBLIC,
            declared_language=language,
            root_key=thread,
            url=url,
        )
        triage = Triage(lane, priority, topic, reason, language, not_assessed=poison)
        matches = [
            Match("outage-de", "12", "watches/outage.yaml:14", term, (text.index(term), text.index(term) + len(term)))
            for term in terms
        ]
        with self.stores().write() as tx:
            known = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            _, mention_id = mentions.keep(
                tx, mention, triggers=(trigger,), source="samples", text_hash=known, suspect=False, at=now - age_ms
            )
            row = mentions.by_id(tx, mention_id)
            due = None if due_ms is None else now + due_ms
            case_id, _ = cases.attach(tx, row, triage, due_at=due, at=now - age_ms)
            mentions.save_assessment(tx, row, case_id=case_id, matches=matches, findings=findings, poison=poison)
            prepared = propose(self.config, mentions.by_id(tx, mention_id), cases.by_id(tx, case_id))
            if prepared is not None and drafts.open_of_case(tx, case_id) is None:
                drafts.add(
                    tx,
                    case_id=case_id,
                    mention_id=mention_id,
                    prepared=prepared,
                    config_id=self.config_id,
                    at=now,
                    user_id=None,
                )
            if looked_at:
                status.put(tx, mention_id, standing(known, now))
        return case_id

    def user(self, name: str):
        """A person's row."""
        return users.by_id(self.stores(), self.people[name])

    def draft(self, case_id: int):
        """The open draft of a case."""
        return drafts.open_of_case(self.stores(), case_id)


def abuse(text: str, word: str, score: int = 870) -> Finding:
    """What the abuse detector says when it found one word."""
    first = text.index(word)
    return Finding("abuse", "2", "abuse", score, ((first, first + len(word)),), "de.insult")
