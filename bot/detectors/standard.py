"""The detectors that Earshot ships, ready to look. Owns which they are, and nothing else."""

from bot.detectors.abuse import Abuse
from bot.detectors.crisis import Crisis
from bot.detectors.language import Language
from bot.detectors.scam import Scam
from bot.detectors.sentiment import Sentiment
from bot.detectors.threat import Threat
from bot.ports import Detector


def standard_detectors() -> tuple[Detector, ...]:
    """One of each, worst lane first. Building them reads the lexicon once (about 0.3 s); keep them."""
    language = Language()
    return Threat(), Crisis(), Abuse(), Scam(), language, Sentiment(language)
