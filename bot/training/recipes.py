"""Which posts teach which head, and how. Data only; sets are described in the model cards.

A recipe names sets of labelled posts. Only their taught part is read: see ``bot.training.sets``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.detectors.topic import LABELS as TOPICS
from bot.training.fit import Plan

REST = "none"
"""The label of a lesson that belongs to none of a head's outputs."""


@dataclass(frozen=True, slots=True)
class Source:
    """One set: which of its labels teach which label of the head (any other teaches ``rest``), counting ``weight``.

    A set whose ``rest`` is empty teaches only what ``labels`` names. ``field`` is where its label stands.
    """

    name: str
    labels: Mapping[str, str]
    weight: float = 1.0
    rest: str = REST
    field: str = "label"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A head's plan, its sources, and whether the company of words is folded in."""

    plan: Plan
    sources: tuple[Source, ...]
    company: bool = True


COMPANY: Mapping[str, tuple[str, ...]] = {
    "de": (
        "de_offense_2018",
        "de_offense_2019",
        "de_toxic_2021",
        "de_sentiment_mozetic",
        "de_sentiment_sb10k",
        "customers_de",
    ),
    "en": ("en_sentiment_semeval", "en_hate_davidson", "en_hate_hateval", "en_offense_olid", "customers_en"),
}
"""Sets whose words are counted by their neighbours, without their labels."""

LANGUAGE = "language"
"""The one file that is counted and not fitted: see ``bot.training.language_profiles``."""
LANGUAGE_SETS: Mapping[str, tuple[str, ...]] = {
    "de": ("de_offense_2018", "de_offense_2019", "de_toxic_2021", "de_sentiment_sb10k", "de_sentiment_mozetic"),
    "en": ("en_sentiment_semeval", "en_offense_olid"),
}
"""Posts whose letters and common words show what German and English look like."""

_CLEAN: Mapping[str, str] = {}
_FEELINGS = {"negative": "negative", "neutral": "neutral", "positive": "positive"}
_VADER = ("vader.neg", "vader.neu", "vader.pos", "vader.compound")
_FEELING = ("words.positive", "words.negative", "words.none")


def _everyday(language: str, customers: float = 2.0, times: float = 1.0) -> tuple[Source, ...]:
    """Posts in which nobody is threatened or in danger: customers', and tweets of every kind that are no offence.

    ``customers`` is how much a customer's post counts, ``times`` how much more all of them do.
    """
    if language == "de":
        return (
            Source("customers_de", _CLEAN, customers * times),
            Source("de_sentiment_sb10k", _CLEAN, times),
            Source("de_sentiment_mozetic", _CLEAN, 0.5 * times),
            Source("de_offense_2018", {"OTHER": REST}, times, rest=""),
            Source("de_offense_2019", {"OTHER": REST}, times, rest=""),
            Source("de_toxic_2021", {"0": REST}, times, rest=""),
        )
    return (
        Source("customers_en", _CLEAN, customers * times),
        Source("en_sentiment_semeval", _CLEAN, 0.3 * times),
        Source("en_offense_olid", {"NOT": REST}, times, rest=""),
    )


def _sarcasm(language: str) -> Recipe:
    """Friendly words that are not meant: customers' mock praise against all that they mean as they say it."""
    return Recipe(
        Plan("sarcasm", language, ("sarcasm",), strength=0.5, keep=15_000),
        (Source(f"customers_{language}", {"True": "sarcasm"}, field="sarcasm"),),
    )


def _danger(
    name: str,
    language: str,
    others: tuple[str, ...],
    shifts: Mapping[str, float],
    *,
    everyday: float = 1.0,
    keep: int = 30_000,
) -> Recipe:
    """A head for what is rare and grave: its own authored set against all others and against everyday posts.

    ``shifts`` names its labels, and how far below even odds it already speaks: a person looks, and missing is worse.
    ``everyday`` is how much everyday posts count: measured at 8, threats of the same recall cost a third of the alarms.
    """
    sources = [Source(f"{name}_{language}", {label: label for label in shifts})]
    sources += [Source(f"{other}_{language}", _CLEAN) for other in others]
    plan = Plan(name, language, tuple(shifts), strength=0.5, keep=keep, shifts=shifts)
    return Recipe(plan, (*sources, *_everyday(language, customers=4.0, times=everyday)))


