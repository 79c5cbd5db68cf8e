"""The composition root: the only place that knows every room. Only the CLI, the worker and the desk's app use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from bot import keys as key_files
from bot.assess import Assessor, analyse
from bot.clock import SystemClock
from bot.config.canonical import to_json, version_of
from bot.config.models import ConfigSet, MastodonSource, ReplaySource
from bot.connectors.mastodon import Client as MastodonClient
from bot.detectors.backend.switch import with_models
from bot.detectors.lookalike import Lookalike
from bot.detectors.personal_data import PersonalData
from bot.detectors.relevance import Relevance
from bot.detectors.standard import standard_detectors
from bot.detectors.threat import ThreatRules
from bot.dispatch import Dispatcher
from bot.egress.door import Door
from bot.egress.mastodon import MASTODON
from bot.errors import EarshotError
from bot.gate.ruleset import Ruleset, load_ruleset
from bot.ingest import Door as IngestDoor
from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind, Mention, Platform
from bot.ports import Clock, Connector, Detector, Publisher
from bot.recheck import Publishers
from bot.refusals import LedgerRefusals, StoredBudget
from bot.registry import CONNECTORS, PUBLISHERS, adapter
from bot.review.facts import own_names
from bot.review.house import House, house_of
from bot.settings import Settings, environment_of_children, secret
from bot.store import house as house_rows
from bot.store import sources
from bot.store.db import Reader, Store, Stores, Tx
from bot.store.migrate import migrate
from bot.watch.compile import Matcher

DATABASE = "earshot.db"


@dataclass(frozen=True)
class Wiring:
    """Everything that is made once a process. ``settings`` say where things stand."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)

    @property
    def database(self) -> Path:
        """The one database file."""
        return self.settings.data_dir / DATABASE

    @cached_property
    def stores(self) -> Stores:
        """One connection a thread, to a database of the right schema.

        Raises:
            EarshotError: there is no database yet, and the keys for one are missing.
        """
        if not self.database.exists():
            key_files.load(self.settings.keys_dir)
        migrate(self.database)
        return Stores(self.database)

    @cached_property
    def keys(self) -> Keys:
        """The house's own keys."""
        return key_files.load(self.settings.keys_dir)

    @cached_property
    def ruleset(self) -> Ruleset:
        """The gate's rules of this release."""
        return load_ruleset()

    @cached_property
    def light_detectors(self) -> tuple[Detector, ...]:
        """The shipped detectors alone, loaded once."""
        return standard_detectors(self.threat_rules)

    @cached_property
    def threat_rules(self) -> ThreatRules:
        """The narrow patterns of threats, which the door asks as well."""
        return ThreatRules()

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """All detectors, loaded once, with the operator's models before the heads that they speak for.

        Raises:
            EarshotError: the file that names the models is at fault.
        """
        if self.settings.models is None:
            return self.light_detectors
        return with_models(self.light_detectors, self.settings.models, environment_of_children())

    @cached_property
    def refusals(self) -> LedgerRefusals:
        """Where the HTTP door records what it refuses."""
        return LedgerRefusals(self.stores, self.clock)

    @cached_property
    def budget(self) -> StoredBudget:
        """What is left of the platforms' allowances."""
        return StoredBudget(self.stores, self.clock)

    @property
    def not_offered(self) -> Mapping[Platform, frozenset[str]]:
        """Gate rules that a platform cannot answer, asked of its publisher's class."""
        return {Platform(kind): frozenset(adapter(PUBLISHERS, kind).not_offered) for kind in PUBLISHERS}

    def house(self, reader: Reader | None = None) -> House:
        """The configuration in force with rules and keys."""
        return house_of(reader or self.stores(), ruleset=self.ruleset, keys=self.keys, not_offered=self.not_offered)

    def apply(self, config: ConfigSet) -> int:
        """Put a valid configuration into force, with its CONFIG entry; returns its row's id.

        The set that is in force already changes nothing.
        """
        body = to_json(config)
        digest, now = version_of(body), self.clock.now()
        with self.stores().write() as tx:
            standing = house_rows.config(tx)
            if standing is not None and standing["hash"] == digest:
                _register(tx, config)
                return int(standing["id"])
            config_id = house_rows.add_config(tx, digest, body, now)
            entries.append(tx, EntryKind.CONFIG, {"config": digest, "ruleset": self.ruleset.sha256}, now)
            _register(tx, config)
        return config_id

    def matcher(self, config: ConfigSet) -> Matcher:
        """All watches of a configuration, compiled."""
        return Matcher(config.watches, version_of(to_json(config))[:8])

    def door(self, config: ConfigSet, matcher: Matcher) -> IngestDoor:
        """What decides at the door under a configuration."""

        def keep(mention: Mention) -> bool:
            return matcher.keep(mention.text, mention.platform)

        def suspect(text: str) -> bool:
            # Every post comes by here, also those that nobody asked for: no model, however much it knows.
            return analyse([self.threat_rules], [text])[0][0].label == "threat"

        return IngestDoor(partial(own_names, config.brand), keep, suspect)

    def assessor(self, config: ConfigSet, config_id: int, matcher: Matcher) -> Assessor:
        """What assesses under a configuration."""
        looking = self.detectors_under(config)
        accounts = config.brand.accounts.values()
        lookalike = Lookalike([account.handle for own in accounts for account in own], config.brand.name)
        relevance = self.relevance(config).of
        return Assessor(config, config_id, matcher, looking, self.ruleset, self.keys, relevance, lookalike)

    def detectors_under(self, config: ConfigSet) -> tuple[Detector, ...]:
        """All detectors, and the one that must know the brand: which numbers are its customers' and which its own."""
        brand = config.brand
        personal_data = PersonalData(
            customer_numbers=brand.personal_data.customer_numbers,
            regions=brand.personal_data.regions,
            public=[contact.value for contact in brand.contacts],
            own_domains=brand.domains,
        )
        return (*self.detectors, personal_data)

    def relevance(self, config: ConfigSet) -> Relevance:
        """What the watches' examples teach about the brand and its namesakes."""
        return Relevance({watch.watch: (watch.about, watch.not_about) for watch in config.watches if watch.about})

    def connector(self, source: ReplaySource | MastodonSource) -> Connector:
        """The reader of a source.

        Raises:
            EarshotError: something that it needs is missing; says what.
        """
        kind = adapter(CONNECTORS, source.kind)
        connector: Connector
        if isinstance(source, ReplaySource):
            connector = kind(
                name=source.name,
                file=self._below_config(source.file),
                account=source.account,
                clock=self.clock,
                posts_per_minute=source.posts_per_minute,
                map=source.map,
            )
        else:
            connector = kind(
                source.name,
                self._mastodon(source),
                source.account,
                hashtags=source.hashtags,
                searches=source.searches,
                mentions=source.mentions,
                unlisted=source.unlisted,
            )
        return connector

    def publisher(self, source: ReplaySource | MastodonSource) -> Publisher:
        """The writer that answers the posts of a source.

        Raises:
            EarshotError: something that it needs is missing; says what.
        """
        kind = adapter(PUBLISHERS, source.kind)
        publisher: Publisher
        if isinstance(source, ReplaySource):
            publisher = kind(
                file=self._below_config(source.file),
                timeline=self.timeline(source),
                account=source.account,
                clock=self.clock,
                map=source.map,
            )
        else:
            publisher = kind(self._mastodon(source), source.account, self.clock)
        return publisher

    def _mastodon(self, source: MastodonSource) -> MastodonClient:
        token = secret(source.token)
        if token is None:
            raise EarshotError(
                f"{source.token} is not set: source '{source.name}' stays off until it holds the token of that account."
            )
        origin = source.server if "://" in source.server else f"https://{source.server}"

        def door() -> Door:
            return Door("mastodon", [origin], MASTODON, self.refusals, budget=self.budget)

        return MastodonClient(origin, token.get_secret_value(), door)

    def timeline(self, source: ReplaySource) -> Path:
        """The file below the data folder that public replies of a replay are appended to."""
        return self.settings.data_dir / (source.timeline or f"{source.name}.timeline.jsonl")

    def _below_config(self, name: str) -> Path:
        return self.settings.config_dir / name

    def dispatcher(self, store: Store, publishers: Publishers) -> Dispatcher:
        """What sends, on this thread's connection."""
        return Dispatcher(store, lambda: self.house(store), publishers, self.clock)


def _register(tx: Tx, config: ConfigSet) -> None:
    for source in config.platforms.sources:
        sources.register(tx, source.name, source.kind, source.account)
