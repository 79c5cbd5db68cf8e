"""The detectors that Earshot ships, ready to look. Owns which they are, and nothing else."""

from bot.detectors.abuse import Abuse
from bot.detectors.crisis import Crisis
from bot.detectors.feelings import Feelings
from bot.detectors.hate import Hate
from bot.detectors.heads import Heads
from bot.detectors.language import Language
from bot.detectors.scam import Scam
from bot.detectors.sentiment import Sentiment
from bot.detectors.threat import Threat, ThreatRules
from bot.detectors.topic import Topic
from bot.ports import Detector


def standard_detectors(threat_rules: ThreatRules | None = None) -> tuple[Detector, ...]:
    """One of each, worst lane first. Building them reads lexicons and weights; keep them."""
    language = Language()
    heads = Heads()
    return (
        Threat(threat_rules or ThreatRules(), language, heads),
        Crisis(language, heads),
        Abuse(language, heads),
        Hate(language, heads),
        Scam(language, heads),
        language,
        Sentiment(language, heads, Feelings()),
        Topic(language, heads),
    )
