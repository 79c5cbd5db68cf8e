"""The gate's thresholds and lists: one versioned file, frozen once read, known by its SHA-256."""

import hashlib
import tomllib
from importlib import resources
from typing import Annotated

from pydantic import Field

from bot.config.models import Frozen

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


class OptOutWords(Frozen):
    """Words that ask us to stop. ``alone`` counts only as the whole post, ``aimed`` anywhere.

    A word of ``complaints`` before an aimed phrase makes the desk ask.
    """

    alone: Phrases
    fillers: Phrases
    aimed: Phrases
    complaints: Phrases
    unclear: Phrases
    cancels: Phrases
    unclear_up_to_words: Count


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


class CompletionWords(Frozen):
    """A day and all words of one entry of ``done`` in one clause promise a date, unless ``past`` stands there."""

    days: Phrases
    done: Phrases
    past: Phrases


class PersonalWords(Frozen):
    """Asking for personal data: a verb, then the data, with no negation and no protected place between.

    Or the data with a ``polite`` word and nothing else but ``fillers``.
    """

    verbs: Phrases
    polite: Phrases
    fillers: Phrases
    nouns: Phrases
    places: Phrases
    within_words: Count
    relationship: Phrases


class Ruleset(Frozen):
    """Everything in ``ruleset.toml``. ``sha256`` is of the file's bytes and stands in every ledger entry."""

    version: Count
    sha256: str
    limits: Limits
    negations: Phrases
    reassurances: Phrases
    contrasts: Phrases
    opt_out: OptOutWords
    links: LinkWords
    speech: SpeechWords
    commitments: CommitmentWords
    completion: CompletionWords
    personal: PersonalWords


def parse_ruleset(source: bytes) -> Ruleset:
    """Read a ruleset file.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML.
        pydantic.ValidationError: a key is missing, unknown or of the wrong kind.
    """
    return Ruleset(sha256=hashlib.sha256(source).hexdigest(), **tomllib.loads(source.decode()))


def load_ruleset() -> Ruleset:
    """The ruleset that is part of this release."""
    return parse_ruleset(resources.files("bot.gate").joinpath("ruleset.toml").read_bytes())
