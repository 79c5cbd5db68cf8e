"""The composition root: the only place that knows every room. Only the CLI, the worker and the desk's app use it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot import keys as key_files
from bot.addressee import addressee
from bot.assess import Assessor, analyse
from bot.clock import SystemClock
from bot.config.bases import TOKEN_PATTERN
from bot.config.canonical import to_json, version_of
from bot.config.models import Brand, ConfigSet, Shape, Source, WatchModel
from bot.config.papers import refusal
from bot.config.places import origin
from bot.connectors.tools import Tools
from bot.detectors.backend.switch import with_models
from bot.detectors.lookalike import Lookalike
from bot.detectors.personal_data import PersonalData
from bot.detectors.relevance import Relevance
from bot.detectors.standard import standard_detectors
from bot.detectors.threat import ThreatRules
from bot.dispatch import Dispatcher
from bot.egress.pages import read_page, read_public
from bot.egress.recorder import Recorder, without
from bot.errors import EarshotError, Permanent
from bot.gate.ruleset import Ruleset, load_ruleset, ruleset_source
from bot.ingest import Door as IngestDoor
from bot.keys import Keys
from bot.ledger import entries
from bot.ledger.checkpoint import notes
from bot.ledger.journal import Journal
from bot.ledger.mail import MailPlace
from bot.ledger.places import GitPlace, Place
from bot.model import EntryKind, Mention, Platform
from bot.ports import Bell, Clock, Connector, Detector, Notifier, Publisher
from bot.protect.erasure import POSTS
from bot.protect.evidence.page import Pages
from bot.protect.evidence.work import Bench
from bot.protect.paging import Pager
from bot.protect.upgrade import save_first
from bot.recheck import Publishers
from bot.refusals import LedgerRefusals, StoredBudget, StoredPurse
from bot.registry import bell, reader, writer
from bot.review.facts import own_names
from bot.review.house import House, house_of
from bot.settings import Settings, environment_of_children, secret
from bot.store import abroad, sources
from bot.store import house as house_rows
from bot.store.db import Reader, Store, Stores, Tx
from bot.store.migrate import migrate
from bot.watch.compile import Matcher

DATABASE = "earshot.db"
READING_LEAVES = 0.5
"""Share of a platform's allowance that polls leave to replies and to looks right before them."""


