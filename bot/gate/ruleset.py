"""The gate's thresholds and lists: one versioned file, frozen once read, known by its SHA-256."""

import hashlib
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Annotated

from pydantic import Field

from bot.config.bases import Frozen
from bot.gate.wording import AdvertisingWords, ConcernWords, MannerWords, TongueWords, TraitWords

Count = Annotated[int, Field(ge=1)]
Phrases = tuple[str, ...]


class Limits(Frozen):
    """Ages, counts and lengths."""

    approval_hours: Count
    approval_batch_hours: Count
    consent_seconds: Count
    status_minutes: Count
    dispatch_status_seconds: Count
    mention_days: Count
    other_trigger_hours: Count
    unanswered_replies: Count
    replies_in_7_days: Count
    echo_words: Count
    personal_digits: Count
    checkpoint_minutes: Count
    clock_skew_seconds: Count
    heartbeat_seconds: Count
    likeness: Count
    burst_replies: Count
    burst_minutes: Count
    presence_hours: Count
    notice_days: Count
    budget_floor: Count
    attested_days: Count


class OptOutWords(Frozen):
    """Words that ask us to stop. ``alone`` counts only as the whole post, ``aimed`` anywhere.

    A word of ``complaints`` before an aimed phrase makes the desk ask. ``removal`` asks for our reply to be deleted.
    """

    alone: Phrases
    fillers: Phrases
    aimed: Phrases
    complaints: Phrases
    unclear: Phrases
    cancels: Phrases
    unclear_up_to_words: Count
    removal: Phrases


class DisclosureWords(Frozen):
    """Phrases that tell people that a model drafted a reply (D-03), and communities that a brand leaves alone."""

    notices: Phrases
    never_in: Phrases


class LinkWords(Frozen):
    """Hosts that hide where they lead, what tells a bare host from prose, and ways into private channels.

    ``capitalised``: endings that make a host even with a capital letter. ``no_endings``: last parts of file
    names and abbreviations. A word of ``privately`` is a private channel where one of ``writing`` stands, too.
    """

    shorteners: Phrases
    capitalised: Phrases
    no_endings: Phrases
    private_channels: Phrases
    privately: Phrases
    writing: Phrases


class SpeechWords(Frozen):
    """``slurs`` are the first 16 hex digits of the SHA-256 of each word as ``folding.bare`` writes it."""

    slurs: Phrases


class CommitmentWords(Frozen):
    """Phrases that promise. "#" is any number, "x*" a word beginning with x."""

    money: Phrases
    law: Phrases
    date: Phrases
    certainty: Phrases
    price: Phrases


class CompletionWords(Frozen):
    """A day and all words of one entry of ``done`` in one clause promise a date, unless ``past`` stands there."""

    days: Phrases
    done: Phrases
    past: Phrases


class PersonalWords(Frozen):
    """Asking for personal data: a verb, then the data, with no negation and no protected place between.

    Or the data with a ``polite`` word and nothing else but ``fillers``. ``direct`` phrases ask by themselves; a word of
    ``conditions`` between verb and data asks for something else ("tell us whether the PIN works").
    """

    verbs: Phrases
    polite: Phrases
    fillers: Phrases
    nouns: Phrases
    places: Phrases
    within_words: Count
    conditions: Phrases
    direct: Phrases
    relationship: Phrases


class OccasionWords(Frozen):
    """C-06. ``mild_politics`` and ``venting`` count only where nothing asks for ``help``.

    ``mock_news`` and ``headlines`` only where nobody asks and no ``personal`` word stands; ``quarrel`` only in a post
    that begins with somebody else's handle. ``addressing`` words speak to us.
    """

    help: Phrases
    personal: Phrases
    addressing: Phrases
    politics: Phrases
    mild_politics: Phrases
    protest: Phrases
    satire: Phrases
    mock_news: Phrases
    headlines: Phrases
    quarrel: Phrases
    fellow_posters: Phrases
    no_answer: Phrases
    venting: Phrases


class GraveTopics(Frozen):
    """Phrases that tell of misfortune by themselves."""

    death: Phrases
    accident: Phrases
    disaster: Phrases
    violence: Phrases
    illness: Phrases
    self_harm: Phrases
    war: Phrases


class PassingTopics(Frozen):
    """Phrases that only touch such a topic."""

    illness: Phrases
    accident: Phrases
    disaster: Phrases
    protest: Phrases
    war: Phrases


class TragedyWords(Frozen):
    """C-19. ``befalls`` are words for people and things alike: only where one of ``people`` is nearer than ``things``.

    A person behind a word of ``places_of``, or of ``owners`` beside a thing, is only whose thing it is. A phrase of
    ``figures`` takes back what it stands over.
    """

    grave: GraveTopics
    passing: PassingTopics
    befalls: Phrases
    people: Phrases
    things: Phrases
    places_of: Phrases
    owners: Phrases
    figures: Phrases


class ChildWords(Frozen):
    """C-20. An age of ``ages`` counts with a word of ``old`` behind it, or at the end, or before one of ``goes_on``.

    Those with a word of ``needs_old`` count only with ``old``, those of ``told`` always. ``numbers`` are number words;
    a word of ``as_if`` before an age takes it back.
    """

    lowest_age: Count
    grown_at: Count
    lowest_class: Count
    highest_class: Count
    ages: Phrases
    needs_old: Phrases
    told: Phrases
    old: Phrases
    goes_on: Phrases
    as_if: Phrases
    school: Phrases
    parents: Phrases
    numbers: dict[str, Count]


class LikenessWords(Frozen):
    """C-17. ``marks`` tell a parody by themselves, ``brand_marks`` beside a brand word.

    A handle of ``short`` or fewer letters must be ours letter by letter to be a look-alike, one of ``middling`` may
    differ in one letter, a longer one in two.
    """

    short: Count
    middling: Count
    marks: Phrases
    brand_marks: Phrases


class Ruleset(Frozen):
    """Everything in ``ruleset.toml``. ``sha256`` is of the file's bytes and stands in every ledger entry."""

    version: Count
    sha256: str
    limits: Limits
    negations: Phrases
    reassurances: Phrases
    contrasts: Phrases
    disclosure: DisclosureWords
    opt_out: OptOutWords
    links: LinkWords
    speech: SpeechWords
    commitments: CommitmentWords
    completion: CompletionWords
    personal: PersonalWords
    occasion: OccasionWords
    tragedy: TragedyWords
    child: ChildWords
    likeness: LikenessWords
    concern: ConcernWords
    manner: MannerWords
    advertising: AdvertisingWords
    traits: TraitWords
    tongue: TongueWords


@lru_cache(maxsize=4)
def parse_ruleset(source: bytes) -> Ruleset:
    """Read a ruleset file. It is long, and the same bytes say the same.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML.
        pydantic.ValidationError: a key is missing, unknown or of the wrong kind.
    """
    return Ruleset(sha256=hashlib.sha256(source).hexdigest(), **tomllib.loads(source.decode()))


def ruleset_source() -> bytes:
    """The file with the rules of this release, byte by byte."""
    return resources.files("bot.gate").joinpath("ruleset.toml").read_bytes()


def load_ruleset() -> Ruleset:
    """The ruleset that is part of this release."""
    return parse_ruleset(ruleset_source())
