"""How long a reply is by its platform's own counting; desk, gate and writers all ask here. Pure."""

from bot.lengths.graphemes import graphemes
from bot.lengths.mastodon import length as mastodon_length
from bot.lengths.x import weighted_length
from bot.model import Platform


def length_on(platform: Platform, text: str) -> int:
    """Units of ``text`` as ``platform`` counts them; at most ``platform.longest`` may be sent."""
    if platform is Platform.X:
        return weighted_length(text)
    if platform is Platform.BLUESKY:
        return graphemes(text)
    if platform is Platform.MASTODON:
        return mastodon_length(text)
    return len(text)