RECIPES: Mapping[str, Recipe] = {
    "sentiment.de": Recipe(
        Plan("sentiment", "de", tuple(_FEELINGS), strength=0.05, keep=40_000, inputs=_FEELING),
        (Source("de_sentiment_sb10k", _FEELINGS), Source("customers_de", _FEELINGS)),
    ),
    "sentiment.en": Recipe(
        Plan("sentiment", "en", tuple(_FEELINGS), strength=0.05, inputs=_VADER),
        (Source("en_sentiment_semeval", _FEELINGS), Source("customers_en", _FEELINGS)),
    ),
    "sarcasm.de": _sarcasm("de"),
    "sarcasm.en": _sarcasm("en"),
    "abuse.de": Recipe(
        Plan("abuse", "de", ("abuse",), shifts={"abuse": -0.8}),
        (
            Source("de_offense_2018", {"OFFENSE": "abuse"}),
            Source("de_offense_2019", {"OFFENSE": "abuse"}),
            Source("de_toxic_2021", {"1": "abuse"}, 0.3),
            Source("abuse_de", {"abuse": "abuse"}),
            Source("hate_de", {"hate": "abuse"}, 0.1),
            Source("customers_de", _CLEAN, 4.0),
            Source("de_sentiment_sb10k", _CLEAN, 0.3),
        ),
    ),
    "abuse.en": Recipe(
        Plan("abuse", "en", ("abuse",), strength=0.08),
        (
            Source("en_offense_olid", {"OFF": "abuse"}),
            Source("en_hate_davidson", {"offensive": "abuse", "hate": "abuse"}, 0.05),
            Source("abuse_en", {"abuse": "abuse"}),
            Source("hate_en", {"hate": "abuse"}, 0.1),
            Source("customers_en", _CLEAN, 1.5),
        ),
    ),
    "threat.de": _danger("threat", "de", ("crisis", "abuse", "scam"), {"threat": 0.05}, everyday=8.0, keep=60_000),
    "threat.en": _danger("threat", "en", ("crisis", "abuse", "scam"), {"threat": 1.0}, everyday=8.0, keep=60_000),
    "crisis.de": _danger("crisis", "de", ("threat", "abuse", "scam"), {"crisis": 1.45}),
    "crisis.en": _danger("crisis", "en", ("threat", "abuse", "scam"), {"crisis": 2.1}, everyday=8.0, keep=60_000),
    "scam.de": _danger("scam", "de", ("threat", "crisis"), {"scam": 0.7, "impostor_report": 1.3}),
    "scam.en": _danger("scam", "en", ("threat", "crisis"), {"scam": 0.7, "impostor_report": 1.3}),
    "hate.de": Recipe(
        Plan("hate", "de", ("hate",), strength=0.05, keep=30_000, shifts={"hate": 0.0}),
        (
            Source("hate_de", {"hate": "hate"}, 15.0),
            Source("de_offense_2018", {"ABUSE": "hate"}, 0.2, field="fine"),
            Source("de_offense_2019", {"ABUSE": "hate"}, 0.2, field="fine"),
            *_everyday("de")[:3],
        ),
    ),
    "hate.en": Recipe(
        Plan("hate", "en", ("hate",), strength=0.05, keep=30_000, shifts={"hate": 0.1}),
        (
            Source("hate_en", {"hate": "hate"}, 15.0),
            Source("en_hate_hateval", {"hate": "hate"}, 0.2),
            Source("en_hate_davidson", {"hate": "hate"}, 0.2),
            *_everyday("en")[:2],
        ),
    ),
    "topic.de": Recipe(
        Plan("topic", "de", TOPICS, strength=0.5, keep=10_000),
        (Source("customers_de", {topic: topic for topic in TOPICS}, field="topic"),),
    ),
    "topic.en": Recipe(
        Plan("topic", "en", TOPICS, strength=0.5, keep=10_000),
        (Source("customers_en", {topic: topic for topic in TOPICS}, field="topic"),),
    ),
}
"""The name of a weight file without its ending -> how it is made."""
