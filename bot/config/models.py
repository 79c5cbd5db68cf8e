"""The shapes of the configuration files. Frozen, strict, pure: importing them reads nothing.

Files: ``brand.yaml``, ``platforms.yaml``, ``triage.yaml``, ``watches/*.yaml``, ``templates/*.yaml``, and
``protection.yaml`` if there is one. A valid set serialises to canonical JSON and becomes a row of ``config_version``;
every stage and the desk read that row, never the files.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SerializeAsAny

from bot.config.bases import Frozen, Language, Name
from bot.config.places import source_name
from bot.config.protection import Protection
from bot.config.roster import Roster
from bot.model import Lane, Platform, Priority

TOLD_APART = (
    "af",
    "ar",
    "az",
    "ca",
    "cs",
    "cy",
    "da",
    "de",
    "en",
    "es",
    "et",
    "eu",
    "fi",
    "fr",
    "ga",
    "gl",
    "hi",
    "hr",
    "ht",
    "hu",
    "id",
    "is",
    "it",
    "lb",
    "lt",
    "lv",
    "mt",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "so",
    "sq",
    "sv",
    "sw",
    "tl",
    "tr",
    "vi",
)
"""Languages that detection names; ``ar`` and ``hi`` only when written in Latin letters."""

File = Annotated[str, Field(min_length=1, max_length=4_096)]
"""A path, as long as Linux allows one (PATH_MAX)."""


class Account(Frozen):
    """One of the brand's own accounts on a platform. ``handle`` without "@"; ``surface`` is the server."""

    handle: Name
    surface: str = ""
    id: str = ""


class Contact(Frozen):
    """An official public contact that replies may name. ``value`` is a URL or a phone number, exactly as shown."""

    topic: Name
    language: Language
    value: Name


class Signature(Frozen):
    """How replies are signed: ``caret`` appends ^AB, the approver's initials, ``team`` a fixed text."""

    style: Literal["caret", "team", "none"] = "caret"
    team: str = ""


