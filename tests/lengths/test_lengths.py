"""A reply is as long as its platform says, and the desk, the gate's guard and the writer count alike."""

import pytest

from bot.lengths import length_on
from bot.model import Platform

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


@pytest.mark.parametrize(
    ("text", "x", "bluesky", "mastodon", "reddit"),
    [
        ("", 0, 0, 0, 0),
        ("Grüße aus Köln", 14, 14, 14, 14),
        ("https://fjordfon.example/stoerung?id=1234567890", 23, 47, 23, 47),
        (FAMILY, 2, 1, 5, 5),
        ("\U0001f1e9\U0001f1ea", 2, 1, 2, 2),
        ("e\u0301", 1, 1, 2, 2),
        ("修理", 4, 2, 2, 2),
        ("@kundin@social.example danke", 28, 28, 13, 28),
    ],
)
def test_each_platform_counts_in_its_own_way(text, x, bluesky, mastodon, reddit):
    platforms = (Platform.X, Platform.BLUESKY, Platform.MASTODON, Platform.REDDIT)
    assert [length_on(platform, text) for platform in platforms] == [x, bluesky, mastodon, reddit]