@dataclass(frozen=True)
class Wiring:
    """Everything that is made once a process. ``settings`` say where things stand, ``secrets`` gives them by name.

    ``sandbox``: for practice. Samples are heard and answered into a file; nothing else is read, written or paged,
    whatever the configuration says.
    """

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    secrets: Callable[[str], SecretStr | None] = secret
    sandbox: bool = False

    @property
    def database(self) -> Path:
        """The one database file."""
        return self.settings.data_dir / DATABASE

    @cached_property
    def stores(self) -> Stores:
        """One connection a thread, to a database of the right schema.

        Raises:
            EarshotError: there is no database yet, and the keys for one are missing; or there was one, which is gone.
        """
        if not self.database.exists():
            key_files.load(self.settings.keys_dir)
            need_first_house(self.settings)
        self.bring_up_to_date()
        return Stores(self.database, self.journal)

    def bring_up_to_date(self) -> Path | None:
        """Create the database, or bring it to this version's schema; returns where it was saved before, if it was.

        Raises:
            SchemaTooNew: a newer Earshot wrote it.
            EarshotError: it cannot be saved, and stays as it is.
        """
        settings = self.settings
        saved = save_first(self.database, lambda: self.keys, self.journal, settings.backups_dir, self.clock.now())
        migrate(self.database)
        return saved

    @cached_property
    def journal(self) -> Journal:
        """What a restored backup could not know, kept beside the checkpoints."""
        return Journal(self.settings.checkpoints_dir, lambda: self.keys, self.clock)

    @cached_property
    def keys(self) -> Keys:
        """The house's own keys."""
        return key_files.load(self.settings.keys_dir)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where the ledger's checkpoints go besides their folder.

        Raises:
            EarshotError: the password of the mail server cannot be read.
        """
        settings, places = self.settings, list[Place]()
        if settings.checkpoints_git is not None:
            places.append(GitPlace(settings.checkpoints_git, environment_of_children()))
        if settings.checkpoints_mail:
            server, password = urlsplit(settings.mail_server), self.secrets("EARSHOT_MAIL_PASSWORD")
            tls = server.scheme == "smtps"
            mail = MailPlace(
                host=server.hostname or "",
                port=server.port or (465 if tls else 25),
                sender=settings.mail_from,
                people=tuple(settings.checkpoints_mail.split(",")),
                tls=tls,
                user=unquote(server.username or ""),
                password=password.get_secret_value() if password else "",
            )
            places.append(mail)
        return tuple(places)

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
        """What is left of the platforms' allowances, for what people wait for."""
        return StoredBudget(self.stores, self.clock)

    @cached_property
    def reading_budget(self) -> StoredBudget:
        """The same for reading, which leaves half of it to people."""
        return StoredBudget(self.stores, self.clock, reserve=READING_LEAVES)

    def house(self, reader: Reader | None = None) -> House:
        """The configuration in force with rules and keys."""
        return house_of(reader or self.stores(), ruleset=self.ruleset, keys=self.keys)

    def apply(self, config: ConfigSet) -> int:
        """Put a valid configuration into force, with its CONFIG entry; returns its row's id.

        The set that is in force already changes nothing, unless the gate's rules are others than before.
        """
        body = to_json(config)
        digest, now = version_of(body), self.clock.now()
        with self.stores().write() as tx:
            _register(tx, config)
            standing = house_rows.config(tx)
            same = standing is not None and standing["hash"] == digest
            config_id = int(standing["id"]) if standing and same else house_rows.add_config(tx, digest, body, now)
            if abroad.keep_ruleset(tx, self.ruleset.sha256, ruleset_source(), now) or not same:
                entries.append(tx, EntryKind.CONFIG, {"config": digest, "ruleset": self.ruleset.sha256}, now)
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

        def post_key(canonical_key: str) -> str:
            return self.keys.author(POSTS, canonical_key)

        return IngestDoor(partial(own_names, config.brand), keep, suspect, partial(addressee, config), post_key)

    def assessor(self, config: ConfigSet, config_id: int, matcher: Matcher) -> Assessor:
        """What assesses under a configuration."""
        looking = self.detectors_under(config)
        accounts = config.brand.accounts.values()
        lookalike = Lookalike(
            [account.handle for own in accounts for account in own],
            config.brand.name,
            domains=config.brand.domains,
            friends=config.protection.friendly_handles,
        )
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

    @staticmethod
    def need_papers(source: Source, brand: Brand) -> None:
        """Refuse a real platform for which papers are missing (P-07).

        Raises:
            EarshotError: names the missing lines.
        """
        sentence = refusal(brand, source)
        if sentence:
            raise EarshotError(sentence)

    def read_page(self, url: str) -> tuple[int, str]:
        """Status and text of one public page of ours.

        Raises:
            PlatformError: it cannot be read, as nothing can from a sandbox.
        """
        if self.sandbox:
            raise Permanent("The sandbox asks nobody.")
        return read_page(url, self.refusals)

    def connector(self, source: Source, watches: Sequence[WatchModel] = ()) -> Connector:
        """The reader of a source; ``watches`` say what it may search for where it has no searches of its own.

        Raises:
            EarshotError: something that it needs is missing; says what.
        """
        self._need_sample(source)
        room = reader(source.kind)
        tools = self.tools(source, self.reading_budget, watches)
        made: Connector = room.connector(_shaped(source, room.Source), tools)
        return made

    def bell(self, source: Source) -> Bell | None:
        """What hears that a source has something new before its next poll; None where nothing does.

        Raises:
            EarshotError: something that it needs is missing; says what.
        """
        room = bell(source.kind)
        if room is None:
            return None
        made: Bell | None = room(_shaped(source, reader(source.kind).Source), self.tools(source, self.reading_budget))
        return made

    def publisher(
        self, source: Source, budget: StoredBudget | None = None, recorder: Recorder | None = None
    ) -> Publisher:
        """The writer that answers the posts of a source; what it may spend is the whole allowance, or ``budget``.

        Raises:
            EarshotError: something that it needs is missing; says what.
        """
        self._need_sample(source)
        shaped = _shaped(source, reader(source.kind).Source)
        tools = replace(self.tools(source, budget or self.budget), recorder=recorder)
        made: Publisher = writer(source.kind).publisher(shaped, tools)
        return made

    def _need_sample(self, source: Source) -> None:
        """In a sandbox, refuse every source but the samples.

        Raises:
            EarshotError: it is another one.
        """
        if self.sandbox and source.kind is not Platform.REPLAY:
            raise EarshotError(f"In the sandbox source '{source.name}' stays off: it hears and answers samples alone.")

    def witness(self, config: ConfigSet, name: str, recorder: Recorder) -> Publisher | None:
        """What looks at the posts of the source called ``name`` for evidence; None if it cannot be asked.

        ``recorder`` is told every read and its answer, with our secrets taken out.
        """
        source = next((each for each in config.platforms.sources if each.name == name and each.answers), None)
        if source is None:
            return None
        known = [value.get_secret_value() for each in secrets_of(source).values() if (value := self.secrets(each))]
        try:
            self.need_papers(source, config.brand)
            return self.publisher(source, recorder=lambda heard: recorder(without(heard, known)))
        except EarshotError:
            return None

    def evidence_bench(self, config: ConfigSet) -> Bench:
        """What takes evidence under a configuration."""
        zone = ZoneInfo(config.brand.timezone)
        origins = tuple(map(origin, config.protection.page_pictures))

        def fetch(url: str, recorder: Recorder) -> tuple[str, bytes]:
            return read_public(url, origins, self.refusals, recorder)

        pages = Pages(frozenset(urlsplit(each).netloc.lower() for each in origins), fetch)
        return Bench(self.keys, self.clock, partial(self.witness, config), zone, environment_of_children(), pages)

    def secret_values(self, config: ConfigSet) -> tuple[SecretStr | None, ...]:
        """What the secrets of all sources are now, to see when one is exchanged; None where one cannot be read."""
        names = [name for source in config.platforms.sources for name in secrets_of(source).values()]
        return tuple(map(self._secret_or_none, names))

    def _secret_or_none(self, name: str) -> SecretStr | None:
        try:
            return self.secrets(name)
        except EarshotError:
            return None

    def credential_names(self, config: ConfigSet) -> list[str]:
        """The names of all secrets that a configuration and the settings use."""
        names = [name for source in config.platforms.sources for name in secrets_of(source).values()]
        names += [channel for paged in config.protection.people for channel in paged.channels]
        return [*names, "EARSHOT_MAIL_PASSWORD"] if self.settings.checkpoints_mail else names

    def unset(self, source: Source) -> list[str]:
        """The secrets that a source names and that are not there."""
        return [name for name in secrets_of(source).values() if self.secrets(name) is None]

    def tools(self, source: Source, budget: StoredBudget | None = None, watches: Sequence[WatchModel] = ()) -> Tools:
        """What the adapters of a source are given; by default with the whole allowance."""

        def secret_of(name: str) -> str:
            found = self.secrets(name)
            if found is None:
                raise EarshotError(f"{name} is not set: source '{source.name}' stays off until it is.")
            return found.get_secret_value()

        place = Platform.BLUESKY if source.kind is Platform.JETSTREAM else source.kind
        heard = [watch for watch in watches if not watch.platforms or place in watch.platforms]
        return Tools(
            clock=self.clock,
            refusals=self.refusals,
            budget=budget or self.budget,
            secret=secret_of,
            config_dir=self.settings.config_dir,
            data_dir=self.settings.data_dir,
            terms=tuple(dict.fromkeys(term.text for watch in heard for term in watch.any)),
            purse=self.purse(source),
            together=tuple(_groups(watch) for watch in heard if watch.all and not watch.any),
            keep=Matcher(heard, "stream").keep if source.kind is Platform.JETSTREAM else _anything,
        )

    def purse(self, source: Source) -> StoredPurse:
        """What a source has cost and may cost."""
        day, month = getattr(source, "budget_per_day", 0.0), getattr(source, "budget_per_month", 0.0)
        return StoredPurse(self.stores, self.clock, source.name, day=float(day), month=float(month))

    def pager(self, config: ConfigSet) -> Pager:
        """Who is paged under a configuration, and how."""
        desk = self.settings.desk_url or f"http://{self.settings.host}:{self.settings.port}"
        language, zone = config.brand.languages[0], ZoneInfo(config.brand.timezone)
        return Pager(config.protection, self.notifier, self.keys.page, desk, language, config.roster, zone)

    def notifier(self, name: str) -> Notifier:
        """What sends to the address that stands in the secret ``name``.

        Raises:
            EarshotError: it is not set, or apprise cannot read it.
        """
        if self.sandbox:
            raise EarshotError("The sandbox pages nobody.")
        # Loading it takes a quarter of a second, and most starts page nobody.
        from bot.notifiers.apprise import AppriseNotifier

        address = self.secrets(name)
        if address is None:
            raise EarshotError(f"{name} is not set: nobody is paged on this channel until it is.")
        return AppriseNotifier(address.get_secret_value())

    def dispatcher(self, store: Store, publishers: Publishers, in_charge: Callable[[Reader], None]) -> Dispatcher:
        """What sends, on this thread's connection, while ``in_charge`` raises nothing."""
        return Dispatcher(store, lambda: self.house(store), publishers, self.clock, in_charge)