Region = Literal["AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "LU", "NL", "PL", "SE", "US"]


class PersonalDataRules(Frozen):
    """What personal data look like besides what everybody's do.

    ``customer_numbers``: "#" is a digit, "@" a letter, anything else itself. ``regions``: whose telephone numbers,
    written without a country code, people post.
    """

    customer_numbers: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    regions: tuple[Region, ...] = ("DE", "AT", "CH", "GB")


Day = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Reference(Frozen):
    """Where a paper is found in the operator's own files, and its date."""

    reference: Name
    date: Day


class PrivacyNotice(Frozen):
    """The public privacy notice. ``version`` stands in its text; rule C-28 looks whether it still does."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s@]+$", max_length=500)]
    version: Name


class Legal(Frozen):
    """Who answers for the account, and the papers without which no real platform is listened to (P-07, W-01).

    ``works_agreement``: of a company without a works council it is the words "no works council". ``public_pages``:
    where the folder that ``earshot pages`` writes stands on the brand's own website, with its last slash.
    """

    operator: str = ""
    imprint: str = ""
    privacy_contact: str = ""
    responsible_editor: str = ""
    privacy_notice: PrivacyNotice | None = None
    interest_assessment: Reference | None = None
    processing_record: Reference | None = None
    impact_assessment: Reference | None = None
    works_agreement: Reference | Literal["no works council"] | None = None
    public_pages: Annotated[str, Field(pattern=r"^(https?://[^\s@]+/)?$", max_length=200)] = ""


class Brand(Frozen):
    """Who we are and how we speak.

    Unanswered posts are kept for ``retention_days``, where ``retention_days_on`` names fewer for those; the words of
    answered ones for ``answered_days``.
    """

    def unanswered_days(self, platform: Platform) -> int:
        """How many days an unanswered post of a platform is kept."""
        return min(self.retention_days, self.retention_days_on.get(platform, platform.keeps_days))

    name: Name
    names: Annotated[tuple[Name, ...], Field(min_length=1)]
    products: tuple[Name, ...] = ()
    namesakes: tuple[Name, ...] = ()
    accounts: dict[Platform, tuple[Account, ...]]
    domains: tuple[Name, ...] = ()
    contacts: tuple[Contact, ...] = ()
    languages: tuple[Language, ...] = ("de", "en")
    reply_languages: dict[Language, tuple[Language, ...]] = Field({})
    address: Literal["du", "sie"] = "du"
    signature: Signature = Signature()
    timezone: Name = "Europe/Berlin"
    four_eyes: Literal["sensitive", "always"] = "sensitive"
    countdown_seconds: Annotated[int, Field(ge=0, le=30)] = 10
    batch_per_hour: Annotated[int, Field(ge=1, le=1800)] = 120
    reply_within_hours: dict[Priority, Annotated[int, Field(ge=1, le=336)]] = Field(
        {Priority.HIGH: 1, Priority.MEDIUM: 4, Priority.LOW: 24}
    )
    retention_days: Annotated[int, Field(ge=1, le=90)] = 30
    answered_days: Annotated[int, Field(ge=1, le=90)] = 90
    retention_days_on: dict[Platform, Annotated[int, Field(ge=1, le=90)]] = Field(
        {Platform.REDDIT: Platform.REDDIT.keeps_days, Platform.X: Platform.X.keeps_days}
    )
    personal_data: PersonalDataRules = PersonalDataRules()
    legal: Legal = Legal()


class TermRow(Frozen):
    """One term of a watch with the place it was written at, so that a match can name its line."""

    text: Name
    file: str
    line: int


Example = Annotated[str, Field(min_length=1, max_length=300)]


class WatchHead(Frozen):
    """What a watch is called, what it is about and where it listens. Empty tuples mean everywhere.

    ``about`` and ``not_about`` are posts as people write them, about the brand and about its namesakes: relevance is
    learnt from them. A watch has both or neither.
    """

    watch: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    topic: str = ""
    languages: tuple[Language, ...] = ()
    platforms: tuple[Platform, ...] = ()
    about: tuple[Example, ...] = ()
    not_about: tuple[Example, ...] = ()


class WatchModel(WatchHead):
    """A named set of keyword rules.

    The watch hears a text when at least one ``any`` term stands in it (if there are any), every group of
    ``all`` has a term in it, and no term of ``none`` does. In the file a term beginning with "~" inside
    ``any`` is a ``none`` term.
    """

    any: tuple[TermRow, ...] = ()
    all: tuple[tuple[TermRow, ...], ...] = ()
    none: tuple[TermRow, ...] = ()


class Template(Frozen):
    """A reply template. Only released ones are prepared.

    ``occasion``: taken only where personal data stand in the post, to warn a customer of a false helper, to answer many
    in an incident, or to say that it is fixed; the last two may name the incident's page as ``{status}``.
    ``promises``: its texts say that we write again once it is fixed.
    ``ladder``: a standard text of the warning ladder (E-10), which only a person brings up: one of the three warnings,
    or the apology for a false one. Gaps that a person must fill are written ``[bis wann]``; ``{contact:outage}``,
    ``{name}`` and ``{signature}`` are filled by the responder. No ``topics`` means every topic.
    """

    template: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    version: Annotated[int, Field(ge=1)] = 1
    released: bool = False
    lanes: Annotated[tuple[Lane, ...], Field(min_length=1)]
    topics: tuple[str, ...] = ()
    ladder: Literal["", "w1", "w2", "w3", "apology"] = ""
    occasion: Literal["", "personal_data", "false_helper", "incident", "fixed"] = ""
    promises: bool = False
    language: Language
    address: Literal["du", "sie", "any"] = "any"
    wordings: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=2000)], ...], Field(min_length=1)]


TopicLabel = Literal[
    "outage_fixed",
    "outage_mobile",
    "outage_tv",
    "billing",
    "delivery",
    "contract",
    "cancellation",
    "hotline",
    "praise",
]
"""What the trained head tells apart, beside "other"."""


class TriageRules(Frozen):
    """Thresholds (per mille) from findings to lanes, the words that make a case urgent, and topics with their words.

    Where no word of a topic stands in a post, the trained head's guess counts from ``topic_at`` on, if
    ``topic_heads`` says which topic its label means here. ``topic_names`` says how the desk calls a topic in each of
    its languages; without it the topic shows as written.
    """

    threat_at: Annotated[int, Field(ge=1, le=1000)] = 500
    crisis_at: Annotated[int, Field(ge=1, le=1000)] = 500
    abuse_at: Annotated[int, Field(ge=1, le=1000)] = 600
    scam_at: Annotated[int, Field(ge=1, le=1000)] = 600
    negative_at: Annotated[int, Field(ge=1, le=1000)] = 400
    positive_at: Annotated[int, Field(ge=1, le=1000)] = 400
    namesake_at: Annotated[int, Field(ge=1, le=1000)] = 700
    urgent_topics: tuple[str, ...] = ()
    urgent_words: tuple[Name, ...] = ()
    question_words: tuple[Name, ...] = ()
    topics: dict[str, tuple[Name, ...]] = Field({})
    topic_at: Annotated[int, Field(ge=1, le=1000)] = 400
    topic_heads: dict[str, tuple[TopicLabel, ...]] = Field({})
    topic_names: dict[str, dict[Language, Name]] = Field({})


class Source(Frozen):
    """One place that we listen to. Each connector has a shape of its own below this one, which only the worker reads.

    Whoever reads a stored configuration sees the connector's own fields as plain values.
    """

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    kind: Platform
    name: Annotated[Name, AfterValidator(source_name)]
    account: str = ""

    @property
    def answers(self) -> bool:
        """Whether a public reply can be written to its posts: to those of an archive only with a timeline for it."""
        return self.kind.answers and (self.kind is not Platform.ARCHIVE or bool(getattr(self, "timeline", "")))


class Shape(Source):
    """Base of the connectors' own shapes: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Permissions(Frozen):
    """What platforms allowed in writing beyond their public rules. What is not named here stays off."""

    x_detection: Reference | None = None
    x_model_drafts: Reference | None = None


class Platforms(Frozen):
    """Where to listen and answer, and how often."""

    poll_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    permissions: Permissions = Permissions()
    sources: tuple[SerializeAsAny[Source], ...]


class ConfigSet(Frozen):
    """All of config/, valid as a whole."""

    brand: Brand
    platforms: Platforms
    triage: TriageRules
    watches: tuple[WatchModel, ...]
    templates: tuple[Template, ...]
    protection: Protection = Protection()
    roster: Roster = Roster()
