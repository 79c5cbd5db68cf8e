"""A whole house in a temporary folder: configuration, keys, store, and posts that come through the real stages."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from timelines import read_timeline
from trained import THREAT_RULES, standard

from bot import __version__, assess, ingest, keys, recheck
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.config.starter import starter_dir
from bot.connectors.replay_timeline import Reply
from bot.dispatch import Dispatcher
from bot.ledger.keeper import Keeper
from bot.model import Role
from bot.ports import Clock, Publisher
from bot.review import acts
from bot.review.acts import Verdict
from bot.settings import Settings
from bot.store import drafts, users
from bot.store import house as house_rows
from bot.store.db import Row, Store
from bot.wiring import Wiring

HANDLE = "fjordfon_hilft"


@dataclass
class HouseInATent:
    """Every stage by hand, at the test's own time."""

    root: Path
    clock: Any
    wiring: Wiring
    config: ConfigSet
    publishers: dict[str, Publisher] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.wiring.stores()

    @property
    def posts(self) -> Path:
        return self.root / "posts.jsonl"

    @property
    def timeline(self) -> Path:
        return self.root / "timeline.jsonl"

    def hear(self, *posts: dict[str, object]) -> None:
        """Append posts to the file and take them through ingest and assess."""
        with self.posts.open("a", encoding="utf-8") as file:
            for post in posts:
                file.write(json.dumps(post) + "\n")
        self.listen()

    def listen(self) -> None:
        source = self.config.platforms.sources[0]
        matcher = self.wiring.matcher(self.config)
        config_id = self.wiring.apply(self.config)
        connector, door = self.wiring.connector(source), self.wiring.door(self.config, matcher)
        while ingest.poll(self.store, connector, door, self.clock):
            pass
        self.assess(config_id)

    def assess(self, config_id: int = 1) -> None:
        assessor = self.wiring.assessor(self.config, config_id, self.wiring.matcher(self.config))
        while assess.run(self.store, assessor, self.clock):
            pass

    def beat(self) -> None:
        """What the worker does every few seconds: sign of life, verify, checkpoint, recheck."""
        keeper = Keeper(self.wiring.stores, self.wiring.keys, self.root / "checkpoints", self.clock)
        if house_rows.health(self.store) is None:
            with self.store.write() as tx:
                house_rows.start_health(tx, name="worker", pid=1, version=__version__, at=self.clock.now())
        with self.store.write() as tx:
            house_rows.beat(tx, "worker", self.clock.now(), 0)
        keeper.verify_all("worker")
        keeper.checkpoint("worker")
        recheck.run(self.store, self.publishers, self.clock)

    def case(self, handle: str) -> Row:
        row = self.store.row("SELECT * FROM cases WHERE author_handle = :h ORDER BY id DESC", h=handle)
        assert row is not None, f"no case of {handle}"
        return row

    def user(self, name: str) -> Row:
        row = users.by_name(self.store, name)
        assert row is not None
        return row

    def open(self, handle: str, name: str = "alice") -> Row:
        """Open a case as a person; returns its draft."""
        with self.store.write() as tx:
            acts.open_case(tx, self.wiring.house(tx), self.case(handle)["id"], self.user(name), self.clock.now())
        self.beat()
        draft = drafts.open_of_case(self.store, self.case(handle)["id"])
        assert draft is not None, "nothing can be answered here"
        return draft

    def approve(self, handle: str, text: str, name: str = "alice") -> Verdict:
        draft = self.open(handle, name)
        with self.store.write() as tx:
            return acts.approve(
                tx,
                self.wiring.house(tx),
                draft["id"],
                version=draft["version"],
                text=text,
                user=self.user(name),
                now=self.clock.now(),
            )

    def send(self) -> int:
        self.beat()
        dispatcher = Dispatcher(self.store, lambda: self.wiring.house(self.store), self.publishers, self.clock)
        return dispatcher.run()

    def said(self) -> list[Reply]:
        """Our public replies that stand."""
        return read_timeline(self.timeline)

    def entries(self, kind: str) -> list[dict[str, object]]:
        rows = self.store.rows("SELECT body FROM log ORDER BY seq")
        return [body for body in (json.loads(row["body"]) for row in rows) if body["type"] == kind]


_OPENINGS = (
    "Danke für die Meldung, wir prüfen die Leitung.",
    "Wir sehen uns den Anschluss gerade an und messen ihn durch.",
    "In deiner Straße arbeitet heute jemand am Verteiler.",
    "Zieh bitte das Netzteil und steck es nach einer Minute wieder ein.",
    "Am Mast ist eine Platine defekt, Ersatz ist unterwegs.",
    "Bei uns ist noch keine Meldung aus deinem Ort eingegangen.",
)
_ENDINGS = (
    "Sag uns bitte, ob es danach besser wird.",
    "Wir melden uns hier im Faden mit dem Ergebnis.",
    "Den Stand dazu liest du auf unserer Seite.",
    "Leuchtet die Lampe am Gerät grün oder rot?",
    "Hast du es auch mit einem Kabel versucht?",
)


def own_words(turn: int) -> str:
    """A reply unlike those of the 29 turns around it: rule C-15 holds what was said to somebody else already."""
    return f"{_OPENINGS[turn % len(_OPENINGS)]} {_ENDINGS[turn // len(_OPENINGS) % len(_ENDINGS)]} ^AL"


def post(native_id: str, author: str, text: str, **more: object) -> dict[str, object]:
    """A line of a replay file that mentions us, unless told otherwise."""
    return {"id": native_id, "author": author, "text": text, "mentions": [HANDLE], **more}


@cache
def starter() -> ConfigSet:
    """The configuration that ``earshot init`` writes, read once."""
    return load(starter_dir())


def pitch(root: Path, clock: Clock) -> HouseInATent:
    """A house whose only source is a replay file in ``root``."""
    config = starter()
    source = config.platforms.sources[0].model_copy(
        update={"file": str(root / "posts.jsonl"), "posts_per_minute": 0, "timeline": str(root / "timeline.jsonl")}
    )
    root.mkdir(parents=True, exist_ok=True)
    (root / "posts.jsonl").touch()
    return pitch_with(root, clock, with_source(config, source))


def with_source(config: ConfigSet, source: BaseModel) -> ConfigSet:
    """The configuration with this one source and no other."""
    return config.model_copy(update={"platforms": config.platforms.model_copy(update={"sources": (source,)})})


def pitch_with(root: Path, clock: Clock, config: ConfigSet) -> HouseInATent:
    """A house in ``root`` under ``config``, with alice (agent), bob (senior, trained) and charlie (guest)."""
    settings = Settings(
        data_dir=root / "data",
        config_dir=starter_dir(),
        keys_dir=root / "keys",
        checkpoints_dir=root / "checkpoints",
    )
    keys.make(root / "keys")
    wiring = Wiring(settings, clock)
    vars(wiring).update(threat_rules=THREAT_RULES, light_detectors=standard())
    wiring.apply(config)
    house = HouseInATent(root, clock, wiring, config)
    for source in (each for each in config.platforms.sources if each.answers):
        house.publishers[source.name] = wiring.publisher(source)
    with house.store.write() as tx:
        for name, role in (("alice", Role.AGENT), ("bob", Role.SENIOR), ("charlie", Role.GUEST)):
            users.add(
                tx,
                name=name,
                role=role,
                initials=name[:2].upper(),
                password_hash="-",
                trained=name == "bob",
                at=clock.now(),
            )
    return house