def need_first_house(settings: Settings) -> None:
    """Refuse to make a database where there was one: an empty mount point is no place for a new ledger.

    Raises:
        EarshotError: checkpoints tell of a ledger that is gone.
    """
    if not (settings.data_dir / DATABASE).exists() and notes(settings.checkpoints_dir):
        raise EarshotError(
            f"There is no database in {settings.data_dir}, but {settings.checkpoints_dir} holds checkpoints of one. "
            "Bring its disk or folder back, or put the newest backup into force: earshot restore FILE. To begin anew, "
            "move the checkpoints away first."
        )


def secrets_of(source: Source) -> dict[str, str]:
    """The fields of a source that name a secret -> that name."""
    named = source.model_dump(mode="json").items()
    return {field: value for field, value in named if isinstance(value, str) and TOKEN_PATTERN.fullmatch(value)}


def _anything(_text: str) -> bool:
    """Everything may be about us: the watches decide at the door."""
    return True


def _groups(watch: WatchModel) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(term.text for term in group) for group in watch.all)


def _shaped(source: Source, shape: type[Shape]) -> Shape:
    """A source of a stored configuration in the shape that its connector has for it."""
    return source if isinstance(source, shape) else shape.model_validate_json(source.model_dump_json())


def _register(tx: Tx, config: ConfigSet) -> None:
    for source in config.platforms.sources:
        sources.register(tx, source.name, source.kind, source.account)
